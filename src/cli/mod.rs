//! Command line and exit code: sub-commands (`run_…`, `call_tool`, `list_tools`), flags and environment variables.

mod api_key_sources;
mod audit_log;
mod auth_flags;
mod build_server;
mod call_observer;
mod call_tool;
mod caller_limits;
mod certificate_authorities;
mod clients;
mod console_output;
mod doctor;
mod entry_keys;
mod environment_checks;
mod environment_findings;
mod global_flags;
mod http_limit_flags;
mod in_process_client;
mod install;
mod key_file;
mod key_list;
mod keyring_store;
mod list_tools;
mod listen_address;
mod logging;
mod new_token;
mod page_content;
mod policy_flags;
mod principal_handlers;
mod prometheus_metrics;
mod run_auth;
mod run_demo;
mod run_http;
mod run_sandbox;
mod run_stdio;
mod server_readiness;
mod shared_pauses;
mod shell_files;
mod span_exporter;
mod store_flags;
mod terminal_elicitation;
mod usage_error;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use environment_findings::EnvironmentFindings;
use global_flags::GlobalFlags;
use policy_flags::PolicyFlags;
use usage_error::WrongUsage;

/// The MCP server for Saki, the social-media scheduler
///
/// An MCP client such as Claude, Cursor or VS Code starts it. Its assistant then has every endpoint of Saki's API as a tool.
/// Without a command, it serves one client on standard input and output.
#[derive(Debug, Parser)]
#[command(
    name = "saki-mcp",
    version,
    max_term_width = 100,
    subcommand_help_heading = "Commands"
)]
#[command(after_help = short_help(), after_long_help = long_help())]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    global_flags: GlobalFlags,
    // Not global: a global flag after the command overrides the one before it, and no limit must be lost.
    #[command(flatten)]
    policy_flags: PolicyFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a real MCP client schedule posts in a simulated Saki
    ///
    /// It takes less than a second and needs no account, no key and no network.
    Demo,
    /// Serve one MCP client on standard input and output (the default)
    Stdio(PolicyFlags),
    /// Serve MCP clients over HTTP, by default only those on this machine
    ///
    /// Streamable HTTP is at /mcp, the older HTTP+SSE at /sse and /message, health checks are at /healthz and /readyz.
    Http(Box<run_http::RunHttp>),
    /// Make tokens for people who connect over HTTP
    Token(new_token::TokenCommand),
    /// Connect MCP clients such as Claude, Cursor or VS Code to this server
    ///
    /// Writes one entry into the configuration of each client and leaves everything else in it as it is.
    /// Every option of the server that is given too, such as --mode or --timezone, goes into the entry.
    #[command(after_help = install::EXAMPLES)]
    Install(Box<install::Install>),
    /// Print the tools as an MCP client sees them
    Tools(list_tools::ListTools),
    /// Call one tool from the shell
    ///
    /// Prints the result as JSON on standard output. Errors go to standard error.
    /// Exit codes: 0 if the tool succeeded, 1 if it failed, 2 if the command line or the JSON is invalid.
    #[command(after_help = CALL_EXAMPLES)]
    Call(call_tool::CallTool),
    /// Serve only the simulated Saki, to try API calls
    ///
    /// It speaks Saki's REST API at /api and keeps everything in memory.
    /// /_sandbox/clock sets its time, /_sandbox/faults makes requests fail, /_sandbox/log shows the requests it received.
    /// The flags under "Connection to Saki" have no effect here.
    Sandbox(run_sandbox::RunSandbox),
    /// Store the API key once for all clients, show where it comes from, or remove it
    ///
    /// The first of these that has a key wins: --api-key-file, SAKI_API_KEY_FILE, SAKI_API_KEY, the system's keyring, and
    /// the file saki-mcp/api-key in your configuration directory. "set" stores it in the keyring, or in that file.
    #[command(subcommand)]
    Auth(run_auth::Auth),
    /// Check the key, the network, the account and the MCP clients, and say how to mend what is wrong
    ///
    /// It takes at most ten seconds and changes nothing. Exit code 0 if no check has failed (✗).
    Doctor(doctor::Doctor),
    /// Print a completion script for a shell
    ///
    /// For bash: saki-mcp completions bash > ~/.local/share/bash-completion/completions/saki-mcp
    Completions(shell_files::PrintCompletions),
    /// Print the manual page, for man
    ///
    /// For this user: saki-mcp man > ~/.local/share/man/man1/saki-mcp.1
    Man(shell_files::PrintManPage),
}

impl Command {
    fn policy_flags(&self) -> Option<&PolicyFlags> {
        match self {
            Self::Stdio(policy_flags) => Some(policy_flags),
            Self::Http(run) => Some(&run.policy_flags),
            Self::Tools(list) => Some(&list.policy_flags),
            Self::Call(call) => Some(&call.policy_flags),
            Self::Install(install) => Some(&install.policy_flags),
            Self::Doctor(doctor) => Some(&doctor.policy_flags),
            // The sandbox alone needs no policy, and the others call no tool.
            Self::Demo
            | Self::Sandbox(_)
            | Self::Auth(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Token(_) => None,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  saki-mcp demo                 watch it work; no account needed
  saki-mcp install              connect Claude, Cursor, VS Code or another client
  saki-mcp --sandbox            an MCP server for a simulated Saki
  SAKI_API_KEY=... saki-mcp     an MCP server for your Saki
  saki-mcp http                 the same over HTTP, for clients on this machine
  saki-mcp call list_spaces     call one tool from the shell";

const CALL_EXAMPLES: &str = r#"Examples:
  saki-mcp call list_spaces
  saki-mcp --sandbox call list_accounts '{"space_id": 1}'
  saki-mcp --sandbox call create_post - < post.json"#;

const CONNECT: &str = r#"Connect a client:
  claude mcp add saki -- saki-mcp --api-key-file ~/.config/saki/key

  or, in the configuration of Claude Desktop, Cursor and most others:
  {"mcpServers": {"saki": {
    "command": "saki-mcp",
    "env": {"SAKI_API_KEY": "YOUR_API_KEY"}
  }}}

  If the client does not find saki-mcp, put its full path into "command"."#;

const ENVIRONMENT: &str = "\
Environment:
  SAKI_API_KEY                  your API key, from Settings > API in Saki (saki-mcp auth set stores it instead)
  SAKI_...                      each option above has its own variable
  HTTPS_PROXY, NO_PROXY         the proxy for requests to Saki, e.g. http://user:password@proxy.internal:3128
  SSL_CERT_FILE                 the certificate authorities that are trusted, in PEM

Exit codes: 0 success, 1 failure, 2 wrong usage.";

fn short_help() -> String {
    format!("{EXAMPLES}\n\nAll options, and how to connect a client: saki-mcp --help")
}

fn long_help() -> String {
    format!(
        "{CONNECT}\n\n{EXAMPLES}\n  saki-mcp --sandbox call list_accounts '{{\"space_id\": 1}}'\n\n{ENVIRONMENT}"
    )
}

/// Runs the command line and returns the exit code.
pub fn main() -> ExitCode {
    let command = Cli::command();
    let variables = environment_checks::variables(&command);
    let is_harmless = |arg: &Arg| {
        arg.get_env().is_some_and(|variable| {
            !PolicyFlags::is_limit(variable) && variable != global_flags::MEDIA_DIR
        })
    };
    let (arguments, unfilled_flags) =
        environment_checks::without_unfilled(std::env::args_os(), &command, is_harmless);
    let parsed = environment_checks::ignore_unset(command)
        .try_get_matches_from(arguments)
        .and_then(|matches| {
            let mut cli = Cli::from_arg_matches(&matches)?;
            if let Some(Command::Install(install)) = &mut cli.command {
                install.matches = matches;
            }
            if let Some(Command::Http(http)) = &cli.command {
                let refuse = |why| Cli::command().error(ErrorKind::ValueValidation, why);
                http.check().map_err(refuse)?;
            }
            Ok(cli)
        });
    let parsed = parsed.and_then(|cli| Ok((cli, PolicyFlags::from_environment()?)));
    let (cli, from_environment) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => explain_key_flag(error).exit(),
    };
    match run(cli, from_environment, &variables, &unfilled_flags) {
        Ok(code) => code,
        Err(error) => {
            console_output::print_error(&error);
            match error.is::<WrongUsage>() {
                true => ExitCode::from(2),
                false => ExitCode::FAILURE,
            }
        }
    }
}

/// Adds a hint to the error about a flag that would take the key.
fn explain_key_flag(mut error: clap::Error) -> clap::Error {
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.as_str(),
        _ => "",
    };
    if matches!(flag, "--api-key" | "--key" | "--token") {
        let hint = "put the key into the environment variable SAKI_API_KEY, or store it with saki-mcp auth set; a flag would be visible in the process list";
        let hints = vec![StyledStr::from(hint)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(hints));
    }
    error
}

fn run(
    cli: Cli,
    from_environment: PolicyFlags,
    variables: &BTreeSet<String>,
    unfilled_flags: &[String],
) -> anyhow::Result<ExitCode> {
    let Cli {
        command,
        global_flags: mut flags,
        policy_flags: before_command,
    } = cli;
    flags.policy_flags = vec![from_environment, before_command];
    let after_command = command.as_ref().and_then(Command::policy_flags);
    flags.policy_flags.extend(after_command.cloned());
    let is_interactive = matches!(
        command,
        Some(
            Command::Demo
                | Command::Tools(_)
                | Command::Call(_)
                | Command::Install(_)
                | Command::Auth(_)
                | Command::Doctor(_)
                | Command::Completions(_)
                | Command::Man(_)
                | Command::Token(_)
        )
    );
    let is_doctor = matches!(command, Some(Command::Doctor(_)));
    let (level, rmcp_level) = match is_interactive {
        // Its findings say all that the log would.
        true if is_doctor => (LevelFilter::ERROR, LevelFilter::OFF),
        true => (LevelFilter::WARN, LevelFilter::OFF),
        false => (LevelFilter::INFO, LevelFilter::WARN),
    };
    let levels = Targets::new().with_default(level);
    let levels = levels.with_target("rmcp", rmcp_level);
    logging::init_logging(flags.log.clone().unwrap_or(levels), flags.log_format);
    let mut findings = environment_findings::find(variables, unfilled_flags);
    let reported = match is_doctor {
        true => EnvironmentFindings::default(),
        false => std::mem::take(&mut findings),
    };
    for warning in reported.warnings {
        tracing::warn!("{warning}");
    }
    // A limit means nothing to a command that calls no tool.
    let is_limited = !matches!(
        command,
        Some(Command::Auth(_) | Command::Completions(_) | Command::Man(_) | Command::Token(_))
    );
    if let Some(problem) = (reported.problems.into_iter()).find(|_| is_limited) {
        bail!("{problem}");
    }
    let runtime = runtime(matches!(
        command,
        Some(Command::Http(_) | Command::Sandbox(_))
    ))?;
    let outcome = runtime.block_on(async {
        match command {
            None | Some(Command::Stdio(_)) => run_stdio::run(&flags).await,
            Some(Command::Http(http)) => http.run(&flags).await,
            Some(Command::Sandbox(sandbox)) => sandbox.run().await,
            Some(Command::Token(token)) => token.run(&flags),
            Some(Command::Demo) => run_demo::run(&flags).await,
            Some(Command::Tools(tools)) => tools.run(&flags).await,
            Some(Command::Call(call)) => call.run(&flags).await,
            Some(Command::Auth(auth)) => auth.run(&flags),
            Some(Command::Doctor(doctor)) => doctor.run(&flags, findings).await,
            Some(Command::Completions(completions)) => completions.run(Cli::command()),
            Some(Command::Man(page)) => page.run(Cli::command()),
            Some(Command::Install(install)) => install.run(&flags),
        }
    });
    // A plain drop would wait for a blocked read of the terminal.
    runtime.shutdown_timeout(std::time::Duration::from_millis(50));
    outcome
}

/// Two worker threads for HTTP. One client needs only one thread, which saves a hand-over per call.
fn runtime(is_multi_threaded: bool) -> anyhow::Result<Runtime> {
    let mut builder = match is_multi_threaded {
        true => Builder::new_multi_thread(),
        false => Builder::new_current_thread(),
    };
    // A current-thread runtime ignores the number of workers.
    let runtime = builder.worker_threads(2).enable_all().build();
    runtime.context("the runtime could not be started")
}
