//! `saki-mcp auth`: stores the API key in the system's keyring or in a file of mode 0600, shows its source, removes it.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;

use super::api_key_sources::{self, KeySource};
use super::clients::Platform;
use super::environment_checks::{self, KEY_VARIABLE};
use super::global_flags::GlobalFlags;
use super::keyring_store::KeyringError;
use super::{console_output, entry_keys, key_file, keyring_store};
use crate::saki::Key;

#[derive(Debug, Subcommand)]
pub(super) enum Auth {
    /// Store a key: asked for without echo, or read from standard input
    ///
    /// It goes into the system's keyring. Where there is none, it goes into a file that only you can read.
    Set {
        /// Store the key in the file, even where there is a keyring
        ///
        /// For a client that runs the server where the keyring cannot be reached.
        #[arg(long)]
        file: bool,
        /// Take the key that stands in the entry of this MCP client, e.g. "cursor"
        ///
        /// The key is not shown. The entry keeps it until you delete it there. --name chooses among several entries.
        #[arg(long, value_name = "NAME")]
        from_client: Option<String>,
    },
    /// Show where the key comes from, and its last characters
    ///
    /// Exit code 1 if there is no usable key. "saki-mcp doctor" tries the key.
    Status,
    /// Remove the stored key from the keyring and from the file
    Clear,
}

impl Auth {
    pub(super) fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        match self {
            Self::Set { file, from_client } => set(file, from_client.as_deref(), flags),
            Self::Status => status(flags),
            Self::Clear => clear(),
        }
    }
}

fn set(
    only_file: bool,
    from_client: Option<&str>,
    flags: &GlobalFlags,
) -> anyhow::Result<ExitCode> {
    let (key, entry) = match from_client {
        Some(client) => {
            let platform = Platform::here();
            let (key, entry) = entry_keys::of_client(client, flags.name.as_deref(), &platform)?;
            (key, Some(entry))
        }
        None => (Key::new(&asked()?)?, None),
    };
    let masked = key.masked();
    let in_keyring = match only_file {
        true => None,
        false => Some(keyring_store::write(
            key.expose(),
            keyring_store::WITH_A_PERSON,
        )),
    };
    let path = key_file::default_path();
    let stored = match (in_keyring, path) {
        (Some(Ok(())), path) => {
            // Clients whose entry names the file would keep the old key otherwise.
            if let Some(path) = path.filter(|path| path.exists()) {
                key_file::write(&path, key.expose())?;
                say(&format!("The key in {} was replaced too.", path.display()))?;
            }
            KeySource::Keyring
        }
        (Some(Err(why)), None) => bail!("the key was not stored: {why}"),
        (None, None) => bail!("the key was not stored: this system names no home directory"),
        (refused, Some(path)) => {
            key_file::write(&path, key.expose())?;
            match refused {
                Some(Err(KeyringError::Absent)) => {
                    say("There is no keyring here, so the key goes into a file.")?;
                }
                Some(Err(why)) => say(&format!(
                    "The keyring was not used: {why}. The key goes into a file instead."
                ))?,
                Some(Ok(())) | None => {}
            }
            if only_file
                && keyring_store::read(keyring_store::AT_START).is_ok_and(|old| old.is_some())
            {
                keyring_store::write(key.expose(), keyring_store::WITH_A_PERSON)
                    .context("the file was written, but the keyring keeps another key, which takes precedence")?;
                say("The key in the system's keyring was replaced too.")?;
            }
            KeySource::DefaultFile(path)
        }
    };
    say(&format!("The key {masked} is stored in {stored}."))?;
    if let KeySource::DefaultFile(path) = &stored {
        say(&format!(
            "Only your user can read that file. A client that does not find it needs SAKI_API_KEY_FILE={} in its entry.",
            path.display()
        ))?;
    }
    if let Some(first) = named_source(flags.api_key_file.as_deref()) {
        say(&format!(
            "Note: a key also comes from {first}, which takes precedence here."
        ))?;
    }
    if let Some(entry) = entry {
        say(&format!(
            "The key still stands in the entry {entry}: delete SAKI_API_KEY there."
        ))?;
    }
    say("Next: saki-mcp doctor tries it.")?;
    Ok(ExitCode::SUCCESS)
}

/// The source that is named in this environment, and so comes before a stored key.
fn named_source(file: Option<&Path>) -> Option<KeySource> {
    let variable = || {
        let value = std::env::var_os(KEY_VARIABLE);
        value.is_some_and(|value| !value.is_empty() && !environment_checks::is_unfilled(&value))
    };
    file.map(|path| KeySource::NamedFile(path.to_owned()))
        .or_else(|| variable().then_some(KeySource::Variable))
}

/// The key as the person gave it.
fn asked() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        let prompt = "Saki API key (Saki shows it under Settings > API; typing stays invisible): ";
        return rpassword::prompt_password(prompt).context("the terminal could not be read");
    }
    let mut bytes = Vec::new();
    let mut input = io::stdin().take(key_file::MAX_SIZE + 1);
    (input.read_to_end(&mut bytes)).context("standard input could not be read")?;
    if bytes.len() as u64 > key_file::MAX_SIZE {
        bail!("standard input is too large for a key");
    }
    key_file::key_text(&bytes, "standard input")
}

fn status(flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
    let search = api_key_sources::find(flags.api_key_file.as_deref())?;
    let Some(found) = &search.found else {
        let mut sentences = vec![format!(
            "There is no API key: --api-key-file, SAKI_API_KEY_FILE and {KEY_VARIABLE} are not set"
        )];
        sentences.push(match &search.keyring {
            Some(why) => why.to_string(),
            None => "the system's keyring holds none".to_owned(),
        });
        if let Some(path) = key_file::default_path() {
            sentences.push(format!("the file {} does not exist", path.display()));
        }
        bail!(
            "{}. Store one: saki-mcp auth set. Saki creates keys under Settings > API",
            sentences.join("; ")
        );
    };
    match &found.key {
        Ok(key) => {
            say(&format!(
                "The key {} comes from {}.",
                key.masked(),
                found.source
            ))?;
            if let KeySource::NamedFile(path) | KeySource::DefaultFile(path) = &found.source
                && key_file::is_readable_by_others(path)
            {
                say(&format!(
                    "Other users of this machine may read that file: chmod 600 {}",
                    path.display()
                ))?;
            }
            if let Some(why) = search
                .keyring
                .as_ref()
                .filter(|why| **why != KeyringError::Absent)
            {
                say(&format!("The keyring was not used: {why}."))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => bail!("the key from {} cannot be used: {error}", found.source),
    }
}

fn clear() -> anyhow::Result<ExitCode> {
    let mut removed = Vec::new();
    let keyring = keyring_store::remove(keyring_store::WITH_A_PERSON);
    if keyring == Ok(true) {
        removed.push(KeySource::Keyring);
    }
    if let Some(path) = key_file::default_path()
        && key_file::remove(&path)?
    {
        removed.push(KeySource::DefaultFile(path));
    }
    for source in &removed {
        say(&format!("The key was removed from {source}."))?;
    }
    if removed.is_empty() {
        say("No key was stored.")?;
    }
    if let Err(why) = keyring
        && why != KeyringError::Absent
    {
        say(&format!("The keyring was not looked at: {why}."))?;
    }
    if let Some(named) = named_source(None) {
        say(&format!("A key still comes from {named}."))?;
    }
    let without_key = match removed.is_empty() {
        true => Vec::new(),
        false => entry_keys::without_key(&Platform::here()),
    };
    if !without_key.is_empty() {
        say(
            "These entries have no key of their own, so their calls fail until a key is stored again:",
        )?;
        for entry in without_key {
            say(&format!("  {entry}"))?;
        }
        say("To take one out: saki-mcp install --remove --client NAME")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn say(line: &str) -> anyhow::Result<()> {
    console_output::print_result(line)
}
