//! What a failed request was about, read from its address: which thing, by which id, and where such things are listed.

use percent_encoding::percent_decode_str;
use reqwest::Method;

use super::shown;
use crate::saki::ErrorResponse;

/// The steps of an address: collections, and the ids in them.
#[derive(Debug)]
pub(super) struct ResourcePath {
    method: Method,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    collection: String,
    id: Option<String>,
}

impl ResourcePath {
    pub(super) fn of(method: &Method, path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let steps = segments.chunks(2).map(|pair| Step {
            collection: pair.first().copied().unwrap_or_default().to_owned(),
            id: pair
                .get(1)
                .map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned()),
        });
        Self {
            method: method.clone(),
            steps: steps.collect(),
        }
    }

    pub(super) fn of_answer(answer: &ErrorResponse) -> Self {
        Self::of(&answer.method, &answer.path)
    }

    /// Whether this is about `collection` as a whole or about one of its things.
    pub(super) fn is_about(&self, collection: &str) -> bool {
        self.steps
            .last()
            .is_some_and(|step| step.collection == collection)
    }

    /// The space that this is in or about.
    pub(super) fn space(&self) -> Option<&str> {
        let space = self.steps.first()?;
        (space.collection == "spaces").then_some(space.id.as_deref()?)
    }

    /// What can only be missing where Saki says that something is: the last thing that was named by its id.
    pub(super) fn missing(&self) -> Option<Missing> {
        let at = self.steps.iter().rposition(|step| step.id.is_some())?;
        let (step, id) = (&self.steps[at], self.steps[at].id.as_deref()?);
        let thing = step.thing();
        let parent = self.steps[..at]
            .last()
            .map(Step::within)
            .unwrap_or_default();
        let parameter = match &*step.collection {
            "media" => "media_id".to_owned(),
            _ => format!("{thing}_id"),
        };
        Some(Missing {
            what: format!(
                "`{parameter}` {}: there is no such {thing}{parent}",
                id_of(id)
            ),
            listed: self.listed(step),
        })
    }

    /// The call that shows whether a write happened; there is none for media.
    pub(super) fn look(&self) -> Option<String> {
        let lists = |step: &&Step| step.collection.ends_with('s');
        match self.steps.iter().rev().find(lists) {
            Some(step) => self.listed(step),
            None if self.is_about("media") => None,
            None => Some("list_spaces".to_owned()),
        }
    }

    /// What was to be done, in words: `change the post 7 in space 3`.
    pub(super) fn action(&self) -> String {
        // A word after an id that names no collection says how the thing changes.
        let is_word = |step: &Step| step.id.is_none() && self.method == Method::PATCH;
        let steps = match self.steps.as_slice() {
            [before @ .., last] if is_word(last) => before,
            steps => steps,
        };
        let Some((last, before)) = steps.split_last() else {
            return "do this".to_owned();
        };
        let thing = last.thing();
        let what = match (&last.id, self.method.as_str()) {
            (None, "POST") if last.collection == "media" => "upload a file".to_owned(),
            (None, "POST") => format!("create a {thing}"),
            (None, _) => format!("read the {}", last.collection),
            (Some(id), "GET") => format!("read the {thing} {}", id_of(id)),
            (Some(id), "DELETE") => format!("delete the {thing} {}", id_of(id)),
            (Some(id), _) => format!("change the {thing} {}", id_of(id)),
        };
        before
            .iter()
            .rev()
            .fold(what, |what, step| what + &step.within())
    }

    fn listed(&self, step: &Step) -> Option<String> {
        let collection = match &*step.collection {
            "media" => return None,
            "clusters" => "posts",
            other => other,
        };
        let space = self.space().filter(|_| collection != "spaces");
        let with = space.map(|id| format!(" with `space_id: {id}`"));
        Some(format!("list_{collection}{}", with.unwrap_or_default()))
    }
}

/// A thing that Saki does not find.
#[derive(Debug)]
pub(super) struct Missing {
    /// The parameter, its value and that there is no such thing.
    pub(super) what: String,
    /// The call that lists such things; there is none for media.
    pub(super) listed: Option<String>,
}

impl Step {
    fn thing(&self) -> &str {
        match &*self.collection {
            "media" => "file",
            collection => collection.trim_end_matches('s'),
        }
    }

    /// ` in space 3`
    fn within(&self) -> String {
        let word = if self.collection == "spaces" {
            "in"
        } else {
            "of"
        };
        let id = self.id.as_deref().map(id_of).unwrap_or_default();
        format!(" {word} {} {id}", self.thing())
    }
}

/// A number stands for itself; anything else is quoted.
fn id_of(id: &str) -> String {
    match id.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => shown(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("GET", "/spaces/3", "read the space 3")]
    #[case("GET", "/spaces", "read the spaces")]
    #[case("GET", "/subscription", "read the subscription")]
    #[case("POST", "/media", "upload a file")]
    #[case("DELETE", "/media/7", "delete the file 7")]
    #[case("POST", "/spaces/3/posts", "create a post in space 3")]
    #[case(
        "PUT",
        "/spaces/3/clusters/c%20x",
        "change the cluster \"c x\" in space 3"
    )]
    #[case(
        "PATCH",
        "/spaces/3/accounts/12/activate",
        "change the account 12 in space 3"
    )]
    #[case(
        "GET",
        "/spaces/3/accounts/12/boards",
        "read the boards of account 12 in space 3"
    )]
    fn what_was_to_be_done_is_said_in_words(
        #[case] method: Method,
        #[case] path: &str,
        #[case] words: &str,
    ) {
        assert_eq!(ResourcePath::of(&method, path).action(), words);
    }

    #[rstest]
    #[case(
        "GET",
        "/spaces/3/posts/7",
        "`post_id` 7: there is no such post in space 3",
        Some("list_posts with `space_id: 3`")
    )]
    #[case(
        "POST",
        "/spaces/3/posts",
        "`space_id` 3: there is no such space",
        Some("list_spaces")
    )]
    #[case(
        "GET",
        "/spaces/3/accounts/12/boards",
        "`account_id` 12: there is no such account in space 3",
        Some("list_accounts with `space_id: 3`")
    )]
    #[case(
        "PUT",
        "/spaces/3/clusters/c-1",
        "`cluster_id` \"c-1\": there is no such cluster in space 3",
        Some("list_posts with `space_id: 3`")
    )]
    #[case("DELETE", "/media/7", "`media_id` 7: there is no such file", None)]
    fn what_is_missing_is_named_by_its_parameter(
        #[case] method: Method,
        #[case] path: &str,
        #[case] what: &str,
        #[case] listed: Option<&str>,
    ) {
        let missing = ResourcePath::of(&method, path).missing().unwrap();
        assert_eq!((&*missing.what, missing.listed.as_deref()), (what, listed));
    }

    #[rstest]
    #[case("POST", "/spaces/3/slots", Some("list_slots with `space_id: 3`"))]
    #[case(
        "PATCH",
        "/spaces/3/accounts/12/activate",
        Some("list_accounts with `space_id: 3`")
    )]
    #[case("DELETE", "/spaces/3", Some("list_spaces"))]
    #[case("POST", "/media", None)]
    fn where_to_look_after_a_write_is_the_list_of_what_was_written(
        #[case] method: Method,
        #[case] path: &str,
        #[case] look: Option<&str>,
    ) {
        assert_eq!(ResourcePath::of(&method, path).look().as_deref(), look);
    }
}
