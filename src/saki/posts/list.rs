//! List request for posts: status and date filters are sent in whichever format this Saki takes.

use jiff::Timestamp;
use jiff::civil::Date;
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Post;
use crate::saki::dialect::{FilterFormat, mentions, negotiate};
use crate::saki::field_errors::FieldError;
use crate::saki::pagination::List;
use crate::saki::{Client, Endpoint, Error, Reply, SpaceId};

/// The likely meanings of the status codes 0 to 4; the reference does not explain them.
const STATUS_WORDS: [&str; 5] = ["draft", "scheduled", "publishing", "published", "failed"];

/// The likely meaning of a status, given as a code or as a word.
pub fn status_word(status: &Value) -> Option<&'static str> {
    let code = status
        .as_u64()
        .or_else(|| status.as_str()?.trim().parse().ok());
    match code {
        Some(code) => STATUS_WORDS.get(usize::try_from(code).ok()?).copied(),
        None => {
            let word = status.as_str()?.trim().to_ascii_lowercase();
            STATUS_WORDS.into_iter().find(|known| *known == word)
        }
    }
}

/// Lists the posts of a space, a page at a time (reference: posts.index).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPosts {
    /// Space to look in.
    pub space_id: SpaceId,
    /// Status to look for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Account to look for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Earliest date, e.g. "2027-04-10".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Latest date, e.g. "2027-04-16".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Page to read, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
}

impl ListPosts {
    /// The first page of all posts of a space.
    pub fn of(space_id: SpaceId) -> Self {
        Self {
            space_id,
            status: None,
            account_id: None,
            from: None,
            to: None,
            page: None,
        }
    }
}

impl Endpoint for ListPosts {
    type Response = List<Post>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/posts";
}

impl Client {
    /// Reads a page of posts, with status and dates in the format that this Saki takes.
    pub async fn list_posts(&self, request: &ListPosts) -> Result<Reply, Error> {
        let dialect = self.dialect();
        let preferred = dialect.learned().filter_format;
        let send = |format| async move { self.send(&request.in_format(format)).await };
        let alternative = |errors: &[FieldError], sent: &FilterFormat| {
            Ok(request.alternative_format(errors, *sent))
        };
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.learned().filter_format = accepted;
        Ok(reply)
    }
}

impl ListPosts {
    fn in_format(&self, format: FilterFormat) -> Self {
        let mut request = self.clone();
        if format.other_status {
            request.status = self.status.as_deref().map(other_status);
        }
        if format.other_dates {
            request.from = self
                .from
                .as_deref()
                .map(|from| other_date(from, "T00:00:00Z"));
            request.to = self.to.as_deref().map(|to| other_date(to, "T23:59:59Z"));
        }
        request
    }

    fn alternative_format(
        &self,
        errors: &[FieldError],
        sent: FilterFormat,
    ) -> Option<FilterFormat> {
        let mut other = sent;
        if self.status.is_some() && mentions(errors, "status") {
            other.other_status = !sent.other_status;
        }
        if (self.from.is_some() && mentions(errors, "from"))
            || (self.to.is_some() && mentions(errors, "to"))
        {
            other.other_dates = !sent.other_dates;
        }
        (self.in_format(other) != self.in_format(sent)).then_some(other)
    }
}

/// A number for a word, and a word for a number.
fn other_status(given: &str) -> String {
    let word = given.trim().to_ascii_lowercase();
    let number = STATUS_WORDS.iter().position(|known| *known == word);
    let known = given
        .trim()
        .parse::<usize>()
        .ok()
        .and_then(|number| STATUS_WORDS.get(number));
    match (number, known) {
        (Some(number), _) => number.to_string(),
        (None, Some(known)) => (*known).to_owned(),
        (None, None) => given.to_owned(),
    }
}

/// A date-time for a date, and the UTC date of a date-time.
fn other_date(given: &str, time: &str) -> String {
    if given.trim().parse::<Date>().is_ok() && given.trim().len() == 10 {
        return format!("{}{time}", given.trim());
    }
    match given.trim().parse::<Timestamp>() {
        Ok(instant) => instant.to_string().chars().take(10).collect(),
        Err(_) => given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("draft", "0")]
    #[case("Failed", "4")]
    #[case("1", "scheduled")]
    #[case("9", "9")]
    #[case("whatever", "whatever")]
    fn a_status_has_a_number_and_a_word(#[case] given: &str, #[case] other: &str) {
        assert_eq!(other_status(given), other);
    }

    #[rstest]
    #[case("2027-04-10", "2027-04-10T00:00:00Z")]
    #[case("2027-04-10T01:30:00+02:00", "2027-04-09")]
    #[case("next week", "next week")]
    fn a_date_has_a_time_and_a_time_has_a_date(#[case] given: &str, #[case] other: &str) {
        assert_eq!(other_date(given, "T00:00:00Z"), other);
    }

    #[test]
    fn only_a_refused_filter_is_sent_in_another_format() {
        let request = ListPosts {
            status: Some("draft".into()),
            ..ListPosts::of(SpaceId(1))
        };
        let refused = |field: &str| {
            [FieldError {
                field: field.into(),
                message: String::new(),
            }]
        };
        let other = FilterFormat {
            other_status: true,
            other_dates: false,
        };
        assert_eq!(
            request.alternative_format(&refused("status"), FilterFormat::default()),
            Some(other)
        );
        assert_eq!(
            request.alternative_format(&refused("from"), FilterFormat::default()),
            None
        );
        assert_eq!(
            request.alternative_format(&refused("page"), FilterFormat::default()),
            None
        );
    }
}
