//! Faults of the sandbox: statuses, refusals and lost responses.

use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

pub(crate) fn status(status: u16, body: Value) -> FaultKind {
    let headers = Default::default();
    FaultKind::Status {
        status,
        headers,
        body: Some(body),
        after_write: false,
    }
}

/// A status after the call took effect.
pub(crate) fn late(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        headers: Default::default(),
        body: None,
        after_write: true,
    }
}

/// Every way in which the answer to a call that may have been done is lost.
pub(crate) fn losses() -> Vec<FaultKind> {
    vec![
        FaultKind::DropBefore,
        FaultKind::DropAfter,
        FaultKind::Truncate,
        FaultKind::Garbage,
        Fault::status(500).kind,
        late(502),
    ]
}

/// A refusal of content instead of the answer, naming these fields.
pub(crate) fn refuses(fields: &[&str]) -> Fault {
    let errors: serde_json::Map<_, _> = fields
        .iter()
        .map(|field| {
            (
                (*field).to_owned(),
                json!([format!("The {field} field is off.")]),
            )
        })
        .collect();
    let body = json!({"message": "The given data was invalid.", "errors": errors});
    Fault::new(FaultKind::Status {
        status: 422,
        headers: Default::default(),
        body: Some(body),
        after_write: false,
    })
}
