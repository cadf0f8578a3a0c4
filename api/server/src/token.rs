//! `plinth token`: makes, lists and revokes tokens in the database, beside a running server or before its first start.

use std::{fmt::Write, time::Duration};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand, ValueEnum};
use plinth_auth::{Auth, Caller, Config as AuthConfig, NewToken, Scope, Token};
use plinth_config::Config;
use plinth_model::{EntityRef, iso_duration};
use plinth_storage::{Config as Database, Db, now};

use crate::commands::{ConfigArguments, say};

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once: only its hash is stored.
    Create {
        #[command(flatten)]
        token: NewTokenArguments,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// List all tokens without their texts.
    List {
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Revoke a token; a running server knows within a second.
    Revoke {
        /// Its name or its id.
        #[arg(value_name = "NAME|ID")]
        token: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

#[derive(Args)]
pub(crate) struct NewTokenArguments {
    /// A name that no other token has: letters, digits, `-`, `_` and `.`.
    #[arg(long)]
    name: String,
    /// What it allows.
    #[arg(long)]
    scope: ScopeArgument,
    /// The User that it stands for, with its groups; without it, it stands for the service NAME.
    #[arg(long = "as", value_name = "user:default/NAME")]
    holder: Option<EntityRef>,
    /// How long it lives: `45m`, `12h`, `30d`, `2w`, or ISO 8601 as `P30D`; for ever when left out.
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    expires_in: Option<Duration>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeArgument {
    Read,
    Write,
}

/// Runs a command.
pub(crate) async fn run(command: TokenCommand) -> Result<()> {
    // Who may run commands on the database may do everything with it.
    let caller = Caller::system();
    match command {
        TokenCommand::Create { token, config } => {
            let NewTokenArguments { name, scope, holder, expires_in } = token;
            let scope = match scope {
                ScopeArgument::Read => Scope::Read,
                ScopeArgument::Write => Scope::Write,
            };
            let (auth, db) = open(config.load()?.config).await?;
            let secret = auth.create(&caller, NewToken { name, scope, holder, expires_in }, now()).await?;
            db.close().await;
            say(&format!("{}\n", secret.reveal()))
        }
        TokenCommand::List { config } => {
            let (auth, db) = open(config.load()?.config).await?;
            let tokens = auth.list(&caller).await?;
            db.close().await;
            say(&table(&tokens, now()))
        }
        TokenCommand::Revoke { token, config } => {
            let (auth, db) = open(config.load()?.config).await?;
            let name = auth.revoke(&caller, &token).await?;
            db.close().await;
            say(&format!("revoked `{name}`\n"))
        }
    }
}

/// Takes no lock: a server may run on the same data.
async fn open(config: Config) -> Result<(Auth, Db)> {
    let database = config.backend.database;
    if matches!(database, Database::Temporary) {
        bail!("the database is `:memory:`, which a token would not outlive; name another, or a `--data-dir`");
    }
    let db = Db::open(&database).await.context("the tokens cannot be reached")?;
    Ok((Auth::new(db.clone(), AuthConfig::default()), db))
}

fn table(tokens: &[Token], now: DateTime<Utc>) -> String {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut rows = vec![["NAME", "SCOPE", "SUBJECT", "CREATED", "EXPIRES", "ID"].map(str::to_owned)];
    rows.extend(tokens.iter().map(|Token { id, created_at, grant }| {
        let expires = match grant.expires_at {
            None => "never".to_owned(),
            Some(at) if at <= now => format!("{} (expired)", time(at)),
            Some(at) => time(at),
        };
        let (name, scope) = (grant.name.clone(), grant.scope.to_string());
        [name, scope, grant.subject(), time(*created_at), expires, id.to_string()]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let line = row.iter().zip(widths).fold(String::new(), |mut line, (cell, width)| {
            // Writing to a string does not fail.
            let _ = write!(line, "{cell:width$}  ");
            line
        });
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Reads `30d` or `P30D`.
fn lifetime(text: &str) -> Result<Duration, String> {
    let seconds = |unit: &str| match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        "w" => Some(7 * 86_400),
        _ => None,
    };
    let short = || {
        let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
        Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds(unit)?)?))
    };
    let lifetime = short().or_else(|| iso_duration(text)).filter(|it| !it.is_zero());
    lifetime
        .ok_or_else(|| "expected a number with `s`, `m`, `h`, `d` or `w`, as `30d`, or ISO 8601 as `P30D`".to_owned())
}
