//! Texts for a model, fitted to what the policy leaves: nothing is said of tools or parameters that are not there.

use std::collections::HashSet;

use rmcp::model::Tool;

use super::policy;
use crate::tools::Tools;
use crate::write::policy::Policy;

/// What a policy takes out of the catalogue.
#[derive(Debug)]
pub(super) struct Fitting {
    all: HashSet<String>,
    left: HashSet<String>,
    is_pinned: bool,
}

impl Fitting {
    /// What `policy` takes out of `tools`.
    pub(super) fn new(policy: &Policy, tools: &[Tool]) -> Self {
        let names = |tools: &mut dyn Iterator<Item = &Tool>| {
            tools.map(|tool| tool.name.to_string()).collect()
        };
        let mut left = tools
            .iter()
            .filter(|tool| policy::allow(policy, tool).is_ok());
        Self {
            left: names(&mut left),
            all: names(&mut tools.iter()),
            is_pinned: policy.pinned_space().is_some(),
        }
    }

    /// `text` without the sentences that are only about what is not there.
    pub(super) fn text(&self, text: &str) -> String {
        let lines = text.lines().map(|line| {
            let kept = sentences(line).into_iter().filter(|one| self.fits(one));
            kept.collect::<String>().trim_end().to_owned()
        });
        let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }

    fn fits(&self, sentence: &str) -> bool {
        let words = || sentence.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        let mut named = words().filter(|word| self.all.contains(*word)).peekable();
        let names_only_gone = named.peek().is_some() && named.all(|name| !self.left.contains(name));
        let asks_for_pinned = self.is_pinned && words().any(|word| word == "space_id");
        !names_only_gone && !asks_for_pinned
    }
}

/// What the instructions say where `policy` takes tools out.
pub(super) fn instructions(policy: &Policy, text: &str) -> String {
    match *policy == Policy::default() {
        // Nothing is taken out, and listing the tools takes milliseconds at every start.
        true => text.to_owned(),
        false => Fitting::new(policy, &Tools::router().list_all()).text(text),
    }
}

/// The sentences of a line, each with the space behind it.
fn sentences(line: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut begin = 0;
    for (end, _) in line.match_indices(". ") {
        let next = line[end + 2..].chars().next();
        let begins = next.is_some_and(|c| c.is_uppercase() || c == '`');
        if begins && !line[..end].ends_with("e.g") {
            sentences.push(&line[begin..end + 2]);
            begin = end + 2;
        }
    }
    sentences.push(&line[begin..]);
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(all: &[&str], left: &[&str], is_pinned: bool) -> Fitting {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Fitting {
            all: set(all),
            left: set(left),
            is_pinned,
        }
    }

    const TEXT: &str = "Makes one, e.g. \"a\". Its id goes into `space_id`. Then use get_it or put_it.\nput_it sends. `draft` stays.";

    #[test]
    fn a_sentence_goes_when_every_tool_that_it_names_is_gone() {
        let all = ["get_it", "put_it"];
        assert_eq!(fitting(&all, &all, false).text(TEXT), TEXT);
        assert_eq!(
            fitting(&all, &["get_it"], false).text(TEXT),
            "Makes one, e.g. \"a\". Its id goes into `space_id`. Then use get_it or put_it.\n`draft` stays."
        );
        assert_eq!(
            fitting(&all, &[], false).text(TEXT),
            "Makes one, e.g. \"a\". Its id goes into `space_id`.\n`draft` stays."
        );
    }

    #[test]
    fn a_pinned_space_is_not_spoken_of() {
        assert_eq!(
            fitting(&["get_it"], &["get_it"], true).text(TEXT),
            "Makes one, e.g. \"a\". Then use get_it or put_it.\nput_it sends. `draft` stays."
        );
    }
}
