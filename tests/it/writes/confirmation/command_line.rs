//! `saki-mcp call` where something has to be confirmed.

use serde_json::Value;

use crate::support::child_process::{Ended, run};
use crate::support::post_arguments::new_post;

fn publish(flags: &[&str], environment: &[(&str, &str)]) -> Ended {
    let post = new_post("Open late.").now();
    let post = post.to_string();
    let arguments = [&["--sandbox", "call", "create_post", &post], flags].concat();
    run(&arguments, environment)
}

#[test]
fn without_a_terminal_the_yes_is_a_flag() {
    for (mode, helps) in [("auto", true), ("always", false)] {
        let ended = publish(&["--confirm", mode], &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:#?}");
        assert!(ended.stderr.contains("Nothing was sent"), "{ended:#?}");
        assert_eq!(ended.stderr.contains("--yes"), helps, "{ended:#?}");
    }
    for (flags, environment) in [
        (&["--yes"][..], &[][..]),
        (&["--confirm", "never"], &[]),
        (&[], &[("SAKI_CONFIRM", "never")]),
    ] {
        let ended = publish(flags, environment);
        assert_eq!(ended.code, 0, "{flags:?}: {ended:#?}");
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(answer["outcome"], "done", "{flags:?}");
    }
}

#[test]
fn a_yes_on_the_command_line_is_not_a_person() {
    let ended = publish(&["--yes", "--confirm", "always"], &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:#?}");
    assert!(ended.stderr.contains("--confirm always"), "{ended:#?}");
}

#[test]
fn a_reversible_write_needs_no_yes() {
    let arguments = r#"{"space_id": 1, "post_id": 112}"#;
    let ended = run(&["--sandbox", "call", "delete_post", arguments], &[]);
    assert_eq!(ended.code, 0, "{ended:#?}");
}
