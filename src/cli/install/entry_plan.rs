//! Entry plan: the command, the arguments and the variables with which a client has to start this binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::server_flags::FlagWords;
use crate::cli::clients::{ConfigurationFile, Launch, McpClient, PROXY_VARIABLES, Platform, Shape};

/// Variables with which TLS and the keyring work where a client does not pass them on.
const SYSTEM_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// How a client starts this binary, without the settings, and what to tell about it.
pub(super) fn launch(
    client: &McpClient,
    file: &ConfigurationFile,
    platform: &Platform,
    binary: &str,
    told: &mut Vec<String>,
) -> Launch {
    let mut env = BTreeMap::new();
    let mut passed_on = Vec::new();
    let names = PROXY_VARIABLES.iter().chain(&SYSTEM_VARIABLES);
    for &name in names.filter(|name| !client.environment.passes(name, platform.system)) {
        let Some(value) = std::env::var(name).ok().filter(|value| !value.is_empty()) else {
            continue;
        };
        if client.shape == Shape::Codex {
            passed_on.push(name.to_owned());
        } else if has_password(&value) {
            told.push(format!("{name} holds a password and was not written into the entry. {} does not pass it on: set a proxy without a password there.", client.title));
        } else if needs_to_be_written(name, &value, &env) {
            env.insert(name.to_owned(), value);
        }
    }
    if client.shape == Shape::Codex {
        let folders = ["XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"];
        passed_on.extend(
            folders
                .into_iter()
                .filter(|name| std::env::var_os(name).is_some())
                .map(str::to_owned),
        );
    }
    if !file.is_windows_side {
        return Launch {
            command: binary.to_owned(),
            args: Vec::new(),
            env,
            passed_on,
        };
    }
    let distribution = std::env::var("WSL_DISTRO_NAME")
        .ok()
        .filter(|name| !name.is_empty());
    let distribution = distribution
        .into_iter()
        .flat_map(|name| ["--distribution".to_owned(), name]);
    let args = distribution
        .chain(["--exec".to_owned(), binary.to_owned()])
        .collect();
    if !env.is_empty() {
        // Only variables that are listed here cross from Windows into WSL.
        let crossing: Vec<String> = env.keys().map(|name| format!("{name}/u")).collect();
        env.insert("WSLENV".to_owned(), crossing.join(":"));
    }
    Launch {
        command: "wsl.exe".to_owned(),
        args,
        env,
        passed_on,
    }
}

fn has_password(value: &str) -> bool {
    let authority = value
        .split_once("://")
        .map_or(value, |(_, rest)| rest)
        .split('/')
        .next();
    authority.is_some_and(|authority| authority.contains('@'))
}

/// Whether a variable says something that the server would not find by itself.
fn needs_to_be_written(name: &str, value: &str, env: &BTreeMap<String, String>) -> bool {
    match name {
        // The address of most sessions is found without it, and another is another after the next login.
        "DBUS_SESSION_BUS_ADDRESS" => {
            value.starts_with("unix:path=")
                && !value.starts_with("unix:path=/run/user/")
                && !value.contains(',')
        }
        // Both spellings mean the same.
        _ => env
            .get(&name.to_ascii_uppercase())
            .is_none_or(|upper| upper != value),
    }
}

/// The setting that names the default key file, where the client's environment would not lead there.
pub(super) fn key_file_setting(client: &McpClient, platform: &Platform) -> Option<FlagWords> {
    let file = platform.key_file();
    let is_needed = client.environment.is_bare() && file.is_file();
    is_needed.then(|| FlagWords::of("--api-key-file", Some(&file.to_string_lossy())))
}

/// The path of this binary that an upgrade keeps: the link that was called rather than the file behind it.
pub(super) fn stable_binary() -> anyhow::Result<PathBuf> {
    let running = std::env::current_exe().context("the path of this program is unknown")?;
    let is_running = |path: &Path| {
        let same = std::fs::canonicalize(path).ok();
        same.is_some() && same == std::fs::canonicalize(&running).ok()
    };
    let called = std::env::args_os()
        .next()
        .map(PathBuf::from)
        .unwrap_or_default();
    let absolute = match called.components().count() {
        0 => None,
        1 => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut with_ending = called.clone().into_os_string();
            with_ending.push(std::env::consts::EXE_SUFFIX);
            std::env::split_paths(&path)
                .filter(|folder| folder.is_absolute())
                .flat_map(|folder| [folder.join(&called), folder.join(&with_ending)])
                .find(|path| is_running(path))
        }
        _ => std::path::absolute(&called).ok(),
    };
    let path = absolute
        .filter(|path| is_running(path))
        .unwrap_or_else(|| running.clone());
    let path = without_dots(&path)
        .filter(|path| is_running(path))
        .unwrap_or(path);
    if path.to_str().is_none() {
        bail!(
            "the path of this program, {}, is not UTF-8, and no configuration can hold it. Move the program",
            path.display()
        );
    }
    Ok(path)
}

/// The path without `..`, which only confuses in a configuration.
fn without_dots(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::ParentDir => drop(plain.pop()),
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Some(plain)
}

/// A warning about a path that will not last.
pub(super) fn short_lived(binary: &Path) -> Option<String> {
    let text = binary.to_string_lossy().replace('\\', "/");
    let reasons = [
        (
            "/_npx/",
            "the cache of npx, which npm clears. Install it for good first, e.g. with `npm install --global`",
        ),
        (
            "/AppTranslocation/",
            "a folder that macOS made for one start. Move the program to /usr/local/bin first",
        ),
        (
            "/nix/store/",
            "the Nix store, where an upgrade gives it another path. Install it into a profile first",
        ),
        (
            "/Cellar/",
            "Homebrew's folder of one version. Call it through the link in Homebrew's bin folder",
        ),
    ];
    let found = reasons.iter().find(|(part, _)| text.contains(part));
    found.map(|(_, reason)| format!("This program lies in {reason}, and run install again."))
}
