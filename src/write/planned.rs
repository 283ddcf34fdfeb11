//! What becomes of posts, as a person would say it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::effects::{Effects, Live};
use super::networks::both_names;
use super::when::When;

/// What becomes of posts, as a person would say it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Whether they stay drafts, are scheduled, or go out at once.
    pub mode: Mode,
    /// When they go out, where a time was given.
    pub when: Option<When>,
    /// The accounts they are for.
    pub accounts: Vec<PlannedAccount>,
    /// What is odd about it.
    pub warnings: Vec<String>,
}

impl Planned {
    /// What goes public by it, and what stays private.
    pub fn effects(&self) -> Effects {
        let at = match self.mode {
            Mode::Draft => {
                return Effects {
                    drafts: self.accounts.clone(),
                    ..Effects::default()
                };
            }
            Mode::Schedule => self.when.as_ref().map(When::at),
            Mode::Now => None,
        };
        let live = |account: &PlannedAccount| Live {
            account: account.clone(),
            at,
        };
        Effects {
            live: self.accounts.iter().map(live).collect(),
            ..Effects::default()
        }
    }

    /// One sentence that says what happens to the posts; `does` is a verb such as "Creates".
    pub fn sentence(&self, does: &str) -> String {
        let accounts = match self.accounts.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        let fate = match (self.mode, &self.when) {
            (Mode::Draft, _) => "as a draft that stays private".to_owned(),
            (Mode::Now, _) => "and makes it public at once".to_owned(),
            (Mode::Schedule, Some(when)) => format!("that goes public on {}", when.local()),
            (Mode::Schedule, None) => "that goes public at its time".to_owned(),
        };
        format!("{does} a post on {accounts} {fate}.")
    }

    /// The facts about it, in the order in which they are read.
    pub fn facts(&self, now: Timestamp) -> Map<String, Value> {
        let mut facts = Map::from_iter([("mode".to_owned(), json!(self.mode.word()))]);
        if let Some(when) = &self.when {
            facts.extend(when.facts(now));
        }
        let accounts = self.accounts.iter().map(
            |account| json!({"id": account.id, "name": account.name, "network": account.network}),
        );
        facts.insert("accounts".to_owned(), accounts.collect());
        facts
    }
}

/// What happens to posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They stay private.
    Draft,
    /// They go out at a time.
    Schedule,
    /// They go out at once.
    Now,
}

impl Mode {
    /// The word that agents use for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Schedule => "schedule",
            Self::Now => "now",
        }
    }
}

/// An account by the names a person knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAccount {
    /// Its id.
    pub id: u64,
    /// Its handle or name, where known.
    pub name: Option<String>,
    /// Its network, as Saki names it, where known.
    pub network: Option<String>,
    /// Its place in what was said of single accounts, where something was.
    pub single: Option<usize>,
}

impl PlannedAccount {
    /// Whether Saki lists it in the space that it was looked for in.
    pub fn is_listed(&self) -> bool {
        self.name.is_some() || self.network.is_some()
    }

    /// Id, name and network, as far as they are known: `12 acme.coffee (instagram)`.
    pub fn label(&self) -> String {
        let name = self.name.iter().map(|name| format!(" {}", plain(name)));
        let network = self.network.iter();
        let network = network.map(|network| format!(" ({})", both_names(network)));
        let parts = std::iter::once(self.id.to_string())
            .chain(name)
            .chain(network);
        parts.collect()
    }

    /// `12 "acme" (twitter)`: with the name quoted and cut, since others wrote it.
    pub fn quoted(&self) -> String {
        let name = self.name.as_ref().map(|name| {
            let cut: String = name.chars().take(80).collect();
            format!(" {cut:?}")
        });
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
            Some(network) => format!("{name} ({})", both_names(network)),
            None => name,
        }
    }
}

/// A name as it stands in a sentence; one that could be taken for more than a name is quoted, and a long one cut.
pub fn plain(name: &str) -> String {
    const LONGEST: usize = 60;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = name.chars().take(LONGEST).collect();
    if cut.len() < name.len() {
        cut.push('…');
    }
    match cut.contains(['"', '(', ')', ':', ';', ',']) {
        true => format!("\"{}\"", cut.replace('"', "'")),
        false => cut,
    }
}
