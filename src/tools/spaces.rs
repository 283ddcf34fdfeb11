//! Spaces: the tools about them.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use serde_json::{Map, Value};

use super::list_and_read::{ListFacts, Listed};
use super::pipeline::{ChangeAnswer, Changed, SimpleWrite, WriteArgs, WriteScope, WriteTraits};
use super::space_scoped::SpaceScoped;
use super::tool_result::WithSaki;
use super::{Failure, Json, Tools, empty_reply_notes};
use crate::saki::posts::ListPosts;
use crate::saki::spaces::{CreateSpace, DeleteSpace, GetSpace, ListSpaces, Space, UpdateSpace};
use crate::saki::{Endpoint, SpaceId};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;

#[tool_router(router = spaces, vis = "pub(crate)")]
impl Tools {
    /// Lists all spaces the key may see. A space holds accounts, posts, slots and webhooks. Its id or exact name goes into `space_id` of the other tools.
    #[tool(title = "List spaces", annotations(read_only_hint = true))]
    async fn list_spaces(
        &self,
        Parameters(request): Parameters<ListSpaces>,
    ) -> Result<Json<Listed<Space>>, Failure> {
        let mut list = self.saki.all_pages(request).await?;
        self.directory.retain_allowed_spaces(&mut list);
        let note = empty_reply_notes::is_empty_list(&list).then(|| {
            let none = self.directory.no_allowed_space();
            none.unwrap_or_else(|| empty_reply_notes::NO_SPACE.to_owned())
        });
        Ok(Json::Untrusted(Listed::new(ListFacts { note }, list)))
    }

    /// Reads one space with all its settings.
    #[tool(title = "Get a space", annotations(read_only_hint = true))]
    async fn get_space(
        &self,
        Parameters(request): Parameters<SpaceScoped<GetSpace>>,
    ) -> Result<Json<WithSaki<Space>>, Failure> {
        let space = self.read(&request.resolve(self).await?).await;
        space.map(Json::Untrusted)
    }

    /// Creates a space and returns it. It counts against the plan; get_subscription shows what is left. It has no accounts: a person connects them in Saki's web app. Saki does not document the fields of a space, so further fields are passed on as they are.
    #[tool(title = "Create a space")]
    async fn create_space(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<CreateSpace>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<CreateSpace>>, Failure> {
        self.write(args, context).await
    }

    /// Changes name or time zone of a space and returns it; fields left out stay as they are. It is not known whether a new time zone moves scheduled posts.
    #[tool(title = "Update a space")]
    async fn update_space(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<UpdateSpace>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<UpdateSpace>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes a space. As far as is known, this also deletes its accounts, posts, slots and webhooks. It cannot be undone. Only on a person's explicit wish; name the space to them first.
    #[tool(title = "Delete a space")]
    async fn delete_space(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeleteSpace>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteSpace>>, Failure> {
        self.write(args, context).await
    }
}

impl SimpleWrite for CreateSpace {
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::CreatesSpace,
        counts_against_plan: true,
        preview_facts: &["warnings", "plan"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let what = match &self.name {
            Some(name) => format!("Creates the space {}.", quote_truncated(name)),
            None => "Creates a space.".to_owned(),
        };
        if self.timezone.is_some() {
            // Only the name is asked for where both are called otherwise, so what Saki shows must tell of the zone.
            let _ = tools.directory.spaces().await;
        }
        let effects = Effects::changing(Resource::to_create(ResourceKind::Space));
        Ok((effects, Preview::of(what, &tools.saki, self)?))
    }

    async fn complete(&self, tools: &Tools, answer: &mut ChangeAnswer<Self>) {
        let name = self.name.clone().map(Value::from);
        if answer
            .saki
            .values()
            .any(|shown| Some(shown) == name.as_ref())
        {
            let not_shown = not_shown(tools, self, &answer.saki);
            answer.ours.warnings.extend(not_shown);
        }
    }
}

impl SimpleWrite for UpdateSpace {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "changes"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let space_id = self.space_id;
        if self.name.is_none() && self.timezone.is_none() && self.more.is_empty() {
            return Err(Failure::no_change("`name` or `timezone`"));
        }
        let before = tools.saki.send(&GetSpace { space_id }).await?.into_one();
        tools.saki.learn_from_space(&before);
        let preview = Preview::of(
            format!("Changes the space {}.", name_of(&before, space_id)),
            &tools.saki,
            self,
        )?;
        let effects = Effects::changing(Resource::new(ResourceKind::Space, space_id.0));
        Ok((effects, preview.changing(&before)))
    }

    async fn complete(&self, tools: &Tools, answer: &mut ChangeAnswer<Self>) {
        if not_shown(tools, self, &answer.saki).is_none() {
            return;
        }
        let space_id = self.space_id;
        let warning = match tools.saki.send(&GetSpace { space_id }).await {
            Ok(after) => not_shown(tools, self, &after.into_one()),
            Err(_) => Some(
                "Saki's answer does not show the change, and the space could not be read back; get_space shows what is there."
                    .to_owned(),
            ),
        };
        answer.ours.warnings.extend(warning);
    }
}

impl SimpleWrite for DeleteSpace {
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::DeletesSpace,
        takes_confirmation: true,
        preview_facts: &["warnings", "accounts_of_space", "posts", "scheduled"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let space_id = self.space_id;
        let space = tools.saki.send(&GetSpace { space_id }).await?.into_one();
        let effects = Effects::deleting(Resource::new(ResourceKind::Space, space_id.0));
        let known = tools.directory.accounts(space_id).await.ok();
        let accounts = || known.iter().flat_map(|known| known.iter());
        let posts = tools.saki.list_posts(&ListPosts::of(space_id)).await.ok();
        let posts = posts.and_then(|posts| posts.into_list().get("meta")?.get("total").cloned());
        let what = format!(
            "Deletes the space {}; its accounts, posts, slots and webhooks go with it as far as is known.",
            name_of(&space, space_id)
        );
        let mut preview = Preview::of(what, &tools.saki, self)?;
        let labels = accounts().map(|account| account.label());
        preview.facts.accounts_of_space = Some(labels.collect());
        preview.facts.posts_of_space = Some(posts.clone().unwrap_or_default());
        let names = accounts().map(|account| account.name_and_network());
        let names: Vec<String> = names.collect();
        let names = match (known.is_some(), names.join(", ")) {
            (false, _) => UNREAD.to_owned(),
            (true, names) if names.is_empty() => "none".to_owned(),
            (true, names) => names,
        };
        let posts = posts.map_or_else(|| UNREAD.to_owned(), |posts| posts.to_string());
        preview = preview.line(format!("Accounts: {names}"));
        preview = preview.line(format!("Posts: {posts}"));
        preview = preview.with_scheduled(tools.scheduled_posts(space_id, None).await);
        Ok((effects, preview))
    }
}

/// A warning about the fields of a request whose values a space does not show, under whatever name.
fn not_shown<E: Endpoint>(
    tools: &Tools,
    request: &E,
    shown: &Map<String, Value>,
) -> Option<String> {
    let sent = tools.saki.planned(request).ok()?.body?.into_iter();
    let is_missing = |value: &Value| !shown.values().any(|shown| shown == value);
    let missing = sent.filter(|(_, value)| is_missing(value));
    let missing: Vec<String> = missing.map(|(name, _)| format!("`{name}`")).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "Saki accepted the call, but does not show {} of the space as sent; get_space shows what is there.",
            missing.join(", ")
        )
    })
}

/// Shown where a list could not be read.
const UNREAD: &str = "not known, since Saki does not show them";

/// `1 "Acme Coffee"`
fn name_of(space: &Map<String, Value>, id: SpaceId) -> String {
    let name = space
        .get("name")
        .and_then(Value::as_str)
        .map(quote_truncated);
    format!("{} {}", id.0, name.unwrap_or_default())
        .trim_end()
        .to_owned()
}
