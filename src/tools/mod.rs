//! Tools: what an agent can do, one file or folder per resource, and what the tools share.
//!
//! Each tool is declared with `#[tool]` in its resource's file: title, description, and `read_only_hint` if it only reads.
//! All other annotations follow from its [`ToolTraits`].

mod accounts;
mod call_record;
mod directory;
mod empty_reply_notes;
mod failure;
mod hidden_unicode;
mod interpretations;
mod last_progress;
mod list_and_read;
mod media;
mod overview;
mod pipeline;
mod posts;
mod queue;
mod resource_path;
mod scheduled_posts;
mod settings;
mod slots;
mod space_scoped;
mod spaces;
mod subscription;
mod text_findings;
mod tool_result;
mod webhooks;

use std::sync::Arc;

use rmcp::handler::server::tool::ToolRouter;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

pub use call_record::{
    CallOutcome, CallRecord, ConfirmedBy, FailureNote, NeededMode, Sent, WriteNotes,
};
pub use failure::Failure;
use failure::{FieldMapper, IdentityMapper, MappedField, value_at};
pub(crate) use hidden_unicode::{escape_hidden, escape_hidden_json, is_blank};
pub use interpretations::Interpretation;
pub use last_progress::LastProgress;
pub use pipeline::{
    Access, Answered, Ask, CONFIRMATION, TRAITS_EXTENSION, ToolTraits, WriteScope, is_read_only,
};
pub use settings::{Confirm, MAX_CALL_TIME, Settings, UploadPaths};
pub use space_scoped::ID_EXTENSION;
pub use tool_result::Json;

use crate::saki::Client;
use crate::write::idempotency::Idempotency;
use crate::write::policy::{Policy, RateWindow};
use crate::write::shared_store::SharedStore;
use directory::{Directory, SeenIds};
use interpretations::Interpretations;
use media::Uploader;

/// The tools over one client; a clone is cheap.
#[derive(Debug, Clone)]
pub struct Tools {
    saki: Client,
    settings: Arc<Settings>,
    directory: Directory,
    idempotency: Arc<Idempotency>,
    rate_window: Arc<RateWindow>,
    uploader: Uploader,
    /// Writes that were sent and run to their end.
    detached: TaskTracker,
    interpretations: Interpretations,
    /// When the call began, or reported progress.
    last_progress: LastProgress,
    /// Posts near those that the call plans, read once per call.
    nearby_posts: Arc<OnceCell<Vec<Value>>>,
    ask: Arc<dyn Ask>,
}

impl Tools {
    /// The tools over `saki`, which goes by the clock of the settings.
    pub fn new(saki: Client, settings: Settings) -> Self {
        let seen_ids = Arc::new(SeenIds::new(settings.clock.clone()));
        let saki = saki
            .with_clock(settings.clock.clone())
            .with_observer(seen_ids.clone());
        let settings = Arc::new(settings);
        let store = Arc::clone(&settings.shared_store);
        let idempotency = Idempotency::new(Arc::clone(&store)).for_key(saki.key_fingerprint());
        Self {
            directory: Directory::new(saki.clone(), Arc::clone(&settings), seen_ids),
            idempotency: Arc::new(idempotency),
            rate_window: Arc::new(RateWindow::new(store, settings.principal.as_deref())),
            uploader: Uploader::new(saki.clone(), Arc::clone(&settings)),
            detached: TaskTracker::new(),
            interpretations: Interpretations::default(),
            last_progress: LastProgress::default(),
            nearby_posts: Arc::default(),
            ask: Arc::new(pipeline::NoConfirmer),
            saki,
            settings,
        }
    }

    /// Tools for another principal or Saki key. Of these they share what belongs to the installation: the store,
    /// the creates under way, which are told apart by the key, and the writes that a shutdown waits for.
    #[must_use]
    pub fn for_principal(&self, saki: Client, settings: Settings) -> Self {
        let new = Self::new(saki, settings);
        let idempotency = self.idempotency.for_key(new.key_fingerprint());
        Self {
            idempotency: Arc::new(idempotency),
            detached: self.detached.clone(),
            ..new
        }
    }

    /// The same tools, principal and key under other settings, such as further limits of one request.
    #[must_use]
    pub fn with_settings(&self, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self {
            directory: self.directory.with_settings(Arc::clone(&settings)),
            uploader: self.uploader.with_settings(Arc::clone(&settings)),
            settings,
            ..self.clone()
        }
    }

    /// The same tools for one call, whose interpretations are its own and whose questions go to `ask`.
    #[must_use]
    pub fn for_one_call(&self, ask: Arc<dyn Ask>) -> Self {
        let interpretations = Interpretations::default();
        let last_progress = LastProgress::default();
        Self {
            uploader: self.uploader.for_call(last_progress.clone()),
            last_progress,
            directory: self.directory.for_call(interpretations.clone()),
            interpretations,
            nearby_posts: Arc::default(),
            ask,
            ..self.clone()
        }
    }

    /// Every tool of every resource, with the annotations that follow from its traits.
    pub fn router() -> ToolRouter<Self> {
        let toolsets = Self::toolsets().into_iter();
        let mut router = toolsets.fold(ToolRouter::new(), |all, (_, tools)| all + tools);
        for tool in router.map.values_mut().map(|route| &mut route.attr) {
            tool.annotations = Some(ToolTraits::new(tool).annotations());
        }
        router
    }

    /// The tools by the names under which an operator chooses them.
    pub fn toolsets() -> [(&'static str, ToolRouter<Self>); 7] {
        [
            ("spaces", Self::overview() + Self::spaces()),
            ("posts", Self::posts()),
            ("accounts", Self::accounts()),
            ("media", Self::media()),
            ("schedule", Self::slots() + Self::queue()),
            ("webhooks", Self::webhooks()),
            ("subscription", Self::subscription()),
        ]
    }

    /// The fingerprint of the key that calls are made with.
    pub fn key_fingerprint(&self) -> [u8; 32] {
        self.saki.key_fingerprint()
    }

    /// The store behind everything that several replicas share.
    pub fn shared_store(&self) -> Arc<dyn SharedStore> {
        Arc::clone(&self.settings.shared_store)
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
    pub fn detached(&self) -> &TaskTracker {
        &self.detached
    }

    /// How the words of the call were understood.
    pub fn interpretations(&self) -> Vec<Interpretation> {
        self.interpretations.all()
    }

    /// When the call began, or reported progress.
    pub fn last_progress(&self) -> &LastProgress {
        &self.last_progress
    }

    /// Empties the lookup cache, for a call that answers a question of an earlier one.
    pub fn invalidate_lookups(&self) {
        self.directory.invalidate();
    }
}
