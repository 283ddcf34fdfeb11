//! The command line: commands, options, and the key.

mod api_key;
mod auth;
mod commands;
mod corporate_network;
mod doctor;
mod doctor_clients;
mod install;
mod misuse;
mod policy_options;
mod server_process;
mod settings;
mod shell_files;
#[cfg(unix)]
mod terminal_notice;
mod unfilled_settings;
