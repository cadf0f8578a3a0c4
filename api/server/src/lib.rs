//! The `plinth` binary: commands, HTTP, logs; wires the rooms together.

mod caller;
mod check;
mod commands;
mod connections;
mod graphiql;
mod http;
mod logs;
mod metrics;
mod seats;
mod serve;
mod sse;
mod token;
mod traces;
mod webhooks;
mod ws;

use std::process::ExitCode;

/// Stacks of the worker threads: a document is read by recursion.
const STACK: usize = 8 << 20;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    // The only one in the binary; it fails where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let done = runtime.block_on(commands::run());
        // What still reads a file or a URL has nobody to tell.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}
