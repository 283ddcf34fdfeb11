//! How a sandbox behaves where Saki's reference is silent or says two things.

use crate::saki::Clock;

/// Settings of a sandbox; the default is the friendliest reading of the reference.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The only key that is accepted; any non-empty key when none is set.
    pub key: Option<String>,
    /// The clock that decides what is due; a copy shared with the server keeps both in step.
    pub clock: Clock,
    /// The create forms that are spoken.
    pub forms: Forms,
    /// What a create call answers.
    pub replies: CreateReply,
    /// Name of the file field of an upload; a trailing `[]` wants a list.
    pub upload_field: String,
    /// The body that activating an account takes.
    pub activate_field: Activate,
    /// The `type` words that are accepted beside a media id.
    pub media_types: MediaTypes,
    /// What the sandbox holds at the start.
    pub world: World,
    /// Rows a page of the lists that the reference does not call paginated; not split when none is set.
    pub paginate_lists: Option<u64>,
    /// Whether a row of the list of posts carries its media and children.
    pub list_relations: bool,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            key: None,
            clock: Clock::default(),
            forms: Forms::Both,
            replies: CreateReply::Posts,
            upload_field: "file".to_owned(),
            activate_field: Activate::IsActive,
            media_types: MediaTypes::default(),
            world: World::Seeded,
            paginate_lists: None,
            list_relations: true,
        }
    }
}

/// The create forms that a sandbox speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forms {
    /// Both published forms.
    #[default]
    Both,
    /// Only `at`, `is_draft`, `space_id` and `items` (reference: posts.store).
    ReferenceOnly,
    /// Only `content`, `account_ids` and `scheduled_at` (API Setup page).
    OverviewOnly,
}

/// What a create call answers, which the reference does not print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CreateReply {
    /// `{"data": [posts]}`.
    #[default]
    Posts,
    /// `{}`.
    Empty,
    /// `[posts]`.
    BareList,
    /// 201 without a body.
    NoBody,
}

/// The body that activating an account takes, which the reference does not print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activate {
    /// `{"is_active": bool}`.
    #[default]
    IsActive,
    /// `{"active": bool}`.
    Active,
    /// No body: the flag flips.
    Toggle,
}

/// The `type` words that are accepted beside a media id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTypes {
    /// The words themselves.
    pub words: Vec<String>,
    /// Whether the word must be the kind of the upload.
    pub must_match: bool,
}

impl Default for MediaTypes {
    fn default() -> Self {
        Self {
            words: vec!["image".to_owned(), "video".to_owned()],
            must_match: false,
        }
    }
}

/// What a sandbox holds at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum World {
    /// Two spaces with a week of posts.
    #[default]
    Seeded,
    /// Nothing.
    Empty,
    /// Three spaces with 400 posts.
    Large,
}
