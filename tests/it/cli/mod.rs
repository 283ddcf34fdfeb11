//! The command line: commands, options, the key and the README.

mod api_key;
mod auth;
mod commands;
mod corporate_network;
mod install;
mod misuse;
mod policy_options;
mod readme;
mod server_process;
mod settings;
mod shell_files;
#[cfg(unix)]
mod terminal_notice;
mod unfilled_settings;
