//! Authentication over HTTP: who may come in, and which handler serves a caller. It knows nothing of what handlers do.

mod caller_handlers;
mod credentials;
mod gate;
mod login_slowdown;
pub mod oauth;
mod own_token;
mod principal;
mod refusal;
mod reloaded_file;
mod scope;

pub use caller_handlers::{CallerError, CallerHandlers, Handlers};
pub(super) use gate::{Admitted, Door, DoorOf, Gate, middleware};
pub use gate::{CommonSecret, Ways};
pub use own_token::{CheckSettings, TokenTable, check_name, new_token, parse_setting};
pub use principal::{Caller, Principal, Setting};
pub use reloaded_file::{FileAccess, ReloadedFile, check_access};
pub use scope::Scope;
