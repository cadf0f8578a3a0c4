//! The `plinth` binary: commands, HTTP, logs; wires the rooms together.

mod commands;
mod graphiql;
mod http;
mod logs;
mod serve;

use std::process::ExitCode;

/// Stacks of the worker threads: a document is read by recursion.
const STACK: usize = 8 << 20;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(commands::run()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}
