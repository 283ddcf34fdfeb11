//! The question as a client shows it, and the answer as it comes back.

use std::collections::BTreeMap;

use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitationAction, ElicitationSchema, InputRequest,
    InputRequiredResult,
};
use serde_json::Value;

use super::said;
use crate::tools::Failure;
use crate::write::question::Question;

/// Name of the question among others, and of its one field.
pub(super) const NAME: &str = "confirm";

/// The question with one box to tick: a client that accepts by itself sends no tick.
pub(super) fn form(question: &Question, first: Option<&str>) -> ElicitRequestParams {
    let schema = ElicitationSchema::builder()
        .required_bool_with(NAME, |field| field.title(question.yes).with_default(false));
    let first = first.map(|first| format!("{first}\n")).unwrap_or_default();
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: format!("{first}{}", question.text),
        // Its one required field is there.
        requested_schema: schema
            .build()
            .unwrap_or_else(|_| ElicitationSchema::new(BTreeMap::new())),
    }
}

/// The question as a result.
pub(super) fn result(
    question: &Question,
    first: Option<&str>,
    state: String,
) -> InputRequiredResult {
    let ask = InputRequest::Elicitation(ElicitRequest::new(form(question, first)));
    let asks = BTreeMap::from([(NAME.to_owned(), ask)]);
    InputRequiredResult::new(Some(asks), Some(state))
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Yes,
    Unmarked,
    No,
    Closed,
}

impl Reply {
    /// Reads an answer; what is none counts as a closed question.
    pub(super) fn read(answer: &Value) -> Self {
        let action = answer.get("action").cloned().map(serde_json::from_value);
        match action {
            Some(Ok(action)) => Self::of(&action, answer.get("content").cloned()),
            _ => Self::Closed,
        }
    }

    /// Reads an answer by its parts.
    pub(super) fn of(action: &ElicitationAction, content: Option<Value>) -> Self {
        let marked = content.as_ref().and_then(|content| content.get(NAME));
        match action {
            ElicitationAction::Accept if marked == Some(&Value::Bool(true)) => Self::Yes,
            ElicitationAction::Accept => Self::Unmarked,
            ElicitationAction::Decline => Self::No,
            _ => Self::Closed,
        }
    }

    /// # Errors
    ///
    /// Everything but a yes.
    pub(super) fn agreed(self) -> Result<(), Failure> {
        match self {
            Self::Yes => Ok(()),
            Self::Unmarked => Err(said::unmarked()),
            Self::No => Err(said::declined()),
            Self::Closed => Err(said::cancelled()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"action": "accept", "content": {"confirm": true}}), Reply::Yes)]
    #[case(json!({"action": "accept", "content": {"confirm": false}}), Reply::Unmarked)]
    #[case(json!({"action": "accept", "content": {"confirm": "true"}}), Reply::Unmarked)]
    #[case(json!({"action": "accept", "content": {}}), Reply::Unmarked)]
    #[case(json!({"action": "accept"}), Reply::Unmarked)]
    #[case(json!({"action": "decline", "content": {"confirm": true}}), Reply::No)]
    #[case(json!({"action": "cancel"}), Reply::Closed)]
    #[case(json!({"content": {"confirm": true}}), Reply::Closed)]
    #[case(json!("accept"), Reply::Closed)]
    fn only_an_accepted_and_ticked_form_is_a_yes(#[case] answer: Value, #[case] read: Reply) {
        assert_eq!(Reply::read(&answer), read);
        assert_eq!(read.agreed().is_ok(), read == Reply::Yes);
    }
}
