mod access;
mod fixture;
mod loading;
mod reading;
mod secrets;
