//! The documents are held to the binary: generated parts, commands, snippets and links.
//!
//! `UPDATE_DOCS=1 cargo test --test it docs` writes the generated parts anew.

mod client_snippets;
mod commands_and_snippets;
mod links;
mod option_tables;
mod tool_reference;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document that a person reads, by its path from the root, and its text.
fn documents() -> Vec<(PathBuf, String)> {
    let of_folder = |folder: &str| {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let paths = entries.map(|entry| Path::new(folder).join(entry.unwrap().file_name()));
        paths.collect::<Vec<_>>()
    };
    let mut paths = [of_folder(""), of_folder("docs")].concat();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// What stands between two fences of the given language, of every document.
fn blocks(language: &str) -> Vec<(PathBuf, String)> {
    let opening = format!("```{language}\n");
    let mut all = Vec::new();
    for (path, text) in documents() {
        for rest in text.split(opening.as_str()).skip(1) {
            let block = rest.split("\n```").next().unwrap_or_default();
            all.push((path.clone(), block.to_owned()));
        }
    }
    all
}

/// Compares the part of a document between `<!-- NAME -->` and `<!-- /NAME -->` with what the binary says.
#[track_caller]
fn assert_generated(document: &str, name: &str, generated: &str) {
    let path = root().join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let (opening, closing) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (head, rest) = text.split_once(&opening).unwrap();
    let (present, tail) = rest.split_once(&closing).unwrap();
    let generated = format!("{}\n", generated.trim());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, [head, &opening, &generated, &closing, tail].concat()).unwrap();
        return;
    }
    assert!(
        present == generated,
        "{document} differs from the binary in its part {name}; UPDATE_DOCS=1 cargo test --test it docs writes it anew.\n--- now\n{present}\n--- generated\n{generated}"
    );
}
