//! Authentication over HTTP: who sends a request, and which handler serves a caller. It knows nothing of what handlers do.

mod authenticator;
mod caller_handlers;
mod entry_lines;
mod file_access;
mod login_slowdown;
pub mod oauth;
mod principal;
mod refusal;
mod refused_calls;
mod request_credentials;
mod scope;
mod token_file;

pub use authenticator::{AuthMethods, CommonSecret};
pub(super) use authenticator::{AuthState, Authenticated, Authenticator, McpEndpoint, middleware};
pub use caller_handlers::{CallerError, CallerHandlers, Handlers, RefusalCause, RefusedCall};
pub use entry_lines::entry_lines;
pub use file_access::{FileAccess, check_access};
pub use principal::{Caller, Principal, Setting};
pub use scope::{NeededScope, Scope};
pub use token_file::{CheckSettings, TokenTable, check_name, new_token, parse_setting};
