//! Saki's replies and what the tools make of them.

mod answer_keys;
mod arbitrary_bodies;
mod control_facts;
mod empty_replies;
mod mutated_replies;
mod not_a_list;
mod output_schema;
mod truncation;
mod untrusted_text;
