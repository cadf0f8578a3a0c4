//! Black-box tests: they start the real binary on real databases and speak to it over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]

mod app;
mod catalog;
mod check;
mod config;
mod failures;
mod graphiql;
mod guard;
mod http;
mod pages;
mod raw;
mod registration;
mod sample;
mod schema;
mod script;
mod sockets;
mod streams;
mod tidy;
mod web;
