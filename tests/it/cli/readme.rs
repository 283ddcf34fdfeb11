//! The README is held to the binary: its options, its snippets and its command lines.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const README: &str = include_str!("../../../README.md");
const COMMANDS: [&[&str]; 7] = [
    &[],
    &["demo"],
    &["stdio"],
    &["http"],
    &["tools"],
    &["call"],
    &["sandbox"],
];

/// The binary, with none of the variables that the person who runs the tests may have set.
fn saki(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saki-mcp"));
    quiet(&mut command).args(arguments).output().unwrap()
}

fn quiet(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SAKI_") {
            command.env_remove(name);
        }
    }
    command.stdin(std::process::Stdio::null())
}

/// What stands between two fences of the given language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    let blocks = README.split(opening.as_str()).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap())
        .collect()
}

/// The rows of the table of options.
fn rows() -> Vec<&'static str> {
    let table = README.split("<!-- options -->").nth(1).unwrap();
    let table = table.split("<!-- /options -->").next().unwrap();
    table.trim().lines().skip(2).collect()
}

/// An option as `--help` shows it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shown {
    flag: String,
    rest: String,
}

/// All options that some help prints, each with the text below it.
fn shown() -> BTreeSet<Shown> {
    let mut all = BTreeSet::new();
    for command in COMMANDS {
        let arguments = [command, &["--help"]].concat();
        let help = String::from_utf8(saki(&arguments).stdout).unwrap();
        let mut open: Option<Shown> = None;
        for line in help.lines() {
            let flag = line.trim_start().trim_start_matches("-h, ");
            let starts = flag.starts_with("--") && line.starts_with("  ");
            if starts || !line.starts_with("   ") && !line.is_empty() {
                all.extend(open.take());
            }
            if starts {
                let flag = flag.to_owned();
                open = Some(Shown {
                    flag,
                    rest: String::new(),
                });
            } else if let Some(open) = &mut open {
                open.rest.push_str(line);
            }
        }
        all.extend(open);
    }
    all.retain(|shown| shown.flag != "--help");
    all
}

fn between<'a>(text: &'a str, start: &str, end: char) -> Option<&'a str> {
    text.split(start).nth(1)?.split(end).next()
}

#[test]
fn every_option_of_the_help_is_in_the_readme_with_its_variable() {
    let shown = shown();
    assert!(shown.len() >= 12, "{shown:#?}");
    for Shown { flag, rest } in shown {
        let spelt = flag.replace(['<', '>'], "");
        let default = between(&rest, "[default: ", ']').unwrap_or_default();
        let row = rows()
            .into_iter()
            .find(|row| row.contains(&format!("{spelt}`")) && row.contains(default));
        let row = row.unwrap_or_else(|| panic!("no row for {spelt} with default {default:?}"));
        if let Some(variable) = between(&rest, "[env: ", ']') {
            assert!(row.contains(&format!("`{variable}`")), "{variable}: {row}");
        }
    }
}

#[test]
fn every_option_of_the_readme_is_in_the_help() {
    let shown = shown();
    for row in rows() {
        let Some(spelt) = between(row, "--", '`') else {
            assert!(row.contains("`SAKI_API_KEY`"), "{row}");
            continue;
        };
        let (flag, value) = spelt.split_once(' ').unwrap_or((spelt, ""));
        let in_help = match value {
            "" => format!("--{flag}"),
            value => format!("--{flag} <{value}>"),
        };
        assert!(shown.iter().any(|shown| shown.flag == in_help), "{row}");
    }
}

#[test]
fn every_snippet_is_json_and_starts_this_server() {
    let blocks = blocks("json");
    assert!(blocks.len() >= 4);
    for block in blocks {
        let snippet: Value = serde_json::from_str(block).unwrap();
        let servers = match &snippet["servers"] {
            Value::Null => &snippet["mcpServers"],
            servers => servers,
        };
        for (name, server) in servers.as_object().unwrap() {
            assert!(name.starts_with("saki"));
            match &server["url"] {
                Value::Null => starts(server),
                url => assert!(url.as_str().unwrap().ends_with(":8790/mcp")),
            }
        }
    }
}

#[test]
fn the_example_file_is_the_snippet_for_claude_desktop() {
    let example: Value = serde_json::from_str(include_str!("../../../mcp.example.json")).unwrap();
    let server = &example["mcpServers"]["saki"];
    starts(server);
    let in_readme = blocks("json")
        .into_iter()
        .map(|block| serde_json::from_str::<Value>(block).unwrap())
        .any(|snippet| snippet == example);
    assert!(in_readme, "{example}");
    assert_eq!(server["env"]["SAKI_API_KEY"], "YOUR_API_KEY");
}

/// A client's entry whose arguments are understood and whose variables exist.
fn starts(server: &Value) {
    assert_eq!(server["command"], "saki-mcp");
    let arguments = server["args"].as_array().cloned().unwrap_or_default();
    let arguments: Vec<&str> = arguments.iter().map(|a| a.as_str().unwrap()).collect();
    understood(&arguments);
    for variable in server["env"]
        .as_object()
        .into_iter()
        .flat_map(|env| env.keys())
    {
        assert!(
            rows()
                .iter()
                .any(|row| row.contains(&format!("`{variable}`")))
        );
    }
}

/// Reads a command line without acting on it.
fn understood(arguments: &[&str]) {
    let output = saki(&[arguments, &["--help"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

#[test]
fn an_invalid_command_line_in_the_readme_would_be_noticed() {
    for wrong in [
        &["http", "--bnd", "127.0.0.1:9000"][..],
        &["http", "--bind", "0.0.0.0:9000"],
        &["serve"],
    ] {
        let output = saki(&[wrong, &["--help"]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[cfg(unix)]
#[test]
fn every_command_line_of_the_readme_works() {
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let ours: Vec<&str> = lines.filter(|line| line.contains("saki-mcp")).collect();
    assert!(ours.len() >= 8, "{ours:#?}");
    for line in ours {
        let (_, arguments) = line.rsplit_once("saki-mcp").unwrap();
        let words: Vec<&str> = arguments.split_whitespace().collect();
        if words.contains(&"tools") || words.contains(&"call") {
            let output = shell(line);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {said}");
            assert!(!output.stdout.is_empty(), "{line}");
        } else {
            // Servers, and servers started by others, whose own options stand behind.
            let end = words.iter().position(|word| *word == "--method");
            understood(&words[..end.unwrap_or(words.len())]);
        }
    }
}

#[cfg(unix)]
fn shell(line: &str) -> Output {
    let folder = Path::new(env!("CARGO_BIN_EXE_saki-mcp")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("sh");
    quiet(&mut command)
        .args(["-c", line])
        .env("PATH", format!("{}:{path}", folder.display()))
        .output()
        .unwrap()
}
