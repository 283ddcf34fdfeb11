//! Failures: what an agent reads when a call goes wrong.

mod arbitrary_refusals;
mod echoed_key;
mod fault_matrix;
mod outcome_class;
mod partly_refused;
mod plan_limits;
mod refused_fields;
mod refused_in_body;
mod texts;
mod words_of_refusals;
