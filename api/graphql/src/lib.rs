//! The GraphQL schema: a file per noun, roots that only merge.
//!
//! [`Api`] executes requests. Each takes one snapshot of the catalog at its start, and every field reads that one.
#![recursion_limit = "256"]

mod answer;
mod api;
mod argument;
mod entity;
mod error;
mod filter;
mod found;
mod graph;
pub mod guard;
mod location;
mod mutation;
mod node;
mod nulls;
mod operation;
mod page;
mod problem;
mod query;
mod registration;
mod relation;
mod rights;
mod scalar;
mod server;
mod shared;
mod source;
mod stream;
mod subscription;
mod sync;
mod user_error;
mod validation;
mod viewer;

pub use answer::Answer;
pub use api::{Admitted, Api, Context, Kind, Request};
pub use server::ServerInfo;
