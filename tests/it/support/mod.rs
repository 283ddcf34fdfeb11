//! What the tests share and what holds no tests: servers, clients, processes, cases.

pub(crate) mod child_process;
pub(crate) mod elicitation_client;
pub(crate) mod example_calls;
pub(crate) mod failing_store;
pub(crate) mod failure_cases;
pub(crate) mod faults;
pub(crate) mod fixture_server;
pub(crate) mod json_diff;
pub(crate) mod json_schema;
pub(crate) mod line_client;
pub(crate) mod media_files;
pub(crate) mod parameter_cases;
pub(crate) mod policy_limits;
pub(crate) mod policy_oracle;
pub(crate) mod post_arguments;
pub(crate) mod reference_replies;
pub(crate) mod sandbox_client;
pub(crate) mod sandbox_state;
pub(crate) mod scripted_web_host;
pub(crate) mod server_under_test;
pub(crate) mod slow_saki;
pub(crate) mod sse_session;
pub(crate) mod tool_list;
pub(crate) mod unresponsive_saki;
pub(crate) mod variant_tour;
