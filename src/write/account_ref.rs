//! A reference to an account, and how it is printed: by id, name and network.

use serde::Serialize;

use super::networks::both_names;
use super::quote::{single_line, truncate};

/// An account by its id and the names that a person knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountRef {
    /// Its id.
    pub id: u64,
    /// Its handle or name, where known.
    pub name: Option<String>,
    /// Its network, as Saki names it, where known.
    pub network: Option<String>,
    /// Its index in the `per_account` argument, where it has an entry there.
    pub per_account_index: Option<usize>,
}

impl AccountRef {
    /// Whether Saki lists it in the space of the call.
    pub fn is_listed(&self) -> bool {
        self.name.is_some() || self.network.is_some()
    }

    /// Id, name and network, as far as known: `12 acme.coffee (instagram)`.
    pub fn label(&self) -> String {
        let name = self
            .name
            .iter()
            .map(|name| format!(" {}", quote_if_needed(name)));
        let network = self.network.iter();
        let network =
            network.map(|network| format!(" ({})", both_names(&quote_if_needed(network))));
        let parts = std::iter::once(self.id.to_string())
            .chain(name)
            .chain(network);
        parts.collect()
    }

    /// `12 "acme" (twitter)`: the name quoted and cut, because others wrote it.
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

    /// `acme (twitter/X)`, or `account 12` where only the id is known.
    pub fn name_and_network(&self) -> String {
        let name = match &self.name {
            Some(name) => quote_if_needed(name),
            None => format!("account {}", self.id),
        };
        match &self.network {
            Some(network) => format!("{name} ({})", both_names(&quote_if_needed(network))),
            None => name,
        }
    }
}

/// A name as it stands in a sentence; one that could be taken for more than a name is quoted, and a long one cut.
pub fn quote_if_needed(name: &str) -> String {
    const MAX_LENGTH: usize = 60;
    let name = single_line(name);
    let name = truncate(&name, MAX_LENGTH);
    match name.contains([' ', '"', '(', ')', ':', ';', ',']) {
        true => format!("\"{}\"", name.replace('"', "'")),
        false => name.into_owned(),
    }
}
