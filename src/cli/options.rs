//! The options that all commands share; nothing else reads the environment.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use jiff::tz::TimeZone;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::environment;
use super::limits::Limits;
use crate::saki::{BaseUrl, Key};
use crate::tools::Confirm;
use crate::write::media::fetch::{FetchOptions, NetworkScope};
use crate::write::when;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection to Saki")]
pub(super) struct Options {
    /// File that holds the API key, in place of the variable SAKI_API_KEY
    ///
    /// No flag takes the key itself: it would show in the list of processes. Make a key in Saki under Settings > API.
    #[arg(long, global = true, value_name = "PATH", env = "SAKI_API_KEY_FILE", value_parser = path())]
    api_key_file: Option<PathBuf>,
    /// Use an invented Saki in memory: no account, no key, nothing is published
    #[arg(long, global = true, env = "SAKI_SANDBOX", value_parser = yes_or_no)]
    pub(super) sandbox: bool,
    /// Address of Saki's API
    ///
    /// Plain http:// is taken only for this machine: elsewhere it would send your key in the clear.
    #[arg(long, global = true, value_name = "URL", env = "SAKI_BASE_URL", default_value = BaseUrl::DEFAULT, value_parser = Address, hide_short_help = true)]
    pub(super) base_url: BaseUrl,
    /// Longest that one request to Saki may take, from 1s to 10m, e.g. "45s"
    ///
    /// Uploads have 15 minutes.
    #[arg(long, global = true, value_name = "TIME", env = "SAKI_TIMEOUT", default_value = "30s", value_parser = timeout, hide_short_help = true)]
    pub(super) timeout: Duration,
    /// Time zone of times that name none, e.g. "Europe/Berlin"
    ///
    /// Without it: the zone of this system, unless that is UTC; none over HTTP, where every time must name its own.
    #[arg(long, global = true, value_name = "ZONE", env = "SAKI_TIMEZONE", value_parser = when::zone, help_heading = "Behaviour")]
    pub(super) timezone: Option<TimeZone>,
    /// Folder whose files may be uploaded by their path
    ///
    /// Repeatable; in the variable, several are separated as in PATH.
    /// Without it: your home directory without its hidden folders. Over HTTP no file is ever read by path.
    #[arg(long = "media-dir", global = true, value_name = "PATH", env = "SAKI_MEDIA_DIR", value_delimiter = LIST, value_parser = path().try_map(folder), help_heading = "Behaviour", hide_short_help = true)]
    pub(super) media_dirs: Vec<PathBuf>,
    /// Whether a person is asked before what cannot be taken back: auto, never or always
    ///
    /// That is publishing at once, deleting a space or a published post or making a draft of it, disconnecting an account, and taking accounts out of a cluster.
    /// With auto, a client that cannot ask has the assistant confirm by a second call, which involves no person; with always, such a client is refused.
    #[arg(long, global = true, value_name = "MODE", env = "SAKI_CONFIRM", default_value = "auto", value_parser = Confirm::from_str, help_heading = "Behaviour")]
    pub(super) confirm: Confirm,
    /// Fetch media from private addresses too: for a lab, not for daily work
    ///
    /// Without it, `url` of a file leads only to hosts that anyone on the internet reaches, so that an assistant cannot look into your network.
    #[arg(long, global = true, env = "SAKI_ALLOW_PRIVATE_URLS", value_parser = yes_or_no, help_heading = "Behaviour", hide_short_help = true)]
    pub(super) allow_private_urls: bool,
    /// What is logged on standard error: error, warn, info, debug, trace or off
    ///
    /// Also by module, as in "info,rmcp=debug". At debug and below the log holds texts of your posts; the key it never holds.
    /// Without it: info,rmcp=warn; for demo, tools and call warn,rmcp=off.
    #[arg(long, global = true, value_name = "LEVEL", env = "SAKI_LOG", value_parser = log_levels, help_heading = "Behaviour", hide_short_help = true)]
    pub(super) log: Option<Targets>,
    /// The limits of every place where some can be set; all of them hold.
    #[arg(skip)]
    pub(super) limits: Vec<Limits>,
}

const LIST: char = if cfg!(windows) { ';' } else { ':' };
const LARGEST_KEY_FILE: u64 = 16 * 1024;

impl Options {
    /// The same options over the invented Saki, where there is nothing to guard.
    pub(super) fn in_sandbox(&self) -> Self {
        Self {
            sandbox: true,
            limits: Vec::new(),
            ..self.clone()
        }
    }

    /// The key, or the explanation that every call is going to give; none when nothing was set.
    pub(super) fn key(&self) -> anyhow::Result<Option<Result<Key, crate::saki::Error>>> {
        if self.sandbox {
            return Ok(Some(Key::new("sandbox-key")));
        }
        let Some(path) = &self.api_key_file else {
            let pasted = std::env::var_os(environment::KEY).filter(|pasted| !pasted.is_empty());
            return Ok(pasted.map(|pasted| Key::new(&pasted.to_string_lossy())));
        };
        let about = || format!("the API key file {}", path.display());
        let size = match std::fs::metadata(path) {
            Ok(about) => about.len(),
            // The path is not repeated: it may be a key that was put in the wrong place.
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "the API key file does not exist; --api-key-file takes the path of a file that holds the key, not the key"
            ),
            Err(error) => return Err(error).with_context(about),
        };
        if size > LARGEST_KEY_FILE {
            bail!("{} is {size} bytes long, which is no key", about());
        }
        let pasted = std::fs::read_to_string(path).with_context(about)?;
        Ok(Some(Key::new(&pasted)))
    }

    /// The zone of the option, else the system's where it is more than UTC.
    pub(super) fn zone_of_this_system(&self) -> Option<TimeZone> {
        self.timezone.clone().or_else(|| {
            let system = TimeZone::try_system().ok()?;
            let name = system.iana_name()?;
            let says_nothing = matches!(
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
            (!says_nothing).then_some(system.clone())
        })
    }

    /// The folders of the option, else the home directory.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        match self.media_dirs.is_empty() {
            true => std::env::home_dir().into_iter().collect(),
            false => self.media_dirs.clone(),
        }
    }

    /// How files are fetched that are named by their address.
    pub(super) fn fetching(&self) -> FetchOptions {
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

/// Reads an address; a refusal does not repeat it, since it may carry a password or a key.
#[derive(Debug, Clone)]
struct Address;

impl TypedValueParser for Address {
    type Value = BaseUrl;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        given: &OsStr,
    ) -> Result<BaseUrl, clap::Error> {
        BaseUrl::new(&given.to_string_lossy()).map_err(|why| {
            clap::Error::raw(ErrorKind::ValueValidation, format!("--base-url: {why}\n"))
                .with_cmd(command)
        })
    }
}

fn folder(given: PathBuf) -> Result<PathBuf, &'static str> {
    match given.is_dir() {
        true => Ok(given),
        false => Err("there is no such folder"),
    }
}

fn timeout(given: &str) -> Result<Duration, String> {
    let seconds = match given.trim().parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => given
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|time| Duration::try_from(time).ok()),
    };
    let allowed = Duration::from_secs(1)..=Duration::from_secs(600);
    seconds
        .filter(|time| allowed.contains(time))
        .ok_or_else(|| "give a time from 1s to 10m, e.g. \"30s\" or \"2m\"".to_owned())
}

/// A path as it stands in a client's configuration, where no shell replaces the `~`.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    let expand = |given: OsString| {
        let home = std::env::home_dir();
        match (Path::new(&given).strip_prefix("~"), home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(given),
        }
    };
    OsStringValueParser::new().map(expand)
}

fn yes_or_no(given: &str) -> Result<bool, &'static str> {
    match given.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("say true or false"),
    }
}

/// A single word must be a level: as the name of a module it would silence everything else.
fn log_levels(given: &str) -> Result<Targets, &'static str> {
    const SAY: &str =
        "say error, warn, info, debug, trace or off, or a list such as \"info,rmcp=debug\"";
    let mut words = given.split(',').filter(|word| !word.contains('='));
    match words.all(|word| word.trim().parse::<LevelFilter>().is_ok()) {
        true => given.parse().map_err(|_| SAY),
        false => Err(SAY),
    }
}
