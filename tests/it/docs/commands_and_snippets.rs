//! Commands and snippets of every document work: shell lines run or are understood, JSON parses, client entries start this server.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use saki_mcp::cli::Cli;
use serde_json::Value;

use super::{blocks, root};

/// Commands that answer at once and change nothing outside of the process.
const RUN: [&str; 4] = ["tools", "call", "demo", "completions"];

/// The binary, with none of the variables that the person who runs the tests may have set.
fn saki(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saki-mcp"));
    without_settings(&mut command)
        .args(arguments)
        .output()
        .unwrap()
}

fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SAKI_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null())
}

/// Entries of MCP clients in a snippet, under whatever key the client has for them.
fn entries(snippet: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let keys = [
        "mcpServers",
        "servers",
        "context_servers",
        "mcp",
        "amp.mcpServers",
    ];
    let entries = keys.into_iter().filter_map(|key| snippet[key].as_object());
    entries.flatten()
}

#[test]
fn every_snippet_is_json_and_starts_this_server() {
    let mut started = 0;
    for (document, block) in blocks("json") {
        let snippet: Value = serde_json::from_str(&block)
            .unwrap_or_else(|error| panic!("{}: {error} in {block}", document.display()));
        for (name, entry) in entries(&snippet) {
            assert!(name.starts_with("saki"), "{}: {name}", document.display());
            if entry["url"].is_null() {
                assert_starts(entry);
                started += 1;
            }
        }
    }
    assert!(started >= 2, "only {started} entries were found");
}

#[test]
fn the_example_file_is_a_snippet_of_the_readme() {
    let example = std::fs::read_to_string(root().join("mcp.example.json")).unwrap();
    let example: Value = serde_json::from_str(&example).unwrap();
    assert_starts(&example["mcpServers"]["saki"]);
    let in_readme = blocks("json")
        .into_iter()
        .filter(|(document, _)| document == Path::new("README.md"))
        .any(|(_, block)| serde_json::from_str::<Value>(&block).unwrap() == example);
    assert!(in_readme, "{example}");
}

/// Asserts that the arguments of a client's entry are understood and that its variables exist.
#[track_caller]
fn assert_starts(entry: &Value) {
    // OpenCode has command and arguments in one list.
    let command = &entry["command"];
    assert_eq!(command.get(0).unwrap_or(command), "saki-mcp", "{entry}");
    let arguments = entry["args"].as_array().cloned().unwrap_or_default();
    let arguments: Vec<&str> = arguments
        .iter()
        .map(|argument| argument.as_str().unwrap())
        .collect();
    assert_understood(&arguments);
    for variable in entry["env"]
        .as_object()
        .into_iter()
        .flat_map(|env| env.keys())
    {
        let command = Cli::command();
        let mut known = command.get_arguments().filter_map(|arg| arg.get_env());
        assert!(
            variable == "SAKI_API_KEY" || known.any(|known| known == variable.as_str()),
            "{variable}"
        );
    }
}

/// Reads a command line without acting on it.
#[track_caller]
fn assert_understood(arguments: &[&str]) {
    let output = saki(&[arguments, &["--help"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

#[test]
fn an_invalid_command_line_in_a_document_would_be_noticed() {
    for wrong in [
        &["http", "--bnd", "127.0.0.1:9000"][..],
        &["http", "--bind", "nowhere"],
        &["serve"],
    ] {
        let output = saki(&[wrong, &["--help"]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[cfg(unix)]
#[test]
fn every_command_line_of_the_documents_works() {
    let mut checked = 0;
    for (document, block) in blocks("sh") {
        // What stands behind the binary in a line of another program is an option of that program.
        let own = |line: &&str| line.contains("saki-mcp ") && !line.starts_with("python3 ");
        for line in block.lines().filter(own) {
            checked += 1;
            let line = line.split(" #").next().unwrap_or(line).trim_end();
            let (_, arguments) = line.rsplit_once("saki-mcp ").unwrap();
            let words: Vec<&str> = arguments.split_whitespace().collect();
            if words.iter().any(|word| RUN.contains(word)) && !line.contains("cargo ") {
                let output = shell(line);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(
                    output.status.success(),
                    "{}: {line}: {said}",
                    document.display()
                );
                assert!(!output.stdout.is_empty(), "{}: {line}", document.display());
            } else {
                // Servers, commands that would change files, and options of others that stand behind.
                let ends = |word: &&&str| matches!(**word, "--method" | ">" | "<" | "|" | "&&");
                let end = words.iter().position(|word| ends(&word));
                assert_understood(&words[..end.unwrap_or(words.len())]);
            }
        }
    }
    assert!(checked >= 8, "only {checked} command lines were found");
}

#[cfg(unix)]
fn shell(line: &str) -> Output {
    let folder = Path::new(env!("CARGO_BIN_EXE_saki-mcp")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("sh");
    without_settings(&mut command)
        .args(["-c", line])
        .env("PATH", format!("{}:{path}", folder.display()))
        .output()
        .unwrap()
}
