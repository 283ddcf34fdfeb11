//! The options that all commands share; nothing else reads the environment.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::tz::TimeZone;

use crate::saki::{BaseUrl, Key};
use crate::write::when;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection to Saki")]
pub(super) struct Options {
    /// File that holds the API key (otherwise the environment variable SAKI_API_KEY is used)
    #[arg(long, global = true, value_name = "PATH", env = "SAKI_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,
    /// Address of the API; plain http:// only to this machine
    #[arg(long, global = true, value_name = "URL", env = "SAKI_BASE_URL", default_value = BaseUrl::DEFAULT, value_parser = base_url)]
    pub(super) base_url: BaseUrl,
    /// Longest a request to Saki may take, e.g. "30s" or "2m" (uploads have 15 minutes)
    #[arg(long, global = true, value_name = "TIME", env = "SAKI_TIMEOUT", default_value = "30s", value_parser = timeout)]
    pub(super) timeout: Duration,
    /// Talk to an invented Saki in memory instead: no account, no key, nothing is published
    #[arg(long, global = true, env = "SAKI_SANDBOX", value_parser = BoolishValueParser::new())]
    pub(super) sandbox: bool,
    /// Zone in which a time without one is read, e.g. "Europe/Berlin" [default: this system's; none over HTTP]
    #[arg(long, global = true, value_name = "ZONE", env = "SAKI_TIMEZONE", value_parser = when::zone, help_heading = "Behaviour")]
    pub(super) timezone: Option<TimeZone>,
    /// Folder whose files may be uploaded by path; repeatable [default: the home directory without hidden folders; none over HTTP]
    #[arg(long = "media-dir", global = true, value_name = "PATH", env = "SAKI_MEDIA_DIR", value_delimiter = LIST, help_heading = "Behaviour")]
    pub(super) media_dirs: Vec<PathBuf>,
    /// What is logged on standard error, e.g. "debug" or "info,rmcp=debug"
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "SAKI_LOG",
        default_value = "info,rmcp=warn",
        help_heading = "Behaviour"
    )]
    pub(super) log: String,
}

const LIST: char = if cfg!(windows) { ';' } else { ':' };
const LARGEST_KEY_FILE: u64 = 16 * 1024;

impl Options {
    /// The same options over the invented Saki.
    pub(super) fn in_sandbox(&self) -> Self {
        Self {
            sandbox: true,
            ..self.clone()
        }
    }

    /// The key, or the explanation that every call is going to give; none when nothing was set.
    pub(super) fn key(&self) -> anyhow::Result<Option<Result<Key, crate::saki::Error>>> {
        if self.sandbox {
            return Ok(Some(Key::new("sandbox-key")));
        }
        let Some(path) = &self.api_key_file else {
            let pasted = std::env::var_os("SAKI_API_KEY").filter(|pasted| !pasted.is_empty());
            return Ok(pasted.map(|pasted| Key::new(&pasted.to_string_lossy())));
        };
        let about = || format!("the API key file {}", path.display());
        let size = std::fs::metadata(path).with_context(about)?.len();
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
}

fn base_url(given: &str) -> Result<BaseUrl, crate::saki::Error> {
    BaseUrl::new(given)
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
