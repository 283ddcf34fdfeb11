//! Description filter: removes the sentences about tools and parameters that the policy took out of the catalogue.

use std::collections::HashSet;

use rmcp::model::Tool;

use super::permitted_tools::permit;
use crate::tools::{ToolTraits, Tools};
use crate::write::policy::Policy;

/// The tools before and after the policy, by which a sentence is kept or removed.
#[derive(Debug)]
pub(super) struct DescriptionFilter {
    all: HashSet<String>,
    permitted: HashSet<String>,
    is_pinned: bool,
}

impl DescriptionFilter {
    /// A filter for what `policy` takes out of all tools.
    pub(super) fn new(policy: &Policy, all: &[Tool], permitted: &[Tool]) -> Self {
        let names = |tools: &[Tool]| tools.iter().map(|tool| tool.name.to_string()).collect();
        Self {
            permitted: names(permitted),
            all: names(all),
            is_pinned: policy.pinned_space().is_some(),
        }
    }

    /// The text without the sentences that are only about what is not in the catalogue.
    pub(super) fn apply(&self, text: &str) -> String {
        let lines = text.lines().map(|line| {
            let kept = sentences(line).into_iter().filter(|one| self.keeps(one));
            kept.collect::<String>().trim_end().to_owned()
        });
        let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }

    fn keeps(&self, sentence: &str) -> bool {
        let words = || sentence.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        let mut named = words().filter(|word| self.all.contains(*word)).peekable();
        let names_only_removed =
            named.peek().is_some() && named.all(|name| !self.permitted.contains(name));
        let mentions_pinned = self.is_pinned && words().any(|word| word == "space_id");
        !names_only_removed && !mentions_pinned
    }
}

/// The instructions without the sentences about what `policy` takes out.
pub(super) fn filter_instructions(policy: &Policy, text: &str) -> String {
    match *policy == Policy::default() {
        // Nothing is taken out, and listing the tools takes milliseconds at every start.
        true => text.to_owned(),
        false => {
            let all = Tools::router().list_all();
            let mut permitted = all.clone();
            permitted.retain(|tool| permit(policy, tool, &ToolTraits::new(tool)).is_ok());
            DescriptionFilter::new(policy, &all, &permitted).apply(text)
        }
    }
}

/// The first sentence of a text.
pub fn first_sentence(text: &str) -> &str {
    let first = sentences(text).into_iter().next();
    first.unwrap_or_default().trim_end()
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

    fn filter(all: &[&str], permitted: &[&str], is_pinned: bool) -> DescriptionFilter {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        DescriptionFilter {
            all: set(all),
            permitted: set(permitted),
            is_pinned,
        }
    }

    const TEXT: &str = "Makes one, e.g. \"a\". Its id goes into `space_id`. Then use get_it or put_it.\nput_it sends. `draft` stays.";

    #[test]
    fn a_sentence_goes_when_every_tool_in_it_is_gone() {
        let all = ["get_it", "put_it"];
        assert_eq!(filter(&all, &all, false).apply(TEXT), TEXT);
        assert_eq!(
            filter(&all, &["get_it"], false).apply(TEXT),
            "Makes one, e.g. \"a\". Its id goes into `space_id`. Then use get_it or put_it.\n`draft` stays."
        );
        assert_eq!(
            filter(&all, &[], false).apply(TEXT),
            "Makes one, e.g. \"a\". Its id goes into `space_id`.\n`draft` stays."
        );
    }

    #[test]
    fn a_pinned_space_is_not_mentioned() {
        assert_eq!(
            filter(&["get_it"], &["get_it"], true).apply(TEXT),
            "Makes one, e.g. \"a\". Then use get_it or put_it.\nput_it sends. `draft` stays."
        );
    }
}
