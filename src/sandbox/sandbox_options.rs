//! Sandbox options: the accepted key, the clock, the seed data, and each reading of an unclear reference.

use super::variant::{ActivateField, CreateForms, CreateReply, UploadField, Variant};
use crate::saki::Clock;

/// Options of a sandbox; the default is the friendliest reading of the reference.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The only accepted key; without one, any non-empty key is accepted.
    pub key: Option<String>,
    /// Clock that decides which posts are due; a copy shared with the server keeps both in step.
    pub clock: Clock,
    /// Accepted body forms of a create call.
    pub create_forms: CreateForms,
    /// Body of the reply to a create call.
    pub create_reply: CreateReply,
    /// Name of the file field of an upload; a trailing `[]` expects a list.
    pub upload_field: String,
    /// Body of a call that activates an account.
    pub activate_field: ActivateField,
    /// Accepted `type` values beside a media id.
    pub media_types: MediaTypes,
    /// Data at the start.
    pub seed_data: SeedData,
    /// Page size of the lists that the reference does not call paginated; without one, they are not paginated.
    pub paginate_lists: Option<u64>,
    /// Whether the list of posts includes the media and children of each post.
    pub list_relations: bool,
    /// Every other answer to an open question of the reference.
    pub variant: Variant,
}

impl SandboxOptions {
    /// The options of a variant.
    pub fn of_variant(variant: Variant) -> Self {
        let upload_field = match variant.upload_field {
            UploadField::File => "file",
            UploadField::Media => "media",
            UploadField::Files => "files[]",
            UploadField::Image => "image",
            UploadField::Upload => "upload",
        };
        Self {
            create_forms: variant.create_forms,
            create_reply: variant.create_reply,
            upload_field: upload_field.to_owned(),
            activate_field: variant.activate_field,
            variant,
            ..Self::default()
        }
    }
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            key: None,
            clock: Clock::default(),
            create_forms: CreateForms::Both,
            create_reply: CreateReply::Posts,
            upload_field: "file".to_owned(),
            activate_field: ActivateField::IsActive,
            media_types: MediaTypes::default(),
            seed_data: SeedData::TwoSpaces,
            paginate_lists: None,
            list_relations: true,
            variant: Variant::default(),
        }
    }
}

/// Accepted `type` values beside a media id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTypes {
    /// The accepted values.
    pub accepted: Vec<String>,
    /// Whether the value must equal the kind of the uploaded file.
    pub must_match: bool,
}

impl Default for MediaTypes {
    fn default() -> Self {
        Self {
            accepted: vec!["image".to_owned(), "video".to_owned()],
            must_match: false,
        }
    }
}

/// Data at the start of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SeedData {
    /// Two spaces with a week of posts.
    #[default]
    TwoSpaces,
    /// No data.
    Empty,
    /// Three spaces with 400 posts.
    Large,
}
