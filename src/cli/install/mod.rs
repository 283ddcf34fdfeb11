//! `saki-mcp install`: writes one entry into the configuration of MCP clients, or takes it out, and leaves all else as it is.

mod choose_clients;
mod edit_configuration;
mod edit_json;
mod edit_toml;
mod edit_yaml;
mod entry_merge;
mod entry_plan;
mod install_entry;
mod line_position;
mod masked_text;
mod removal;
mod replace_file;
mod running_client;
mod server_flags;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgMatches, Args, Command, CommandFactory, ValueEnum};
use url::Url;

use super::clients::{ConfigurationFile, McpClient, Platform, PlatformFlag, named};
use super::console_output;
use super::global_flags::GlobalFlags;
use super::key_file;
use super::policy_flags::{self, PolicyFlags};
use super::usage_error::{WrongUsage, wrong_usage};
use server_flags::FlagWords;

/// Which of a client's files is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConfigScope {
    /// Yours, for all folders
    User,
    /// The current folder's, which others get through its repository
    Project,
}

#[derive(Debug, Args)]
pub(super) struct Install {
    /// Client to write to, e.g. "claude-desktop,cursor"
    ///
    /// Repeatable, or separate several with commas. Without it, the clients found on this machine are listed, and on a terminal you are asked.
    /// The names are claude-desktop, claude-code, cursor, vscode, vscode-insiders, devin (or windsurf), zed, codex, gemini, opencode, goose, cline,
    /// amp, lm-studio, warp, junie, copilot-cli, kiro, antigravity and jetbrains.
    #[arg(long = "client", value_name = "NAME", value_delimiter = ',')]
    clients: Vec<String>,
    /// Show what would change, and write nothing; keys are masked
    #[arg(long, conflicts_with = "print")]
    dry_run: bool,
    /// Print the entry to paste it yourself, and write nothing
    #[arg(long, conflicts_with = "remove")]
    print: bool,
    /// Take the entry out again; the rest of the file stays byte for byte
    #[arg(long)]
    remove: bool,
    /// Replace or remove an entry of the same name that starts something else
    ///
    /// Without it, such an entry is shown and stays. An entry that starts saki-mcp is updated in any case, and its limits stay.
    #[arg(long)]
    force: bool,
    /// File to write: user for all your folders, project for the current one
    ///
    /// A project's file is shared through its repository, and most clients ask before they use it.
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t = ConfigScope::User, hide_possible_values = true)]
    scope: ConfigScope,
    /// Let the client connect to a running server, e.g. http://127.0.0.1:8790/mcp
    ///
    /// By default, the client starts the server itself.
    #[arg(long, value_name = "URL", value_parser = http_url)]
    http: Option<Url>,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
    #[command(flatten)]
    platform: PlatformFlag,
    /// The parsed command line, from which the settings go into the entry as they were given.
    #[arg(skip)]
    pub(super) matches: ArgMatches,
}

/// Examples for the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  saki-mcp install                                    list the clients found here and ask
  saki-mcp install --client claude-code,cursor        write to two of them
  saki-mcp install --client cursor --dry-run          see what would change
  saki-mcp install --client zed --mode drafts-only    with a limit; every option of the server goes into the entry
  saki-mcp --sandbox install --client cursor          a simulated Saki, as \"saki-sandbox\"
  saki-mcp install --remove --client cursor           take it out again

The entry holds no key: the server finds it by itself (saki-mcp auth set).
Before a file is replaced, a copy is written beside it, ending in .saki-mcp.bak.
The variable SAKI_INSTALL_PLATFORM (linux, macos, windows, wsl) chooses the paths of another system,
below HOME, APPDATA and LOCALAPPDATA; it is for tests.

Exit codes: 0 all clients are as asked, 1 at least one is not, 2 wrong usage.";

/// What all clients of one run have in common.
struct WantedEntry<'a> {
    options: &'a Install,
    platform: &'a Platform,
    /// The name of the entry.
    name: &'a str,
    /// Settings that were given now.
    settings: &'a [FlagWords],
    binary: &'a Path,
    command: &'a Command,
}

/// A file that a client reads, and the entry's form in it.
struct Target {
    client: &'static McpClient,
    file: ConfigurationFile,
    is_shared: bool,
}

impl Install {
    pub(super) fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let command = super::Cli::command();
        let name = server_name(flags)?;
        let settings = server_flags::given(&command, &self.matches, self.http.is_none())
            .map_err(WrongUsage)?;
        self.check_settings(flags, &settings)?;
        let sandbox = flags.sandbox.then(|| FlagWords::of("--sandbox", None));
        let own_name = flags
            .name
            .is_some()
            .then(|| FlagWords::of("--name", Some(&name)));
        let settings: Vec<FlagWords> = sandbox
            .into_iter()
            .chain(own_name)
            .chain(settings)
            .collect();
        let platform = Platform::new(&self.platform)?;
        let binary = entry_plan::stable_binary()?;
        let wanted = WantedEntry {
            options: &self,
            platform: &platform,
            name: &name,
            settings: &settings,
            binary: &binary,
            command: &command,
        };
        let clients = match self.clients.is_empty() {
            true if self.print => {
                vec![McpClient::find("claude-desktop").context("no client is known")?]
            }
            true => match choose_clients::found(&wanted)? {
                Some(clients) => clients,
                None => return Ok(ExitCode::SUCCESS),
            },
            false => named(&self.clients)?,
        };
        if let Some(warning) =
            entry_plan::short_lived(&binary).filter(|_| !self.remove && self.http.is_none())
        {
            eprint_line(&format!("Warning: {warning}"));
        }
        let mut is_complete = true;
        let mut has_changed = false;
        for client in clients {
            match wanted.apply(client) {
                Ok(changed) => has_changed |= changed,
                Err(error) => {
                    is_complete = false;
                    console_output::print_error(&error.context(client.title));
                }
            }
        }
        if has_changed && !self.remove && !self.dry_run {
            console_output::print_result(&self.closing_words(flags))?;
        }
        Ok(match is_complete {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    /// Settings with which the server would not start are no settings for an entry.
    fn check_settings(&self, flags: &GlobalFlags, settings: &[FlagWords]) -> anyhow::Result<()> {
        if self.remove {
            return Ok(());
        }
        if let (Some(_), Some(setting)) = (&self.http, settings.first()) {
            let words = setting.words.join(" ");
            let problem = format!(
                "{words} cannot be used with --http: a client that connects to a running server cannot set its options. Give them to `saki-mcp http`"
            );
            return Err(wrong_usage(problem));
        }
        let timezone = flags.timezone_or_system();
        policy_flags::policy(&flags.policy_flags, timezone.as_ref())?;
        match &flags.api_key_file {
            Some(file) if !file.is_file() => Err(wrong_usage(key_file::missing(file))),
            _ => Ok(()),
        }
    }

    fn closing_words(&self, flags: &GlobalFlags) -> String {
        let ask = "Then ask in the chat: \"Which spaces and accounts do I have in Saki, and what is scheduled this week?\"";
        match flags.sandbox || self.http.is_some() {
            true => ask.to_owned(),
            false => format!(
                "{ask}\nThe entry needs no key: `saki-mcp auth status` shows whether the server finds one, `saki-mcp auth set` stores it."
            ),
        }
    }
}

impl WantedEntry<'_> {
    /// Does to one client what was asked. Whether something was changed.
    fn apply(&self, client: &'static McpClient) -> anyhow::Result<bool> {
        let targets = self.targets(client)?;
        if self.options.print || targets.is_empty() {
            return self.print(client, targets.first());
        }
        let mut has_changed = false;
        for target in &targets {
            let path = target.file.path.display().to_string();
            let changed = match self.options.remove {
                true => removal::remove(self, target),
                false => install_entry::write(self, target),
            };
            has_changed |= changed.context(path)?;
        }
        Ok(has_changed)
    }

    fn targets(&self, client: &'static McpClient) -> anyhow::Result<Vec<Target>> {
        let files = match self.options.scope {
            ConfigScope::User => (client.user_files)(self.platform)?,
            ConfigScope::Project => vec![self.project_file(client)?],
        };
        let is_shared = self.options.scope == ConfigScope::Project;
        let target = |file| Target {
            client,
            file,
            is_shared,
        };
        Ok(files.into_iter().map(target).collect())
    }

    fn project_file(&self, client: &McpClient) -> anyhow::Result<ConfigurationFile> {
        let folder = std::env::current_dir().context("the current folder")?;
        let Some(path) = client.project_path(&folder) else {
            bail!("it has no configuration for a single project. Leave out --scope project");
        };
        Ok(ConfigurationFile::of_project(path, folder))
    }

    /// Prints the entry for pasting.
    fn print(&self, client: &'static McpClient, target: Option<&Target>) -> anyhow::Result<bool> {
        if self.options.remove {
            eprint_line(&format!(
                "{}: take the entry {:?} out in its settings.",
                client.title, self.name
            ));
            return Ok(false);
        }
        let file = target.map(|target| target.file.clone()).unwrap_or_default();
        let pasted = Target {
            client,
            file,
            is_shared: target.is_some_and(|target| target.is_shared),
        };
        match target {
            Some(target) => eprint_line(&format!(
                "For {}, in {}:",
                client.title,
                target.file.path.display()
            )),
            None => eprint_line(&format!(
                "{} keeps its servers where no program can write. {}",
                client.title, client.after_change
            )),
        }
        let snippet = install_entry::snippet(self, &pasted)?;
        console_output::print_result(snippet.trim_end())?;
        Ok(false)
    }
}

/// Tells something that is no result.
fn eprint_line(text: &str) {
    use std::io::Write;
    // There is nowhere else to report that stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether every client takes the name of an entry: they make prefixes of tool names from it, and some split these at an underscore.
fn is_entry_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(is_plain)
}

/// The name of the entry.
fn server_name(flags: &GlobalFlags) -> anyhow::Result<String> {
    let default = if flags.sandbox {
        "saki-sandbox"
    } else {
        "saki"
    };
    let name = flags.name.as_deref().unwrap_or(default);
    if !is_entry_name(name) {
        return Err(wrong_usage(format!(
            "--name {name:?}: in the configuration of a client, a name has up to 40 letters, digits and dashes"
        )));
    }
    if name.eq_ignore_ascii_case("workspace") {
        return Err(wrong_usage(
            "--name workspace: Claude Code keeps this name for itself. Choose another".to_owned(),
        ));
    }
    Ok(name.to_owned())
}

/// The address of a running server. A password in it would stand in every configuration.
fn http_url(text: &str) -> Result<Url, &'static str> {
    let url =
        Url::parse(text.trim()).map_err(|_| "expected a URL such as http://127.0.0.1:8790/mcp")?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    match (
        is_http,
        url.username().is_empty() && url.password().is_none(),
    ) {
        (false, _) => Err("expected a URL that starts with http:// or https://"),
        (true, false) => {
            Err("a password in the URL would stand in the configuration; leave it out")
        }
        (true, true) => Ok(url),
    }
}
