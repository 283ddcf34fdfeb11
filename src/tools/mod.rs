//! What an agent can do: one file per resource, and what the tools share.

mod accounts;
mod directory;
mod failure;
mod hidden_unicode;
mod interpretations;
mod media;
mod notes;
mod pipeline;
mod posts;
mod queue;
mod redact_url;
mod send;
mod settings;
mod slots;
mod space_scoped;
mod spaces;
mod subscription;
mod tool_result;
mod webhooks;

use std::sync::Arc;

use rmcp::handler::server::tool::ToolRouter;
use tokio_util::task::TaskTracker;

pub use failure::Failure;
use failure::{FieldMapper, IdentityMapper, MappedField, value_at};
pub(crate) use hidden_unicode::{escape_hidden, escape_hidden_json};
pub use interpretations::Interpretation;
pub use pipeline::{Answered, Ask, CONFIRMATION};
pub use settings::{Confirm, Settings, UploadPaths};
pub use tool_result::Json;

use crate::saki::Client;
use crate::write::completed_uploads::CompletedUploads;
use crate::write::idempotency::Idempotency;
use crate::write::media::fetch::Fetcher;
use crate::write::policy::{Policy, RateWindow};
use directory::LookupCache;
use interpretations::Interpretations;

/// The tools over one client; a clone is cheap.
#[derive(Debug, Clone)]
pub struct Tools {
    saki: Client,
    settings: Arc<Settings>,
    lookup_cache: Arc<LookupCache>,
    detached: TaskTracker,
    repeats: Arc<Idempotency>,
    lately: Arc<RateWindow>,
    interpretations: Interpretations,
    ask: Arc<dyn Ask>,
    fetcher: Fetcher,
    uploaded: Arc<CompletedUploads>,
}

impl Tools {
    /// The tools over `saki`, which goes by the clock of the settings.
    pub fn new(saki: Client, settings: Settings) -> Self {
        Self {
            saki: saki.with_clock(settings.clock.clone()),
            fetcher: Fetcher::new(settings.fetch.clone()),
            settings: Arc::new(settings),
            lookup_cache: Arc::default(),
            detached: TaskTracker::new(),
            repeats: Arc::default(),
            lately: Arc::default(),
            interpretations: Interpretations::default(),
            ask: Arc::new(pipeline::Nobody),
            uploaded: Arc::default(),
        }
    }

    /// Every tool of every resource.
    pub fn router() -> ToolRouter<Self> {
        let toolsets = Self::toolsets().into_iter();
        toolsets.fold(ToolRouter::new(), |all, (_, tools)| all + tools)
    }

    /// The tools by the names under which an operator chooses them.
    pub fn toolsets() -> [(&'static str, ToolRouter<Self>); 7] {
        [
            ("spaces", Self::spaces()),
            ("posts", Self::posts()),
            ("accounts", Self::accounts()),
            ("media", Self::media()),
            ("schedule", Self::slots() + Self::queue()),
            ("webhooks", Self::webhooks()),
            ("subscription", Self::subscription()),
        ]
    }

    /// Whose key calls are made with, as a hash.
    pub fn key_fingerprint(&self) -> [u8; 32] {
        self.saki.key_fingerprint()
    }

    /// What the operator set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What no call may do.
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// The writes that were sent and run to their end, whoever still listens.
    pub fn sent(&self) -> &TaskTracker {
        &self.detached
    }
}
