mod access;
mod fixture;
mod github;
mod loading;
mod reading;
mod secrets;
