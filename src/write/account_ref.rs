//! Account reference: an account's id, name and network, and its printed label.

use serde::Serialize;
use serde_json::Value;

use super::networks::{both_names, canonical_name};
use super::quote_text::{single_line, truncate};
use crate::saki::posts::PostView;
use crate::saki::{AccountId, lenient_json};

/// An account by its id and the names that a person knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountRef {
    /// Its id.
    pub id: u64,
    /// Its handle, where known, without `@`.
    pub handle: Option<String>,
    /// The name that its network displays, where known.
    pub name: Option<String>,
    /// Its network, as Saki names it, where known.
    pub network: Option<String>,
    /// Whether it is active, where known.
    // A consent to a write is not about this, so it does not bind the consent.
    #[serde(skip)]
    pub is_active: Option<bool>,
}

impl AccountRef {
    /// An account as Saki sent it; nothing where it has no readable id.
    pub fn read(account: &Value) -> Option<Self> {
        let text = |name: &str| lenient_json::text(account, name);
        Some(Self {
            id: lenient_json::integer(account, "id")?,
            handle: text("handler").or_else(|| text("handle")),
            name: text("display_name").or_else(|| text("name")),
            network: text("social"),
            is_active: lenient_json::flag(account, "is_active"),
        })
    }

    /// The account of a post, as far as the post shows it.
    pub fn of_post(post: PostView<'_>) -> Self {
        let account = post.account().and_then(Self::read);
        account.unwrap_or_else(|| Self::unlisted(post.account_id().unwrap_or_default()))
    }

    /// An account of which only the id is known.
    pub fn unlisted(id: u64) -> Self {
        Self {
            id,
            handle: None,
            name: None,
            network: None,
            is_active: None,
        }
    }

    /// Whether Saki lists it in the space of the call.
    pub fn is_listed(&self) -> bool {
        self.name.is_some() || self.handle.is_some() || self.network.is_some()
    }

    /// Whether it is on the network that a word names.
    pub fn is_on(&self, word: &str) -> bool {
        let name =
            |word: &str| canonical_name(word).map_or_else(|| word.to_lowercase(), str::to_owned);
        self.network.as_deref().map(name) == Some(name(word.trim()))
    }

    /// Its id for a request.
    pub fn account_id(&self) -> AccountId {
        AccountId(self.id)
    }

    /// Its handle, else its name.
    pub fn handle_or_name(&self) -> Option<&str> {
        self.handle.as_deref().or(self.name.as_deref())
    }

    /// For models, as far as known: `12 @acme (twitter/X)`.
    pub fn label(&self) -> String {
        let handle = self.handle.as_ref();
        let handle = handle.map(|handle| format!("@{}", handle.trim_start_matches('@')));
        let mut label = self.id.to_string();
        if let Some(name) = handle.as_deref().or(self.name.as_deref()) {
            label.push(' ');
            label.push_str(&quote_if_needed(name));
        }
        label + &self.network_suffix()
    }

    /// For the question that a person reads: `acme (twitter/X)`, or `account 12` where only the id is known.
    pub fn name_and_network(&self) -> String {
        let name = match self.handle_or_name() {
            Some(name) => quote_if_needed(name),
            None => format!("account {}", self.id),
        };
        name + &self.network_suffix()
    }

    fn network_suffix(&self) -> String {
        let network = self.network.as_ref();
        let network =
            network.map(|network| format!(" ({})", both_names(&quote_if_needed(network))));
        network.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"id": 12, "handler": "acme", "display_name": "Acme Coffee", "social": "twitter"}), "12 @acme (twitter/X)", "acme (twitter/X)")]
    #[case(json!({"id": "12", "handle": "@acme"}), "12 @acme", "@acme")]
    #[case(json!({"id": 12, "name": "Acme Coffee", "social": "instagram"}), "12 \"Acme Coffee\" (instagram)", "\"Acme Coffee\" (instagram)")]
    #[case(json!({"id": 12}), "12", "account 12")]
    #[case(json!({"id": 12, "handler": "a (b)\nc \"d\""}), "12 \"@a (b) c 'd'\"", "\"a (b) c 'd'\"")]
    fn an_account_is_printed_in_one_way_for_models_and_in_one_for_people(
        #[case] account: Value,
        #[case] label: &str,
        #[case] name_and_network: &str,
    ) {
        let account = AccountRef::read(&account).unwrap();
        assert_eq!(account.label(), label);
        assert_eq!(account.name_and_network(), name_and_network);
    }
}
