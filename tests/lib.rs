//! Nothing but the tests in `all.rs`.
