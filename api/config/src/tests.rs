mod access;
mod fixture;
mod github;
mod loading;
mod people;
mod reading;
mod secrets;
