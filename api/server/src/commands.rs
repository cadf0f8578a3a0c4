//! The commands and their arguments.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use plinth_config::{Loaded, Sources};
use plinth_graphql::Api;

use crate::{check, serve, token};

/// Plinth: an internal developer platform behind one GraphQL schema.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve(ConfigArguments),
    /// Print the configuration as it is read, without secrets, with the file and line of each key.
    Config(ConfigArguments),
    /// Print the GraphQL schema.
    Schema,
    /// Check catalog files without a server: one problem a line, exit code 1 where a document would be refused.
    Check(CheckArguments),
    /// Make, list and revoke tokens; a running server knows within a second.
    #[command(subcommand)]
    Token(token::TokenCommand),
}

#[derive(Args)]
struct CheckArguments {
    /// A file, a folder (all its .yaml and .yml files), or a glob.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
    /// A configuration file whose `catalog.rules` say which kinds may come; may be repeated. Without it every built-in
    /// kind may.
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ConfigArguments {
    /// A configuration file; may be repeated, later ones win. Without it: app-config.yaml in the current directory.
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Where SQLite keeps its data; before `backend.database.connection.directory`.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Runs the command that the arguments name.
pub(crate) async fn run() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::serve(arguments.load()?.config).await?,
        Command::Config(arguments) => say(&arguments.load()?.tree.printed())?,
        Command::Schema => say(&Api::sdl())?,
        Command::Token(command) => token::run(command).await?,
        Command::Check(CheckArguments { paths, json, config }) => {
            let config = ConfigArguments { config, data_dir: None };
            let config = if config.config.is_empty() { None } else { Some(config.load()?.config.catalog) };
            return check::check(&paths, config.as_ref(), json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output; a reader that went away is no error of ours.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done.context("standard output cannot be written"),
    }
}

/// Says what went wrong, with its causes, on standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = String::from("plinth: ");
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    text.push_str(&causes.join(": "));
    text.push('\n');
    // There is nobody left to tell when standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

// === impl ConfigArguments ===

impl ConfigArguments {
    pub(crate) fn load(self) -> Result<Loaded> {
        let directory = std::env::current_dir().context("the current directory cannot be found")?;
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let sources = Sources {
            files: self.config,
            data_dir: self.data_dir.map(|path| directory.join(path)),
            directory,
            environment: variables.collect(),
            default_data_dir: default_data_dir(),
        };
        Ok(plinth_config::load(&sources)?)
    }
}

/// `$XDG_DATA_HOME/plinth`, or its default.
fn default_data_dir() -> PathBuf {
    let home = || std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from).join(".local/share");
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| Path::new(path).is_absolute());
    data.unwrap_or_else(home).join("plinth")
}
