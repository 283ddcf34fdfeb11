//! The sandbox over HTTP, as a client of Saki sees it.

mod api_keys;
mod client_dialects;
mod control_endpoints;
mod injected_faults;
mod laravel_conventions;
mod post_creation;
mod post_lists;
mod post_updates;
mod post_validation;
mod resources;
mod uploads;
