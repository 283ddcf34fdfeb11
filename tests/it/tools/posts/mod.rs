//! Tools about posts.

mod cluster;
mod cluster_inheritance;
mod create;
mod create_accounts;
mod create_content;
mod create_read_back;
mod edit_conflicts;
mod list;
mod list_pagination;
mod list_whole;
mod network_warnings;
mod plan_warnings;
mod read_and_delete;
mod search;
mod text_findings;
mod update;
