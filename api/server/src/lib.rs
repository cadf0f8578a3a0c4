//! The plinth binary: commands, HTTP, logs.
