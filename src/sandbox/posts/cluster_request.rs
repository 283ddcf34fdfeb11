//! Validation of a create or update call for a cluster, in either body form of the reference.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::sandbox::api_request::ApiRequest;
use crate::sandbox::api_response::ApiError;
use crate::sandbox::database::Database;
use crate::sandbox::validation::{Field, FieldValidator};
use crate::sandbox::variant::{CreateForms, PartRefusal};

/// A valid request for a cluster.
pub(super) struct ReceivedCluster {
    pub(super) at: Option<Timestamp>,
    pub(super) is_draft: bool,
    pub(super) posts: Vec<RequestedPost>,
    /// Accounts that get no post, each with the reason; only where a create may be refused in part.
    pub(super) refused_accounts: Vec<(u64, String)>,
}

/// The requested post of one account.
pub(super) struct RequestedPost {
    pub(super) account_id: u64,
    /// The post, then the later parts of its thread; never empty.
    pub(super) parts: Vec<ThreadPart>,
    pub(super) metadata: Option<Map<String, Value>>,
}

/// One part of a thread.
pub(super) struct ThreadPart {
    pub(super) content: String,
    /// Media ids.
    pub(super) media: Vec<u64>,
}

/// Validates the body in an accepted form; when both are accepted, the names of its fields decide.
pub(super) fn validate(db: &Database, request: &ApiRequest) -> Result<ReceivedCluster, ApiError> {
    let has = |name: &str| request.body.contains_key(name);
    let is_overview = match request.options.create_forms {
        CreateForms::ReferenceOnly => false,
        CreateForms::OverviewOnly => true,
        CreateForms::Both => {
            !has("items") && !has("is_draft") && (has("content") || has("account_ids"))
        }
    };
    let mut form = FormValidation {
        db,
        request,
        validator: FieldValidator::default(),
        account_ids: Vec::new(),
        refused_accounts: Vec::new(),
    };
    let mut requested = match is_overview {
        true => form.overview(),
        false => form.reference(),
    };
    let refused = form.refused_accounts;
    let is_refused = |id| refused.iter().any(|(refused, _)| *refused == id);
    if requested
        .posts
        .iter()
        .all(|post| is_refused(post.account_id))
    {
        for (_, why) in &refused {
            let field = Field::new(&request.body, "account_id");
            form.validator.add_error(&field, why.clone());
        }
    }
    form.validator.finish()?;
    requested.posts.retain(|post| !is_refused(post.account_id));
    requested.refused_accounts = refused;
    Ok(requested)
}

/// The validation of one body.
struct FormValidation<'a> {
    db: &'a Database,
    request: &'a ApiRequest,
    validator: FieldValidator,
    /// Accounts so far, to find duplicates.
    account_ids: Vec<u64>,
    refused_accounts: Vec<(u64, String)>,
}

impl<'a> FormValidation<'a> {
    fn field(&self, name: &str) -> Field<'a> {
        Field::new(&self.request.body, name)
    }

    /// The form of the API Setup page.
    fn overview(&mut self) -> ReceivedCluster {
        let content = self.field("content");
        self.validator.required(&content);
        let content = self.validator.string(&content).unwrap_or_default();
        let account_ids = self.field("account_ids");
        self.validator.required(&account_ids);
        let mut posts = Vec::new();
        for item in self.validator.items(&account_ids) {
            posts.push(RequestedPost {
                account_id: self.account_id(&item),
                parts: vec![ThreadPart {
                    content: content.to_owned(),
                    media: Vec::new(),
                }],
                metadata: None,
            });
        }
        ReceivedCluster {
            at: self.validator.date(&self.field("scheduled_at")),
            is_draft: false,
            posts,
            refused_accounts: Vec::new(),
        }
    }

    /// The form of posts.store and clusters.update.
    fn reference(&mut self) -> ReceivedCluster {
        let space_id = self.field("space_id");
        self.validator.required(&space_id);
        let number = self.validator.id(&space_id);
        if number.is_some_and(|id| id != self.request.space_id()) {
            self.validator.add_invalid_selection(&space_id);
        }
        let at = self.field("at");
        let seconds = self.validator.integer(&at);
        let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        if seconds.is_some() && instant.is_none() {
            self.validator.add_invalid_selection(&at);
        }
        let is_draft = self.validator.boolean(&self.field("is_draft"));
        let items = self.field("items");
        self.validator.required(&items);
        let items = self.validator.items(&items);
        ReceivedCluster {
            at: instant,
            is_draft: is_draft.unwrap_or(false),
            posts: items.iter().map(|item| self.post(item)).collect(),
            refused_accounts: Vec::new(),
        }
    }

    fn post(&mut self, item: &Field<'_>) -> RequestedPost {
        let account_id = self.account_id(&item.child("account_id"));
        let social = self.validator.string(&item.child("social"));
        let account = self.db.accounts.get(account_id);
        if let (Some(social), Some(account)) = (social, account)
            && social != account.social
        {
            self.validator.add_invalid_selection(&item.child("social"));
        }
        let mut parts = vec![self.thread_part(&item.child("main"))];
        for child in self.validator.items(&item.child("children")) {
            parts.push(self.thread_part(&child));
        }
        let metadata = item.child("metadata");
        for flag in [
            "allow_comments",
            "allow_duet",
            "allow_stitch",
            "branded_content",
            "brand_organic",
        ] {
            self.validator.boolean(&metadata.child(flag));
        }
        for url in ["link", "cover_image_url"] {
            self.validator.url(&metadata.child(url));
        }
        for text in ["topic_tag", "post_type", "privacy_level", "title"] {
            self.validator.string(&metadata.child(text));
        }
        RequestedPost {
            account_id,
            parts,
            metadata: self.validator.map(&metadata),
        }
    }

    /// An active account of the space that occurs once; 0 without an id.
    fn account_id(&mut self, field: &Field<'_>) -> u64 {
        if !self.validator.required(field) {
            return 0;
        }
        let Some(id) = self.validator.id(field) else {
            return 0;
        };
        match self.db.accounts.get(id) {
            Some(account) if account.space_id == self.request.space_id() => {
                if self.account_ids.contains(&id) {
                    self.validator.add_duplicate(field);
                } else if !account.is_active {
                    let message = format!("The account @{} is not active.", account.handler);
                    match self.request.options.variant.part_refusal {
                        PartRefusal::Never => self.validator.add_error(field, message),
                        _ => self.refused_accounts.push((id, message)),
                    }
                }
            }
            _ => self.validator.add_invalid_selection(field),
        }
        self.account_ids.push(id);
        id
    }

    /// A part needs text or media; if it has neither, the text is the missing field.
    fn thread_part(&mut self, field: &Field<'_>) -> ThreadPart {
        let media = self.validator.items(&field.child("media"));
        let content = field.child("content");
        if media.is_empty() {
            self.validator.required(&content);
        }
        let media = media.iter().map(|item| self.media_id(item)).collect();
        let content = self.validator.string(&content).unwrap_or_default();
        ThreadPart {
            content: content.to_owned(),
            media,
        }
    }

    fn media_id(&mut self, item: &Field<'_>) -> u64 {
        let (id_field, type_field) = (item.child("id"), item.child("type"));
        self.validator.required(&id_field);
        let id = self.validator.id(&id_field);
        let file = id.and_then(|id| self.db.media.get(id));
        if id.is_some() && file.is_none() {
            self.validator.add_invalid_selection(&id_field);
        }
        self.validator.required(&type_field);
        if let Some(kind) = self.validator.string(&type_field) {
            let types = &self.request.options.media_types;
            let mismatch = types.must_match && file.is_some_and(|file| file.kind != kind);
            if mismatch || !types.accepted.iter().any(|accepted| accepted == kind) {
                self.validator.add_invalid_selection(&type_field);
            }
        }
        id.unwrap_or(0)
    }
}
