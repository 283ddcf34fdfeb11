//! What a person reads who starts the server on a terminal.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::support::child_process::{command, run_with};
use crate::support::fixture_server::initialize;

/// Both ends of a pseudo-terminal.
fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let path = name.to_str().unwrap().to_owned();
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    (File::from(master), slave)
}

#[test]
fn a_person_on_a_terminal_is_told_what_starts_the_server() {
    let (mut keyboard, stdin) = terminal();
    let mut child = command(&["--sandbox"], &[])
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let said: Vec<String> = stderr.lines().take(5).map(Result::unwrap).collect();
    for (line, word) in said.iter().zip([
        "a client such as",
        "saki-mcp install",
        "saki-mcp doctor",
        "saki-mcp demo",
        "Ctrl-C",
    ]) {
        assert!(line.contains(word), "{word}: {said:#?}");
    }
    // It serves all the same.
    writeln!(keyboard, "{}", initialize("2025-11-25")).unwrap();
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut answer)
        .unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["result"]["serverInfo"]["name"], "saki-sandbox");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_client_on_a_pipe_is_told_nothing_of_the_kind() {
    let ended = run_with(&["--sandbox"], &[], "");
    assert_eq!(ended.code, 0);
    assert!(!ended.stderr.contains("saki-mcp demo"), "{}", ended.stderr);
}
