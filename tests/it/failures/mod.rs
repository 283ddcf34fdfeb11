//! Failures: what an agent reads when a call goes wrong.

mod echoed_key;
mod outcome_class;
mod partly_refused;
mod plan_limits;
mod refused_fields;
mod refused_in_body;
mod texts;
