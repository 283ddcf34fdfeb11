//! The tool catalogue: names, schemas, parameters and what it costs.

mod parameters;
mod schemas;
pub(crate) mod token_cost;
mod tools;
