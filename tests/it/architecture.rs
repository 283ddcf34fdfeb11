//! The architecture as tests: the order of the layers, the size and the names of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may import of ours, beside itself.
const MAY: [(&str, &[&str]); 7] = [
    (
        "cli",
        &["transport", "server", "tools", "write", "saki", "sandbox"],
    ),
    ("transport", &[]),
    ("server", &["tools", "write", "saki"]),
    ("tools", &["write", "saki"]),
    ("write", &["saki"]),
    ("saki", &[]),
    ("sandbox", &["saki"]),
];

/// Most lines that a file may have, its tests included.
const MAX_LINES: usize = 450;
/// Names that a file has in each layer: lists of modules, unit tests, and the resources of Saki.
const SHARED_NAMES: [&str; 10] = [
    "mod.rs",
    "tests.rs",
    "accounts.rs",
    "media.rs",
    "posts.rs",
    "queue.rs",
    "slots.rs",
    "spaces.rs",
    "subscription.rs",
    "webhooks.rs",
];
const SAYS_NOTHING: [&str; 5] = ["utils", "common", "helpers", "types", "manager"];

struct File {
    /// Path below the folder that was read, with `/`.
    name: String,
    text: String,
}

/// The files of `src`.
fn files() -> Vec<File> {
    files_below("src")
}

/// The Rust files of a folder and of all folders in it.
fn files_below(folder: &str) -> Vec<File> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false => found.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found.sort();
    let file = |path: PathBuf| File {
        name: path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/"),
        text: fs::read_to_string(&path).unwrap(),
    };
    found.into_iter().map(file).collect()
}

/// The layer that a file belongs to; `main.rs` and `lib.rs` belong to none.
fn layer(name: &str) -> Option<&'static str> {
    let first = name.split('/').next()?.trim_end_matches(".rs");
    MAY.iter()
        .map(|(layer, _)| *layer)
        .find(|layer| *layer == first)
}

/// The layers that a text names behind `crate::`, in paths, in nested `use` lists and in docs alike.
fn imported(text: &str) -> BTreeSet<String> {
    names_behind("crate::", text)
}

/// The first names of all paths behind `prefix`, in nested `use` lists too.
fn names_behind(prefix: &str, text: &str) -> BTreeSet<String> {
    text.match_indices(prefix)
        .filter(|(at, _)| !text[..*at].ends_with("::"))
        .flat_map(|(at, found)| {
            let rest = &text[at + found.len()..];
            match rest.strip_prefix('{') {
                Some(list) => list_items(list).iter().map(|item| word(item)).collect(),
                None => vec![word(rest)],
            }
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// The items of a `use` list, up to its closing brace.
fn list_items(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut items = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(item) = items
            .last_mut()
            .filter(|item| !(item.is_empty() && c.is_whitespace()))
        {
            item.push(c);
        }
    }
    items
}

/// The code of a file without its comments and unit tests.
fn code(text: &str) -> String {
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of a layer, and for each those that it imports; a name that the layer exports counts as its module.
fn imports_within(layer: &str, files: &[File]) -> BTreeMap<String, BTreeSet<String>> {
    let module = |name: &str| {
        let below = name.strip_prefix(layer)?.strip_prefix('/')?;
        let first = below.split('/').next()?.trim_end_matches(".rs");
        (first != "mod").then(|| first.to_owned())
    };
    let modules: BTreeSet<String> = files.iter().filter_map(|file| module(&file.name)).collect();
    let root = files
        .iter()
        .find(|file| file.name == format!("{layer}/mod.rs"));
    let root = root.map(|file| code(&file.text)).unwrap_or_default();
    let mut exported = BTreeMap::new();
    for module in &modules {
        let path = format!("use {module}::");
        for name in names_behind(&path, &root) {
            exported.insert(name, module.clone());
        }
    }
    let mut graph = BTreeMap::<String, BTreeSet<String>>::new();
    for file in files {
        let is_test = file.name.contains("/tests/") || file.name.ends_with("tests.rs");
        let Some(from) = module(&file.name).filter(|_| !is_test) else {
            continue;
        };
        let folders = file.name.trim_end_matches("/mod.rs").matches('/').count();
        let text = code(&file.text);
        let mut names = names_behind(&format!("crate::{layer}::"), &text);
        names.extend(names_behind(&"super::".repeat(folders), &text));
        let known = |name: String| exported.get(&name).or(modules.get(&name)).cloned();
        let imports = names.into_iter().filter_map(known);
        let others = imports.filter(|module| *module != from).collect::<Vec<_>>();
        graph.entry(from).or_default().extend(others);
    }
    graph
}

/// Each set of modules that import each other, directly or through others.
fn cycles(graph: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let reached = |from: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            let new = graph.get(module).into_iter().flatten();
            open.extend(new.filter(|module| reached.insert((*module).clone())));
        }
        reached
    };
    let all: BTreeMap<_, _> = graph
        .keys()
        .map(|module| (module, reached(module)))
        .collect();
    let cycle = |module: &String| {
        let others = all[module]
            .iter()
            .filter(|other| all.get(other).is_some_and(|back| back.contains(module)));
        others.cloned().collect::<Vec<_>>().join(", ")
    };
    graph
        .keys()
        .map(cycle)
        .filter(|cycle| !cycle.is_empty())
        .collect()
}

/// The identifier that a text begins with.
fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

fn none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn every_file_belongs_to_a_layer() {
    let stray = |file: &File| layer(&file.name).is_none();
    let stray: Vec<_> = files()
        .into_iter()
        .filter(stray)
        .map(|file| file.name)
        .collect();
    assert_eq!(stray, ["lib.rs", "main.rs"]);
}

#[test]
fn no_layer_imports_a_forbidden_one() {
    let mut breaches = Vec::new();
    for file in files() {
        let Some(layer) = layer(&file.name) else {
            continue;
        };
        let (_, may) = MAY.iter().find(|(name, _)| *name == layer).unwrap();
        for name in imported(&file.text) {
            let known = MAY.iter().any(|(other, _)| *other == name);
            if !known {
                breaches.push(format!("{}: crate::{name} is no layer", file.name));
            } else if name != layer && !may.contains(&name.as_str()) {
                breaches.push(format!("{}: {layer} may not import {name}", file.name));
            }
        }
    }
    none(breaches);
}

#[test]
fn no_modules_of_a_layer_import_each_other() {
    let files = files();
    let found = MAY.iter().flat_map(|(layer, _)| {
        let cycles = cycles(&imports_within(layer, &files));
        cycles
            .into_iter()
            .map(move |cycle| format!("{layer}: {cycle}"))
    });
    none(found.collect());
}

#[test]
fn a_cycle_is_found_through_a_third_module_and_an_exported_name() {
    let file = |(name, text): (&str, &str)| File {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        ("x/mod.rs", "pub use a::{A, Other};"),
        ("x/a.rs", "use super::b;"),
        ("x/b/mod.rs", "mod inner;"),
        ("x/b/inner.rs", "use super::super::c::C;"),
        ("x/c.rs", "use crate::x::{A, d};"),
        (
            "x/d.rs",
            "// super::a\n#[cfg(test)]\nmod tests { use super::super::a; }",
        ),
    ]
    .map(file);
    let found = cycles(&imports_within("x", &files));
    assert_eq!(found, BTreeSet::from(["a, b, c".to_owned()]));
}

#[test]
fn the_binary_only_starts_the_command_line() {
    let files = files();
    let main = files.iter().find(|file| file.name == "main.rs").unwrap();
    let named: BTreeSet<String> = main
        .text
        .match_indices("saki_mcp::")
        .map(|(at, found)| word(&main.text[at + found.len()..]))
        .collect();
    assert_eq!(named, BTreeSet::from(["cli".to_owned()]));
}

#[test]
fn only_the_release_of_memory_is_unsafe() {
    let files = files();
    let is_unsafe = |file: &&File| {
        let code = code(&file.text);
        code.contains("unsafe {") || code.contains("unsafe_code")
    };
    let named: Vec<&str> = files
        .iter()
        .filter(is_unsafe)
        .map(|file| file.name.as_str())
        .collect();
    assert_eq!(named, ["saki/release_memory.rs"]);
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::saki;\nuse crate::{tools::{Tools, look}, server as face};\nlet x = crate::write::when::zone;";
    let found: Vec<_> = imported(text).into_iter().collect();
    assert_eq!(found, ["saki", "server", "tools", "write"]);
}

#[test]
fn no_file_is_longer_than_450_lines() {
    let mut breaches = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for file in files_below(folder) {
            let lines = file.text.lines().count();
            if lines > MAX_LINES {
                breaches.push(format!("{folder}/{}: {lines} lines", file.name));
            }
        }
    }
    none(breaches);
}

#[test]
fn files_without_tests_live_in_support_and_files_with_tests_do_not() {
    let is_list = |name: &str| name == "main.rs" || name.ends_with("mod.rs");
    let mut breaches = Vec::new();
    for file in files_below("tests/it") {
        let has_tests = ["#[test]", "#[tokio::test", "#[rstest]"]
            .iter()
            .any(|attribute| file.text.lines().any(|line| line.starts_with(attribute)));
        let wants_tests = !file.name.starts_with("support/");
        if has_tests != wants_tests && (has_tests || !is_list(&file.name)) {
            breaches.push(file.name);
        }
    }
    none(breaches);
}

#[test]
fn every_module_opens_with_a_sentence() {
    let opens = |file: &File| {
        let first = file.text.lines().next().unwrap_or_default();
        let sentence = first.strip_prefix("//! ").unwrap_or_default();
        let ends = |line: &str| line.ends_with(['.', ':', ';', '?', '…']);
        let paragraph: Vec<&str> = file
            .text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .take_while(|line| !line.trim().is_empty())
            .collect();
        !sentence.is_empty() && paragraph.last().is_some_and(|line| ends(line.trim_end()))
    };
    // A file of unit tests belongs to the module it tests.
    let is_test = |file: &File| file.name.contains("/tests/") || file.name.ends_with("tests.rs");
    let mute = files()
        .into_iter()
        .filter(|file| !is_test(file) && !opens(file));
    none(mute.map(|file| file.name).collect());
}

#[test]
fn no_module_has_an_empty_name_such_as_utils() {
    let empty = |name: &str| {
        name.trim_end_matches(".rs")
            .split(['/', '_'])
            .any(|part| SAYS_NOTHING.contains(&part))
    };
    let found = files().into_iter().filter(|file| empty(&file.name));
    none(found.map(|file| file.name).collect());
}

#[test]
fn no_two_files_in_different_folders_share_a_name() {
    let mut folders = BTreeMap::<String, Vec<String>>::new();
    for file in files() {
        let name = file.name.rsplit('/').next().unwrap_or_default().to_owned();
        if !SHARED_NAMES.contains(&name.as_str()) {
            folders.entry(name).or_default().push(file.name);
        }
    }
    let doubled = folders.into_values().filter(|files| files.len() > 1);
    none(doubled.map(|files| files.join(" and ")).collect());
}

#[test]
fn no_two_types_share_a_name() {
    const KINDS: [&str; 3] = ["struct", "enum", "trait"];
    let mut places = BTreeMap::<String, BTreeSet<String>>::new();
    for file in files() {
        for line in code(&file.text).lines() {
            let words: Vec<String> = line.split_whitespace().map(word).collect();
            let kind = words.iter().position(|word| KINDS.contains(&&**word));
            let declared = kind
                .filter(|kind| *kind <= 2)
                .and_then(|kind| words.get(kind + 1));
            if let Some(name) = declared.filter(|name| !name.is_empty()) {
                places
                    .entry(name.clone())
                    .or_default()
                    .insert(file.name.clone());
            }
        }
    }
    assert!(places.len() > 500, "types are found");
    let doubled = places.into_iter().filter(|(_, files)| files.len() > 1);
    none(
        doubled
            .map(|(name, files)| format!("{name} in {files:?}"))
            .collect(),
    );
}
