//! An account as a person knows it.

use super::networks::both_names;
use super::quote::{single_line, truncate};

/// An account by the names a person knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRef {
    /// Its id.
    pub id: u64,
    /// Its handle or name, where known.
    pub name: Option<String>,
    /// Its network, as Saki names it, where known.
    pub network: Option<String>,
    /// Its place in what was said of per_account_index accounts, where something was.
    pub per_account_index: Option<usize>,
}

impl AccountRef {
    /// Whether Saki lists it in the space that it was looked for in.
    pub fn is_listed(&self) -> bool {
        self.name.is_some() || self.network.is_some()
    }

    /// Id, name and network, as far as they are known: `12 acme.coffee (instagram)`.
    pub fn label(&self) -> String {
        let name = self.name.iter().map(|name| format!(" {}", plain(name)));
        let network = self.network.iter();
        let network = network.map(|network| format!(" ({})", both_names(&plain(network))));
        let parts = std::iter::once(self.id.to_string())
            .chain(name)
            .chain(network);
        parts.collect()
    }

    /// `12 "acme" (twitter)`: with the name quoted and cut, since others wrote it.
    pub fn quoted(&self) -> String {
        let name = self.name.as_ref();
        let name = name.map(|name| format!(" {:?}", truncate(name, 80)));
        let network = self.network.as_ref().map(|network| format!(" ({network})"));
        format!(
            "{}{}{}",
            self.id,
            name.unwrap_or_default(),
            network.unwrap_or_default()
        )
    }

    /// `acme (twitter/X)`, or `account 12` where nothing more is known.
    pub fn said(&self) -> String {
        let name = match &self.name {
            Some(name) => plain(name),
            None => format!("account {}", self.id),
        };
        match &self.network {
            Some(network) => format!("{name} ({})", both_names(&plain(network))),
            None => name,
        }
    }
}

/// A name as it stands in a sentence; one that could be taken for more than a name is quoted, and a long one cut.
pub fn plain(name: &str) -> String {
    const MAX_LENGTH: usize = 60;
    let name = single_line(name);
    let name = truncate(&name, MAX_LENGTH);
    match name.contains([' ', '"', '(', ')', ':', ';', ',']) {
        true => format!("\"{}\"", name.replace('"', "'")),
        false => name.into_owned(),
    }
}
