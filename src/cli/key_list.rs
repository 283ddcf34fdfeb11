//! Saki keys of principals: `--keys FILE` has lines `LABEL: PATH`, each with the file of one key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::key_file;
use crate::saki::Key;
use crate::transport::auth::{FileAccess, check_access, check_name, entry_lines};

/// The keys by their labels.
#[derive(Debug)]
pub(super) struct KeyList(BTreeMap<String, Key>);

impl PartialEq for KeyList {
    fn eq(&self, other: &Self) -> bool {
        let known = |list: &Self| {
            let keys = list.0.iter();
            keys.map(|(label, key)| (label.clone(), key.fingerprint()))
                .collect::<Vec<_>>()
        };
        known(self) == known(other)
    }
}

impl KeyList {
    /// Reads the list and every key in it.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let name = format!("the key list {}", path.display());
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
        check_access(path, FileAccess::ChangedByOwner)?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let mut keys = BTreeMap::new();
        for (number, line) in entry_lines(&text) {
            let key = read_line(line, directory).and_then(|(label, key)| {
                match keys.insert(label.clone(), key) {
                    None => Ok(()),
                    Some(_) => Err(format!("the label {label} stands in the file twice")),
                }
            });
            key.map_err(|why| format!("{name}, line {number}: {why}"))?;
        }
        Ok(Self(keys))
    }

    /// The key of a label.
    pub(super) fn get(&self, label: &str) -> Option<&Key> {
        self.0.get(label)
    }
}

fn read_line(line: &str, directory: &Path) -> Result<(String, Key), String> {
    // The line is never repeated: it may hold a key in the wrong place.
    let (label, path) = line
        .split_once(':')
        .ok_or("expected `LABEL: PATH`, where the file at PATH holds the key")?;
    let label = label.trim();
    check_name(label)?;
    let path: PathBuf = directory.join(crate::write::media::expand_home(path.trim()));
    if !path.is_file() {
        return Err("there is no such file. After the label comes the path of a file that holds the key, not the key itself".to_owned());
    }
    check_access(&path, FileAccess::ReadByGroup)?;
    let text = key_file::read(&path).map_err(|error| format!("{error:#}"))?;
    let key = Key::new(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((label.to_owned(), key))
}
