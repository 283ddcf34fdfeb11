//! Elicitation form: the question with its one checkbox, and the reply of a person.

use std::collections::BTreeMap;

use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitationAction, ElicitationSchema, InputRequest,
    InputRequiredResult,
};
use serde_json::Value;

use super::refusals;
use crate::tools::Failure;
use crate::write::confirmation_question::Question;

/// The key of the form among the requested inputs, and of its one field.
pub(super) const FORM_KEY: &str = "confirm";

/// The form: one checkbox that starts unticked, since some clients accept without showing it.
pub(super) fn form(question: &Question, preface: Option<&str>) -> ElicitRequestParams {
    let schema = ElicitationSchema::builder().required_bool_with(FORM_KEY, |field| {
        field.title(question.yes).with_default(false)
    });
    let preface = preface.map(|text| format!("{text}\n")).unwrap_or_default();
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: format!("{preface}{}", question.text),
        // Building fails only without the required field.
        requested_schema: schema
            .build()
            .unwrap_or_else(|_| ElicitationSchema::new(BTreeMap::new())),
    }
}

/// The form as a result that asks for input.
pub(super) fn input_required(
    question: &Question,
    preface: Option<&str>,
    request_state: String,
) -> InputRequiredResult {
    let request = InputRequest::Elicitation(ElicitRequest::new(form(question, preface)));
    let requests = BTreeMap::from([(FORM_KEY.to_owned(), request)]);
    InputRequiredResult::new(Some(requests), Some(request_state))
}

/// The reply to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormReply {
    /// Accepted with a ticked checkbox: the only yes.
    Yes,
    /// Accepted without a ticked checkbox.
    Unticked,
    /// Declined.
    No,
    /// Closed, or not a valid reply.
    Closed,
}

impl FormReply {
    /// Parses a reply; an invalid one counts as a closed form.
    pub(super) fn parse(reply: &Value) -> Self {
        let action = reply.get("action").cloned().map(serde_json::from_value);
        match action {
            Some(Ok(action)) => Self::new(&action, reply.get("content")),
            _ => Self::Closed,
        }
    }

    /// The reply with this action and these fields.
    pub(super) fn new(action: &ElicitationAction, content: Option<&Value>) -> Self {
        let ticked = content.and_then(|content| content.get(FORM_KEY));
        match action {
            ElicitationAction::Accept if ticked == Some(&Value::Bool(true)) => Self::Yes,
            ElicitationAction::Accept => Self::Unticked,
            ElicitationAction::Decline => Self::No,
            _ => Self::Closed,
        }
    }

    /// # Errors
    ///
    /// A refusal for every reply but a yes.
    pub(super) fn into_result(self) -> Result<(), Failure> {
        match self {
            Self::Yes => Ok(()),
            Self::Unticked => Err(refusals::unticked()),
            Self::No => Err(refusals::declined()),
            Self::Closed => Err(refusals::closed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"action": "accept", "content": {"confirm": true}}), FormReply::Yes)]
    #[case(json!({"action": "accept", "content": {"confirm": false}}), FormReply::Unticked)]
    #[case(json!({"action": "accept", "content": {"confirm": "true"}}), FormReply::Unticked)]
    #[case(json!({"action": "accept", "content": {}}), FormReply::Unticked)]
    #[case(json!({"action": "accept"}), FormReply::Unticked)]
    #[case(json!({"action": "decline", "content": {"confirm": true}}), FormReply::No)]
    #[case(json!({"action": "cancel"}), FormReply::Closed)]
    #[case(json!({"content": {"confirm": true}}), FormReply::Closed)]
    #[case(json!("accept"), FormReply::Closed)]
    fn only_an_accepted_and_ticked_form_is_a_yes(#[case] reply: Value, #[case] parsed: FormReply) {
        assert_eq!(FormReply::parse(&reply), parsed);
        assert_eq!(parsed.into_result().is_ok(), parsed == FormReply::Yes);
    }
}
