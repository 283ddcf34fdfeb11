//! The command line: commands, options, the key and the README.

mod api_key;
mod commands;
mod misuse;
mod policy_options;
mod readme;
mod server_process;
mod settings;
mod unfilled_settings;
