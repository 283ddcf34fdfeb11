//! The calls that are measured, and the check of their answers.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::Value;

/// A call of a read tool, the path that it requests from Saki, and a word of every right answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) tool: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) path: &'static str,
    pub(crate) word: &'static str,
}

pub(crate) const READS: [Read; 2] = [
    Read {
        tool: "get_subscription",
        arguments: "{}",
        path: "/subscription",
        word: "473",
    },
    Read {
        tool: "list_posts",
        arguments: r#"{"space_id":1}"#,
        path: "/spaces/1/posts",
        word: "plum cake",
    },
];

/// Calls in flight, beside one.
pub(crate) const WIDTH: usize = 32;

/// A `tools/call` request as JSON.
pub(crate) fn call(id: usize, tool: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    )
}

/// Checks that each answer is a result with the word, and that each id was answered once.
pub(crate) fn check<'a>(
    answers: impl IntoIterator<Item = &'a [u8]>,
    ids: impl IntoIterator<Item = usize>,
    word: &str,
) -> anyhow::Result<()> {
    let mut left: BTreeSet<usize> = ids.into_iter().collect();
    for answer in answers {
        let text = || String::from_utf8_lossy(answer);
        let answer: Value = serde_json::from_slice(answer).with_context(|| text().into_owned())?;
        let id = answer["id"].as_u64().unwrap_or_default() as usize;
        ensure!(left.remove(&id), "{id} was answered and not asked");
        let result = &answer["result"];
        ensure!(result["isError"] != true, "{result}");
        let shown = result["content"][0]["text"].as_str().unwrap_or_default();
        ensure!(shown.contains(word), "{word:?} is not in {answer}");
    }
    ensure!(left.is_empty(), "{left:?} were not answered");
    Ok(())
}
