//! Client checks: each client's configuration, our entries in it, and the server started as they say.

use std::env::consts::EXE_SUFFIX;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;

use super::check_outcomes::Check;
use super::child_server::{self, ChildCommand, ChildFailure, Era};
use crate::cli::clients::{
    CLIENTS, Entry, FoundEntry, FoundFile, McpClient, Platform, is_saki_mcp,
};
use crate::cli::environment_checks::{self, KEY_VARIABLE};
use crate::saki::Key;

/// Checks the named clients, or all that are on this machine.
pub(super) async fn check(
    named: &[&'static McpClient],
    platform: &Platform,
    key: Option<&Key>,
) -> Vec<Check> {
    let all = CLIENTS.iter().filter(|client| client.is_present(platform));
    let clients: Vec<&'static McpClient> = match named {
        [] => all.collect(),
        named => named.to_vec(),
    };
    let mut checks = Vec::new();
    let mut running = Vec::new();
    for client in clients {
        let before = checks.len() + running.len();
        let files = match client.found_files(platform) {
            Ok(files) => files,
            Err(error) => {
                let fix = "correct the variables that lead to its configuration";
                checks.push(Check::problem(client.name, format!("{error:#}"), fix));
                continue;
            }
        };
        for file in files {
            match entries(&file) {
                Ok(entries) => {
                    checks.extend(shadowed(client, &entries));
                    let file = Arc::new(file);
                    running.extend(
                        (entries.into_iter())
                            .map(|found| check_entry(platform, Arc::clone(&file), found, key)),
                    );
                }
                Err(check) => checks.push(check),
            }
        }
        if !named.is_empty() && checks.len() + running.len() == before {
            checks.push(Check::problem(
                client.name,
                format!("{} has no entry that starts saki-mcp", client.title),
                format!("saki-mcp install --client {}", client.name),
            ));
        }
    }
    if checks.is_empty() && running.is_empty() {
        checks.push(Check::warning(
            "clients",
            "no MCP client on this machine has an entry that starts saki-mcp",
            "saki-mcp install",
        ));
    }
    checks.extend(join_all(running).await);
    checks
}

/// Our entries in a file.
fn entries(file: &FoundFile) -> Result<Vec<FoundEntry>, Check> {
    file.entries().map_err(|error| {
        let finding = format!("{} cannot be used: {error}", file.path.display());
        let fix = "correct that file; until then the client may ignore all of it";
        Check::problem(file.client.name, finding, fix)
    })
}

/// Warnings about entries of single folders that win over one for all folders.
fn shadowed(client: &McpClient, entries: &[FoundEntry]) -> Vec<Check> {
    let is_everywhere = |name: &str| {
        let mut all = entries.iter();
        all.any(|other| other.folder.is_none() && other.name == name)
    };
    let shadows = entries.iter().filter(|found| is_everywhere(&found.name));
    let warnings = shadows.filter_map(|found| {
        let folder = found.folder.as_ref()?;
        let finding = format!(
            "in the folder {folder}, {} uses another entry {:?}, which wins there over the one for all folders",
            client.title, found.name
        );
        let fix = format!("if that is not meant: {}", client.folder_removal(folder, &found.name));
        Some(Check::warning(client.name, finding, fix))
    });
    warnings.collect()
}

/// One entry: its fields first, then the server that it starts.
async fn check_entry(
    platform: &Platform,
    file: Arc<FoundFile>,
    found: FoundEntry,
    key: Option<&Key>,
) -> Check {
    let FoundFile {
        client,
        is_windows_side,
        ..
    } = *file;
    let place = file.place(&found);
    let entry = found.entry;
    let again = format!(
        "saki-mcp install --client {} writes a sound entry",
        client.name
    );
    let problem = |finding: String, fix: String| {
        Check::problem(client.name, format!("{place}: {finding}"), fix)
    };
    if entry.is_disabled {
        let fix = format!("switch it on in {}", client.title);
        return Check::warning(client.name, format!("{place} is switched off"), fix);
    }
    let Some(command) = entry.command.clone() else {
        return match &entry.url {
            Some(_) => Check::skipped(client.name, format!("{place} leads to a server over HTTP")),
            None => problem("it has no command".to_owned(), again),
        };
    };
    if entry.binary().is_none() {
        let finding =
            format!("{place} starts another program than saki-mcp, so it was not started");
        return Check::warning(
            client.name,
            finding,
            "if that is not meant: saki-mcp install --force",
        );
    }
    if let Some(finding) = unfilled(client, &entry) {
        return problem(finding, format!("fill it in or remove it, or: {again}"));
    }
    if is_windows_side || !is_saki_mcp(&command) {
        let finding =
            format!("{place} is not started here, because it runs on the other side of WSL");
        return Check::skipped(client.name, finding);
    }
    let environment = client.environment.variables(platform.system);
    let own_path = entry.env.get("PATH").map(OsString::from);
    let search_path = own_path.or_else(|| environment.get(OsStr::new("PATH")).cloned());
    let program = match find_program(&command, search_path.as_deref()) {
        Ok(program) => program,
        Err(finding) => return problem(finding, again),
    };
    let child = child_command(client, &entry, environment, key);
    let (older, newer) = futures::future::join(
        child_server::ask(&child, Era::Handshake),
        child_server::ask(&child, Era::Stateless),
    )
    .await;
    let answer = match (older, newer) {
        (Ok(answer), Ok(_)) => answer,
        (Err(failure), _) | (_, Err(failure)) => {
            let fix = fix_of(&failure, &program, again);
            return problem(failure.to_string(), fix);
        }
    };
    if let Some(failure) = &answer.call_failure {
        let finding = format!(
            "it starts as {} starts it, but a call fails: {failure}",
            client.title
        );
        let fix = "mend what it says; a key in the entry wins over the one that saki-mcp auth set stores for all clients";
        return problem(finding, fix.to_owned());
    }
    let finding = format!(
        "{place} starts and offers {} tools in both eras of the protocol",
        answer.tools
    );
    match is_this_binary(&program) {
        true => Check::ok(client.name, finding),
        false => Check::warning(
            client.name,
            format!(
                "{finding}, but {} is another binary than this one",
                program.display()
            ),
            again,
        ),
    }
}

/// A reference that the client does not replace, in the arguments or variables of an entry.
fn unfilled(client: &McpClient, entry: &Entry) -> Option<String> {
    let has_reference = |value: &str| value.contains("${") && !client.is_reference(value);
    // Words such as `undefined` mean nothing only in our own settings.
    let is_word = |name: &str, value: &str| {
        name.starts_with("SAKI_") && !value.is_empty() && is_placeholder(client, value)
    };
    // A value with more than the reference may hold a secret.
    let is_one = |value: &str| !value.trim_end_matches('}').contains('}');
    let shown = |value: &str| match is_placeholder(client, value) && is_one(value) {
        true => format!("is {value:?}, which"),
        false => "has a part in ${…}, which".to_owned(),
    };
    let title = client.title;
    let variable = (entry.env.iter())
        .find(|(name, value)| has_reference(value) || is_word(name, value))
        .map(|(name, value)| {
            let shown = shown(value);
            format!("{name} was left unfilled: its value {shown} {title} does not replace")
        });
    variable.or_else(|| {
        let argument = entry.args.iter().find(|value| has_reference(value))?;
        let shown = shown(argument);
        Some(format!(
            "an argument was left unfilled: it {shown} {title} does not replace"
        ))
    })
}

/// Whether a value is nothing but a reference that the client does not replace.
fn is_placeholder(client: &McpClient, value: &str) -> bool {
    environment_checks::is_unfilled(value.as_ref()) && !client.is_reference(value)
}

/// The program that a command names: a path, or a name to be found in `PATH`.
fn find_program(command: &str, search_path: Option<&OsStr>) -> Result<PathBuf, String> {
    let given = Path::new(command);
    let path = if given.is_absolute() {
        given.to_path_buf()
    } else if given.components().count() > 1 {
        return Err(format!(
            "its command {command} is a relative path, which depends on where the client was started"
        ));
    } else {
        let folders = search_path.map(std::env::split_paths).into_iter().flatten();
        // Windows finds a program without its ending.
        let names = [command.into(), format!("{command}{EXE_SUFFIX}").into()];
        let found = folders
            .flat_map(|folder| names.each_ref().map(|name: &PathBuf| folder.join(name)))
            .find(|path| path.is_file());
        let missing = || format!("its command {command} is in no folder of the client's PATH");
        found.ok_or_else(missing)?
    };
    if !path.is_file() {
        return Err(format!(
            "its command {command} does not exist; perhaps it was moved"
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).map(|metadata| metadata.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o111 == 0) {
            return Err(format!(
                "its command {command} is not executable: chmod +x {command}"
            ));
        }
    }
    Ok(path)
}

fn is_this_binary(program: &Path) -> bool {
    let this = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    this.is_some_and(|this| std::fs::canonicalize(program).is_ok_and(|program| program == this))
}

/// The server as the client would start it. Values that only the client knows are left out.
fn child_command(
    client: &McpClient,
    entry: &Entry,
    mut environment: std::collections::BTreeMap<OsString, OsString>,
    key: Option<&Key>,
) -> ChildCommand {
    let own = (entry.env.iter()).filter(|(_, value)| !client.is_reference(value));
    environment.extend(own.map(|(name, value)| (OsString::from(name), OsString::from(value))));
    let in_entry = entry
        .env
        .get(KEY_VARIABLE)
        .and_then(|text| Key::new(text).ok());
    ChildCommand {
        program: entry.command.clone().unwrap_or_default(),
        args: entry.args.clone(),
        environment,
        keys: key.cloned().into_iter().chain(in_entry).collect(),
    }
}

fn fix_of(failure: &ChildFailure, program: &Path, again: String) -> String {
    match failure {
        ChildFailure::NotProtocol(_) => format!(
            "{} is a wrapper that prints on standard output, which belongs to the protocol: let it print on standard error, or: {again}",
            program.display()
        ),
        ChildFailure::Ended(_) => "correct what it says, in this entry".to_owned(),
        _ => again,
    }
}
