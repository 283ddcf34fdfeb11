//! Links between the documents lead somewhere.

use std::path::Path;

use super::{documents, root};

/// Targets of Markdown links outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut all = Vec::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if is_code {
            continue;
        }
        let links = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        all.extend(links.map(str::to_owned));
        let images = line
            .split("src=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        all.extend(images.map(str::to_owned));
    }
    all
}

/// The anchor that a Markdown viewer gives a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_link_inside_the_repository_leads_to_a_file_and_a_heading() {
    let mut checked = 0;
    for (document, text) in documents() {
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = match file {
                "" => root().join(&document),
                file => root().join(folder).join(file),
            };
            assert!(
                path.exists(),
                "{}: {target} does not exist",
                document.display()
            );
            if !heading.is_empty() {
                let there = headings(&std::fs::read_to_string(&path).unwrap());
                assert!(
                    there.iter().any(|known| known == heading),
                    "{}: {target} has no such heading; there are {there:?}",
                    document.display()
                );
            }
        }
    }
    assert!(checked >= 10, "only {checked} links were found");
}

#[test]
fn every_document_in_docs_is_linked_from_the_readme() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let linked = targets(&readme);
    for (document, _) in documents() {
        let path = document.display().to_string();
        assert!(
            path == "README.md" || linked.iter().any(|target| target.starts_with(&path)),
            "README.md does not link {path}"
        );
    }
}

#[test]
fn the_readme_is_read_in_a_few_minutes() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; 150 are allowed");
}
