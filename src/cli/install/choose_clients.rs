//! Choosing clients: those that were named, or those that are found on this machine.

use std::io::{self, IsTerminal, Write};

use super::{Target, WantedEntry, eprint_line, install_entry, removal};
use crate::cli::clients::{CLIENTS, Document, McpClient, all_names, named};
use crate::cli::usage_error::wrong_usage;

type Chosen = Vec<&'static McpClient>;

/// The clients found here, as chosen on the terminal; `None` if nothing was chosen.
pub(super) fn found(wanted: &WantedEntry<'_>) -> anyhow::Result<Option<Chosen>> {
    let found: Chosen = CLIENTS
        .iter()
        .filter(|client| is_found(wanted, client))
        .collect();
    if found.is_empty() {
        return Err(wrong_usage(match wanted.options.remove {
            true => format!(
                "no client here has an entry {:?}, so there is nothing to remove. {}",
                wanted.name,
                other_entries(wanted)
            ),
            false => format!(
                "no client was found here. Name one with --client, or see what to paste with --print. The names are {}",
                all_names()
            ),
        }));
    }
    let names: Vec<&str> = found.iter().map(|client| client.name).collect();
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(wrong_usage(format!(
            "no client was named. Found here: {list}. Add `--client {joined}` to the same command, or name some of them. All names: {all}",
            list = names.join(", "),
            joined = names.join(","),
            all = all_names()
        )));
    }
    let (found_where, question) = match wanted.options.remove {
        true => ("Clients with the entry", "Remove it from"),
        false => ("Clients found here", "Install into"),
    };
    eprint_line(&format!("{found_where}:"));
    for (number, client) in found.iter().enumerate() {
        let files = (client.user_files)(wanted.platform).unwrap_or_default();
        let path = files
            .first()
            .map(|file| file.path.display().to_string())
            .unwrap_or_default();
        eprint_line(&format!("  {:>2}  {:<18} {path}", number + 1, client.title));
    }
    loop {
        let mut stderr = io::stderr().lock();
        write!(
            stderr,
            "{question}: numbers or names separated by commas, Enter for all, q for none: "
        )?;
        stderr.flush()?;
        drop(stderr);
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match chosen_by(line.trim(), &found) {
            Ok(chosen) => return Ok(chosen),
            Err(error) => eprint_line(&format!("{error:#}")),
        }
    }
}

fn chosen_by(line: &str, found: &[&'static McpClient]) -> anyhow::Result<Option<Chosen>> {
    match line.to_ascii_lowercase().as_str() {
        "" | "all" | "a" => return Ok(Some(found.to_vec())),
        "q" | "quit" | "n" | "no" | "none" => return Ok(None),
        _ => {}
    }
    let words = line.split([',', ' ']).filter(|word| !word.is_empty());
    let names = words.map(|word| match word.parse::<usize>() {
        Ok(number) if (1..=found.len()).contains(&number) => Ok(found[number - 1].name.to_owned()),
        Ok(number) => Err(wrong_usage(format!(
            "{number}: expected a number from 1 to {}",
            found.len()
        ))),
        Err(_) => Ok(word.to_owned()),
    });
    named(&names.collect::<anyhow::Result<Vec<_>>>()?).map(Some)
}

/// The entries of other names that could be meant.
fn other_entries(wanted: &WantedEntry<'_>) -> String {
    let others: Vec<String> = CLIENTS
        .iter()
        .flat_map(|client| documents(wanted, client).map(move |document| (client, document)))
        .flat_map(|(client, document)| removal::removal_commands(client, &document, false))
        .collect();
    match others.is_empty() {
        true => "For an entry of another name, add --sandbox or --name".to_owned(),
        false => format!("There is: {}", others.join(", ")),
    }
}

/// The user's files of a client, as far as they can be read.
fn documents(
    wanted: &WantedEntry<'_>,
    client: &'static McpClient,
) -> impl Iterator<Item = Document> {
    let files = (client.user_files)(wanted.platform).unwrap_or_default();
    files.into_iter().filter_map(move |file| {
        let target = Target {
            client,
            file,
            is_shared: false,
        };
        install_entry::read(&target)
            .ok()
            .map(|(_, document)| document)
    })
}

/// Whether the client is here, or has the entry that is to be removed.
fn is_found(wanted: &WantedEntry<'_>, client: &'static McpClient) -> bool {
    match wanted.options.remove {
        true => {
            documents(wanted, client).any(|document| client.entry(&document, wanted.name).is_some())
        }
        false => client.is_present(wanted.platform),
    }
}
