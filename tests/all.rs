//! Black-box tests: they start the real binary on real databases and speak to it over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]

mod app;
mod breaking;
mod catalog;
mod changes;
mod check;
mod clients;
mod config;
mod failures;
mod filters;
mod graph;
mod graphiql;
mod guard;
mod hostile;
mod http;
mod kills;
mod metrics;
mod pages;
mod raw;
mod registration;
mod replicas;
mod sample;
mod schema;
mod script;
mod search;
mod sockets;
mod streams;
mod tidy;
mod tokens;
mod traces;
mod transport;
mod walk;
mod web;
