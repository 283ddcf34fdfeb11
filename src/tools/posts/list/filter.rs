//! Post filter: filters posts on our side, since Saki's filters are not reliable.

use jiff::Timestamp;
use serde_json::json;

use super::search_match::SearchTerms;
use crate::saki::lenient_json;
use crate::saki::posts::{PostState, PostView};
use crate::tools::Failure;
use crate::write::networks::canonical_name;
use crate::write::quote_text::quote_truncated;
use crate::write::time_range::TimeRange;

/// What a post must be to be listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) state: Option<PostState>,
    /// A status number, which only Saki's own filter understands.
    pub(crate) saki_status: Option<String>,
    pub(crate) owner: Option<OwnerFilter>,
    pub(crate) cluster_id: Option<String>,
    pub(crate) range: TimeRange,
    pub(crate) search: SearchTerms,
}

/// Whose posts are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnerFilter {
    Account(u64),
    Network {
        name: String,
        /// The accounts on it, for posts that show no more than their account's id.
        accounts: Vec<u64>,
    },
}

impl Filter {
    /// Takes a state by its word, or a status number.
    pub(crate) fn set_status(&mut self, given: &str) -> Result<(), Failure> {
        let word = given.trim().to_ascii_lowercase();
        if word.parse::<u64>().is_ok() {
            self.saki_status = Some(given.to_owned());
            return Ok(());
        }
        let state = serde_json::from_value(json!(word)).map_err(|_| {
            let why = format!("{} is no state of a post; it takes draft, scheduled, overdue, unscheduled, published, failed, or a status number.", quote_truncated(given));
            Failure::argument("status", why)
        });
        self.state = Some(state?);
        Ok(())
    }

    pub(crate) fn matches(&self, post: PostView<'_>, now: Timestamp) -> bool {
        self.matches_but_for_text(post, now) && self.has_words(post)
    }

    /// Whether nothing but a text that Saki does not show keeps a post from being found.
    pub(crate) fn lacks_text_of(&self, post: PostView<'_>, now: Timestamp) -> bool {
        let shows_no_text = post.content().is_none() && post.content_text().is_empty();
        !self.search.is_empty() && shows_no_text && self.matches_but_for_text(post, now)
    }

    fn matches_but_for_text(&self, post: PostView<'_>, now: Timestamp) -> bool {
        let at = post.published_or_scheduled_at();
        let in_time = self.range.is_unbounded() || at.is_some_and(|at| self.range.contains(at));
        in_time
            && self.state.is_none_or(|state| post.state(now) == state)
            && self.owner.as_ref().is_none_or(|owner| owner.owns(post))
            && (self.cluster_id.is_none() || post.cluster_id() == self.cluster_id)
            && self.has_saki_status(post)
    }

    /// The cluster, where nothing else is asked for.
    pub(crate) fn only_cluster(&self) -> Option<&str> {
        let Self {
            state: None,
            saki_status: None,
            owner: None,
            cluster_id,
            range,
            search,
        } = self
        else {
            return None;
        };
        let is_only = range.is_unbounded() && search.is_empty();
        cluster_id.as_deref().filter(|_| is_only)
    }

    /// Whether the post has the status number that was asked for, also where Saki ignores its filter; a status that is
    /// no number is left to Saki.
    fn has_saki_status(&self, post: PostView<'_>) -> bool {
        let wanted = self.saki_status.as_deref();
        let wanted = wanted.and_then(|number| number.trim().parse().ok());
        let shown = lenient_json::integer(&post, "status");
        wanted.is_none_or(|wanted: u64| shown.is_none_or(|shown| shown == wanted))
    }

    fn has_words(&self, post: PostView<'_>) -> bool {
        if self.search.is_empty() {
            return true;
        }
        let children = post.children().unwrap_or_default();
        let texts = std::iter::once(post)
            .chain(children)
            .map(PostView::content_text);
        self.search.are_in(&texts.collect::<Vec<_>>().join("\n"))
    }
}

impl OwnerFilter {
    fn owns(&self, post: PostView<'_>) -> bool {
        match self {
            Self::Account(id) => post.account_id() == Some(*id),
            Self::Network { name, accounts } => match post.network() {
                Some(social) => canonical_name(&social) == Some(name.as_str()),
                None => post.account_id().is_some_and(|id| accounts.contains(&id)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("cafe", true)]
    #[case("CAFÉ opens", true)]
    #[case("opens strasse", true)]
    #[case("cafe closes", false)]
    #[case("", true)]
    fn search_folds_case_and_accents_and_wants_every_word(
        #[case] search: &str,
        #[case] found: bool,
    ) {
        let filter = Filter {
            search: SearchTerms::parse(search),
            ..Filter::default()
        };
        let post =
            json!({"content": "Our Café opens", "children": [{"content": "Lange Straße 3"}]});
        assert_eq!(
            filter.matches(PostView::from(&post), Timestamp::UNIX_EPOCH),
            found
        );
    }

    #[test]
    fn a_post_without_a_time_is_in_no_stretch_of_time() {
        let range = TimeRange {
            from: Some(Timestamp::UNIX_EPOCH),
            until: None,
        };
        let filter = Filter {
            range,
            ..Filter::default()
        };
        let scheduled = json!({"scheduled_at": "2027-04-10T07:00:00Z"});
        assert!(filter.matches(PostView::from(&scheduled), Timestamp::UNIX_EPOCH));
        let unscheduled = json!({"scheduled_at": null});
        assert!(!filter.matches(PostView::from(&unscheduled), Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn the_owner_is_found_by_id_or_by_network() {
        let post = json!({"account": {"id": "7", "social": "Twitter"}});
        let matches = |owner| {
            let filter = Filter {
                owner: Some(owner),
                ..Filter::default()
            };
            filter.matches(PostView::from(&post), Timestamp::UNIX_EPOCH)
        };
        assert!(matches(OwnerFilter::Account(7)));
        let on = |name: &str| OwnerFilter::Network {
            name: name.into(),
            accounts: vec![7],
        };
        assert!(matches(on("twitter")) && !matches(on("linkedin")));
        let bare = json!({"account_id": 7});
        assert!(on("linkedin").owns(PostView::from(&bare)));
    }
}
