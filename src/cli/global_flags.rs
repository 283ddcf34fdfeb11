//! Global flags, with their environment variables and defaults: a flag takes precedence over its environment variable.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use jiff::tz::TimeZone;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::environment_checks;
use super::logging::LogFormat;
use super::policy_flags::PolicyFlags;
use crate::saki::BaseUrl;
use crate::tools::Confirm;
use crate::write::media::expand_home;
use crate::write::media::fetch::{FetchOptions, NetworkScope};
use crate::write::quote_text::unquoted;
use crate::write::when;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection to Saki")]
pub(super) struct GlobalFlags {
    /// File that holds the API key; overrides the variable SAKI_API_KEY
    ///
    /// No flag takes the key itself, because it would be visible in the process list. Create a key in Saki under Settings > API.
    #[arg(long, global = true, value_name = "PATH", env = "SAKI_API_KEY_FILE", value_parser = path())]
    pub(super) api_key_file: Option<PathBuf>,
    /// Use a simulated Saki in memory: no account, no key, nothing is published
    #[arg(long, global = true, env = "SAKI_SANDBOX", value_parser = boolean)]
    pub(super) sandbox: bool,
    /// Name by which the server introduces itself, so that clients tell two of them apart
    ///
    /// By default, this is saki, and saki-sandbox with --sandbox.
    #[arg(long, global = true, value_name = "NAME", env = "SAKI_NAME", value_parser = server_name, help_heading = "Behaviour", hide_short_help = true)]
    pub(super) name: Option<String>,
    /// Address of Saki's API
    ///
    /// Plain http:// is accepted only for this machine, because it would send your key unencrypted.
    #[arg(long, global = true, value_name = "URL", env = "SAKI_BASE_URL", default_value = BaseUrl::DEFAULT, value_parser = BaseUrlParser, hide_short_help = true)]
    pub(super) base_url: BaseUrl,
    /// File of certificate authorities to trust beside those of the system, in PEM or DER
    ///
    /// For a company network whose proxy inspects TLS. SSL_CERT_FILE works too; on Linux, it stands in place of the system's.
    #[arg(long, global = true, value_name = "PATH", env = "SAKI_CA_CERT", value_parser = path(), hide_short_help = true)]
    pub(super) ca_cert: Option<PathBuf>,
    /// Time limit for one request to Saki, from 1s to 10m, e.g. "45s"
    ///
    /// Uploads have 15 minutes.
    #[arg(long, global = true, value_name = "TIME", env = "SAKI_TIMEOUT", default_value = "30s", value_parser = timeout, hide_short_help = true)]
    pub(super) timeout: Duration,
    /// Time zone of times without one, e.g. "Europe/Berlin"
    ///
    /// By default, this is the time zone of the system, unless that is UTC.
    /// Over HTTP there is no default: every time must come with its time zone.
    #[arg(long, global = true, value_name = "ZONE", env = "SAKI_TIMEZONE", value_parser = when::zone, help_heading = "Behaviour")]
    pub(super) timezone: Option<TimeZone>,
    /// Directory whose files may be uploaded by path
    ///
    /// Repeatable. In the variable, separate several directories as in PATH.
    /// By default, this is your home directory without its hidden directories. Over HTTP, no file is read by path.
    #[arg(long = "media-dir", global = true, value_name = "PATH", env = MEDIA_DIR, value_delimiter = PATH_SEPARATOR, value_parser = path().try_map(directory), help_heading = "Behaviour", hide_short_help = true)]
    pub(super) media_dirs: Vec<PathBuf>,
    /// Whether a person confirms actions that cannot be undone: auto, never or always
    ///
    /// These actions are: publishing at once, planning a published post again, deleting a space or a published post, turning a published post into a draft, disconnecting an account, and removing accounts from a cluster.
    /// If the client cannot ask a person: with auto, the assistant itself confirms with a second call; with always, the action is refused.
    /// With never, nobody is asked.
    #[arg(long, global = true, value_name = "MODE", env = "SAKI_CONFIRM", default_value = "auto", value_parser = Confirm::from_str, help_heading = "Behaviour")]
    pub(super) confirm: Confirm,
    /// Also fetch media from private network addresses; for test setups only
    ///
    /// By default, the `url` of a file must lead to a public host, so that an assistant cannot probe your network (SSRF).
    #[arg(long, global = true, env = "SAKI_ALLOW_PRIVATE_URLS", value_parser = boolean, help_heading = "Behaviour", hide_short_help = true)]
    pub(super) allow_private_urls: bool,
    /// Log level on standard error: error, warn, info, debug, trace or off
    ///
    /// Modules can have their own level, e.g. "info,rmcp=debug". At debug and trace, the log contains texts of your posts. It never contains the key.
    /// The default is info,rmcp=warn for stdio, http and sandbox, error,rmcp=off for doctor, and warn,rmcp=off for the others.
    #[arg(long, global = true, value_name = "LEVEL", env = "SAKI_LOG", value_parser = log_levels, help_heading = "Behaviour", hide_short_help = true)]
    pub(super) log: Option<Targets>,
    /// Form of the log: text, or json for one object a line
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "SAKI_LOG_FORMAT",
        default_value = "text",
        hide_possible_values = true,
        help_heading = "Behaviour",
        hide_short_help = true
    )]
    pub(super) log_format: LogFormat,
    /// The policy flags of every place where they can be set. All of them hold.
    #[arg(skip)]
    pub(super) policy_flags: Vec<PolicyFlags>,
}

/// The variable of `--media-dir`. Left unfilled, it opens no directory at all.
pub(super) const MEDIA_DIR: &str = "SAKI_MEDIA_DIR";

const PATH_SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

impl GlobalFlags {
    /// The same flags for the sandbox, where no policy is needed.
    pub(super) fn in_sandbox(&self) -> Self {
        Self {
            sandbox: true,
            policy_flags: Vec::new(),
            ..self.clone()
        }
    }

    /// The time zone of the flag, else of the system unless that is UTC.
    pub(super) fn timezone_or_system(&self) -> Option<TimeZone> {
        self.timezone.clone().or_else(|| {
            let system = TimeZone::try_system().ok()?;
            let name = system.iana_name()?;
            let is_utc = matches!(
                name,
                "UTC"
                    | "Etc/UTC"
                    | "Etc/UCT"
                    | "UCT"
                    | "Zulu"
                    | "Etc/Zulu"
                    | "Etc/Unknown"
                    | "GMT"
                    | "Etc/GMT"
            );
            (!is_utc).then_some(system.clone())
        })
    }

    /// The directories of the flag, else the home directory.
    pub(super) fn media_dirs_or_home(&self) -> Vec<PathBuf> {
        match self.media_dirs.is_empty() {
            true if environment_checks::unfilled(MEDIA_DIR).is_some() => Vec::new(),
            true => std::env::home_dir().into_iter().collect(),
            false => {
                let mut named = self.media_dirs.clone();
                named.retain(|directory| !directory.as_os_str().is_empty());
                named
            }
        }
    }

    /// Where media may be fetched from: the setting of the SSRF guard.
    pub(super) fn fetch_options(&self) -> FetchOptions {
        let scope = match self.allow_private_urls {
            true => NetworkScope::Everywhere,
            false => NetworkScope::Public,
        };
        FetchOptions {
            scope,
            ..FetchOptions::default()
        }
    }
}

/// Parses the base URL. Its errors do not repeat the URL, because it may contain a password or a key.
#[derive(Debug, Clone)]
struct BaseUrlParser;

impl TypedValueParser for BaseUrlParser {
    type Value = BaseUrl;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<BaseUrl, clap::Error> {
        BaseUrl::new(&value.to_string_lossy()).map_err(|why| {
            clap::Error::raw(ErrorKind::ValueValidation, format!("--base-url: {why}\n"))
                .with_cmd(command)
        })
    }
}

/// A directory, or a path where none is yet: a drive may be connected later.
fn directory(path: PathBuf) -> Result<PathBuf, &'static str> {
    match path.exists() && !path.is_dir() {
        true => Err("not a directory"),
        false => Ok(path),
    }
}

/// Clients make prefixes of tool names from it.
fn server_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(is_plain);
    fits.then(|| name.to_owned())
        .ok_or("expected up to 64 letters, digits, dashes, underscores and dots")
}

fn timeout(text: &str) -> Result<Duration, &'static str> {
    let allowed = Duration::from_secs(1)..=Duration::from_secs(600);
    duration(text)
        .filter(|time| allowed.contains(time))
        .ok_or("expected a time from 1s to 10m, e.g. \"30s\" or \"2m\"")
}

/// Parses a duration such as `90`, `30s` or `2m`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let duration = text.parse::<jiff::SignedDuration>().ok()?;
            Duration::try_from(duration).ok()
        }
    }
}

/// Parses a path and expands the home directory.
pub(super) fn path() -> impl TypedValueParser<Value = PathBuf> {
    let expand = |text: OsString| match text.to_str() {
        Some(text) => expand_home(unquoted(text)),
        None => PathBuf::from(text),
    };
    OsStringValueParser::new().map(expand)
}

pub(super) fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("expected true or false"),
    }
}

/// A word without `=` must be a level. `tracing` would take it for a module and turn off everything else.
fn log_levels(text: &str) -> Result<Targets, &'static str> {
    const EXPECTED: &str =
        "expected error, warn, info, debug, trace or off, or a list such as \"info,rmcp=debug\"";
    let mut words = text.split(',').filter(|word| !word.contains('='));
    match words.all(|word| word.trim().parse::<LevelFilter>().is_ok()) {
        true => text.parse().map_err(|_| EXPECTED),
        false => Err(EXPECTED),
    }
}
