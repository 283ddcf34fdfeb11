//! Completion scripts and manual pages, as a package ships them.

use std::process::Command;

use rstest::rstest;

use crate::support::child_process::run;

#[rstest]
#[case("bash", "complete -F")]
#[case("zsh", "#compdef saki-mcp")]
#[case("fish", "complete -c saki-mcp")]
#[case("powershell", "Register-ArgumentCompleter")]
fn each_shell_gets_a_script_that_knows_commands_and_options(
    #[case] shell: &str,
    #[case] sign: &str,
) {
    let ended = run(&["completions", shell], &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:#?}");
    for word in [sign, "api-key-file", "sandbox", "completions"] {
        assert!(ended.stdout.contains(word), "{shell}: {word}");
    }
}

#[test]
fn the_bash_script_is_one_that_bash_accepts_and_completes_with() {
    let script = run(&["completions", "bash"], &[]).stdout;
    let asked = format!(
        "{script}\nCOMP_WORDS=(saki-mcp de); COMP_CWORD=1\n$(complete -p saki-mcp | grep -o '_saki[^ ]*') saki-mcp de saki-mcp\necho \"${{COMPREPLY[@]}}\"\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("completion.bash");
    std::fs::write(&path, asked).unwrap();
    let output = Command::new("bash").arg(path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("demo"), "{output:?}");
}

#[test]
fn an_unknown_shell_is_refused_with_the_known_ones() {
    let ended = run(&["completions", "tcsh"], &[]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("bash"), "{}", ended.stderr);
}

#[test]
fn the_manual_page_names_options_variables_and_commands() {
    let ended = run(&["man"], &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for word in [
        ".TH saki",
        "SAKI_MODE",
        "\\-\\-api\\-key\\-file",
        "saki\\-mcp\\-http(1)",
    ] {
        assert!(ended.stdout.contains(word), "no {word} in {}", ended.stdout);
    }
}

#[test]
fn each_command_has_a_manual_page_and_an_unknown_one_has_none() {
    let http = run(&["man", "http"], &[]);
    assert_eq!(http.code, 0, "{}", http.stderr);
    assert!(http.stdout.contains("SAKI_BIND"), "{}", http.stdout);
    assert!(http.stdout.contains(".TH saki-mcp-http"), "{}", http.stdout);
    let unknown = run(&["man", "htpp"], &[]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("stdio, http"), "{}", unknown.stderr);
}
