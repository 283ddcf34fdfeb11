//! Arguments: coercion, interpretations, and input that must be refused.

mod client_additions;
mod coercion;
mod hostile_values;
mod interpretations;
mod no_parameter_is_ignored;
mod size_limits;
mod space_left_out;
mod space_of_seen_ids;
