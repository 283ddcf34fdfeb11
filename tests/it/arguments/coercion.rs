//! Arguments as models really write them: what is understood, and what is refused with which words.
//!
//! The tables stand in `tables/`: a call, then what came of it.

use serde_json::{Value, json};

use crate::support::server_under_test::World;

const UNDERSTOOD: &str = include_str!("tables/understood.txt");
const REFUSED: &str = include_str!("tables/refused.txt");

/// The tool and the arguments of a block's first line.
fn call(block: &str) -> (&str, Value) {
    let line = block.lines().next().unwrap();
    let (tool, arguments) = line.split_once(' ').unwrap();
    (tool, serde_json::from_str(arguments).unwrap())
}

/// The lines of a block that begin with a word, without it.
fn lines<'a>(block: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = block.lines().skip(1).map(str::trim_start);
    lines.filter_map(move |line| line.strip_prefix(word))
}

/// What reached Saki: the last write, or else everything that was read.
fn reached(world: &World) -> Vec<String> {
    let line = |logged: saki_mcp::sandbox::LoggedRequest| {
        let query = logged.query.map(|query| format!("?{query}"));
        let body = logged.body.map(|body| format!(" {body}"));
        let file = logged
            .uploads
            .first()
            .map(|file| format!(" {} of {} bytes", file.filename, file.size));
        let (query, body) = (query.unwrap_or_default(), body.unwrap_or_default());
        format!(
            "{} {}{query}{body}{}",
            logged.method,
            logged.path,
            file.unwrap_or_default()
        )
    };
    let mut writes = world.writes();
    match writes.pop() {
        Some(last) => vec![line(last)],
        None => world.sandbox().log().into_iter().map(line).collect(),
    }
}

#[tokio::test]
async fn a_sloppy_call_is_coerced_and_says_what_was_understood() {
    let world = World::new().await;
    let fresh = world.sandbox().state(Clone::clone);
    let (mut told, mut blocks) = (String::new(), 0);
    for block in UNDERSTOOD.split_terminator("\n\n") {
        world.clear_memory().await;
        world.sandbox().edit(|state| *state = fresh.clone());
        world.sandbox().clear_log();
        let (tool, arguments) = call(block);
        let answer = world.call(tool, arguments).await;
        let reached = reached(&world);
        // A list of posts may go on to further pages.
        let first = reached.iter().find(|sent| sent.contains("/posts"));
        let sent = first.or(reached.last());
        told.push_str(block.lines().next().unwrap());
        match answer.failed {
            true => told.push_str(&format!("\n  REFUSED {}", answer.text)),
            false => told.push_str(&format!("\n  sends {}", sent.unwrap())),
        }
        for one in answer.meta["understood"].as_array().into_iter().flatten() {
            told.push_str(&format!("\n  understands {}", one.as_str().unwrap()));
        }
        told.push_str("\n\n");
        blocks += 1;
    }
    assert!(blocks >= 120, "{blocks}");
    assert_eq!(told.trim_end(), UNDERSTOOD.trim_end());
}

#[tokio::test]
async fn a_doubtful_call_is_refused_and_its_better_twin_is_accepted() {
    let world = World::new().await;
    let fresh = world.sandbox().state(Clone::clone);
    let (mut told, mut blocks) = (String::new(), 0);
    for block in REFUSED.split_terminator("\n\n") {
        world.clear_memory().await;
        world.sandbox().edit(|state| *state = fresh.clone());
        world.sandbox().clear_log();
        let (tool, arguments) = call(block);
        let answer = world.call(tool, arguments).await;
        assert!(answer.failed, "{block}\ntaken: {}", answer.json);
        assert_eq!(answer.meta["class"], "not_sent", "{block}");
        assert!(world.writes().is_empty(), "{block}");
        told.push_str(block.lines().next().unwrap());
        for line in answer.text.lines() {
            told.push_str(&format!("\n  says {line}"));
        }
        let better = lines(block, "better ").next().unwrap();
        told.push_str(&format!("\n  better {better}\n\n"));
        world.ok(tool, serde_json::from_str(better).unwrap()).await;
        blocks += 1;
    }
    assert!(blocks >= 40, "{blocks}");
    assert_eq!(told.trim_end(), REFUSED.trim_end());
}

#[tokio::test]
async fn a_weighty_correction_is_in_the_body_and_a_spelling_is_not() {
    let world = World::new().await;
    let weighty = json!({"space": "Acme Coffee", "post_id": 112});
    let read = world.ok("get_post", weighty).await;
    assert_eq!(
        read["understood"],
        json!([
            "`space` as `space_id`",
            "`space_id`: \"Acme Coffee\" as 1 \"Acme Coffee\""
        ])
    );
    let dated =
        json!({"space_id": 1, "accounts": [11], "content": "A", "date": "2027-04-12T09:00"});
    let made = world.ok("create_post", dated).await;
    assert_eq!(
        made["understood"],
        json!(["`accounts` as `account_ids`", "`date` as `scheduled_at`"])
    );
    for light in [
        json!({"space_id": 1, "postId": 112}),
        json!({"space_id": "1", "post_id": "112"}),
    ] {
        let read = world.ok("get_post", light).await;
        assert_eq!(read.get("understood"), None);
    }
}
