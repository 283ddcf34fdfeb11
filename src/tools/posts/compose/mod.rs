//! Composition: builds the posts of a call from its arguments and the current posts. It only reads.

mod inherit_schedule;
mod network_warnings;
pub(crate) mod plan_warnings;
pub(crate) mod post_field_mapper;
pub(crate) mod question_lines;

use std::collections::HashSet;

use crate::saki::SpaceId;
use crate::saki::posts::{ClusterBody, Content, Item, MediaRef};
use crate::tools::directory::{KnownSpace, Unlisted};
use crate::tools::is_blank;
use crate::tools::posts::args::{
    CreatePostArgs, Metadata, PerAccount, Publish, ThreadPost, check_timezone,
};
use crate::tools::posts::attachments::{Files, PlannedMedia};
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::AccountRef;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::when::{self, TimeContext, When};
use inherit_schedule::dropped_time;
use plan_warnings::inactive_account;

const CHOICES: &str = "pass `publish: \"draft\"` to keep it private, a `scheduled_at` to publish at that time, or \
    `publish: \"now\"` to publish at once";

impl Tools {
    /// Resolves space, accounts and time, and writes one item per account.
    ///
    /// What the call leaves out stays as the current post of the account has it.
    pub(crate) async fn plan_posts(
        &self,
        args: &CreatePostArgs,
        space: &KnownSpace,
        current_posts: &[CurrentPost],
        files: &Files<'_>,
    ) -> Result<(PostPlan, ClusterBody<PlannedMedia>), Failure> {
        self.publish_mode(args, space, current_posts)?;
        let accounts = self
            .resolve_accounts(args, current_posts, SpaceId(space.id))
            .await?;
        let single = self
            .per_account_overrides(args, SpaceId(space.id), &accounts)
            .await?;
        let mut items = Vec::with_capacity(accounts.len());
        for (account, single) in accounts.iter().zip(&single) {
            let current = current_posts
                .iter()
                .find(|post| post.account_id == account.id);
            let single = single.map(|(_, entry)| entry);
            let kept = current.map_or(current_posts, std::slice::from_ref);
            items.push(item(account, args, single, kept, files)?);
        }
        // Once more: lookups take time, and what has passed meanwhile may be published at once.
        let (mode, when) = self.publish_mode(args, space, current_posts)?;
        let body = ClusterBody {
            at: when.as_ref().map(When::unix),
            is_draft: mode == PublishMode::Draft,
            items,
        };
        let warnings = when.as_ref().map(|when| when.warnings().to_vec());
        let mut warnings = warnings.unwrap_or_default();
        warnings.extend(dropped_time(current_posts, mode, when.as_ref()));
        warnings.extend(accounts.iter().filter_map(inactive_account));
        let unlisted = accounts.iter().filter(|account| !account.is_listed());
        warnings.extend(unlisted.map(|account| {
            format!(
                "Saki does not list the account {} in this space; check that it is the one that is meant.",
                account.label()
            )
        }));
        let pending = files.uploads.pending.iter();
        warnings.extend(pending.flat_map(|pending| pending.warnings()));
        let check = self.check_networks(&accounts, &body.items, current_posts);
        warnings.extend(check.warnings);
        let planned = PostPlan {
            mode,
            when,
            accounts,
            per_account: single
                .iter()
                .map(|single| single.map(|(index, _)| index))
                .collect(),
            thread_sizes: body
                .items
                .iter()
                .map(|item| 1 + item.children.len())
                .collect(),
            lengths: check.lengths,
            warnings,
        };
        Ok((planned, body))
    }

    fn publish_mode(
        &self,
        args: &CreatePostArgs,
        space: &KnownSpace,
        current_posts: &[CurrentPost],
    ) -> Result<(PublishMode, Option<When>), Failure> {
        let refuse = |text: String| Err(Failure::argument("publish", text));
        let mode = match (args.publish, &args.scheduled_at) {
            (None, None) if !current_posts.is_empty() => {
                check_timezone(args.timezone.as_deref(), None)?;
                return self.inherit_mode_and_time(space, current_posts);
            }
            (None, None) => {
                return refuse(format!("it is missing; {CHOICES}."));
            }
            (Some(Publish::Now), Some(_)) => {
                return refuse("\"now\" and a `scheduled_at` contradict each other; leave out `publish` to schedule, or leave out `scheduled_at` to publish at once.".to_owned());
            }
            (Some(Publish::Schedule), None) => {
                return Err(Failure::argument(
                    "scheduled_at",
                    "\"schedule\" needs a time, e.g. \"2027-04-10T09:00\" with `timezone`.",
                ));
            }
            (Some(Publish::Now), None) => PublishMode::Now,
            (Some(Publish::Draft), _) => PublishMode::Draft,
            (_, Some(_)) => PublishMode::Schedule,
        };
        let when = match &args.scheduled_at {
            Some(given) => Some(self.when(given, args.timezone.as_deref(), space)?),
            None => {
                check_timezone(args.timezone.as_deref(), None)?;
                self.shared_scheduled_time(space, current_posts)
                    .filter(|_| mode == PublishMode::Draft)
            }
        };
        Ok((mode, when))
    }

    /// The instant that `scheduled_at` means.
    pub(crate) fn when(
        &self,
        given: &str,
        timezone: Option<&str>,
        space: &KnownSpace,
    ) -> Result<When, Failure> {
        let reading = TimeContext {
            timezone,
            default: self.settings.timezone.as_ref(),
            space_zone: space.timezone.as_deref(),
            now: self.settings.clock.now(),
        };
        let when =
            when::read(given, &reading).map_err(|why| Failure::argument("scheduled_at", why))?;
        if !when::is_exact(given) {
            self.interpretations
                .record("scheduled_at", given, when.utc());
        }
        Ok(when)
    }

    async fn resolve_accounts(
        &self,
        args: &CreatePostArgs,
        current_posts: &[CurrentPost],
        space_id: SpaceId,
    ) -> Result<Vec<AccountRef>, Failure> {
        let kept = || current_posts.iter().map(|post| post.account_id.to_string());
        let account_ids = args.account_ids.clone();
        let account_ids = account_ids.unwrap_or_else(|| kept().collect());
        if account_ids.is_empty() {
            return Err(Failure::argument(
                "account_ids",
                format!(
                    "it is empty; name at least one account. list_accounts with `space_id: {}` shows them.",
                    space_id.0
                ),
            ));
        }
        let directory = &self.directory;
        let mut seen = HashSet::new();
        let mut accounts = Vec::with_capacity(account_ids.len());
        for given in &account_ids {
            // An account that has a post in the cluster is of its space, listed or not.
            let is_kept = kept().any(|id| id == given.trim());
            let account = match is_kept {
                true => directory.find_account(space_id, "account_ids", given).await,
                false => {
                    let rule = Unlisted::Refused;
                    let found =
                        directory.find_account_to_write(space_id, "account_ids", given, rule);
                    found.await
                }
            }?;
            if !seen.insert(account.id) {
                return Err(Failure::argument(
                    "account_ids",
                    format!(
                        "the account {} is named twice, which would post twice; name it once.",
                        account.label()
                    ),
                ));
            }
            accounts.push(account);
        }
        Ok(accounts)
    }

    /// The entry of `per_account` for each account, with its index, in the order of the accounts.
    async fn per_account_overrides<'a>(
        &self,
        args: &'a CreatePostArgs,
        space_id: SpaceId,
        accounts: &[AccountRef],
    ) -> Result<Vec<Option<(usize, &'a PerAccount)>>, Failure> {
        let mut single: Vec<Option<(usize, &PerAccount)>> = vec![None; accounts.len()];
        for (index, entry) in args.per_account.iter().flatten().enumerate() {
            let field = format!("per_account.{index}.account_id");
            let account = self
                .directory
                .find_account(space_id, &field, &entry.account_id)
                .await?;
            match accounts.iter().position(|known| known.id == account.id) {
                None => {
                    return Err(Failure::argument(
                        &field,
                        format!(
                            "the account {} is not in `account_ids`; add it there, or leave this entry out.",
                            account.label()
                        ),
                    ));
                }
                Some(position) if single[position].is_some() => {
                    return Err(Failure::argument(
                        &field,
                        format!(
                            "the account {} stands in `per_account` twice; put both into one entry.",
                            account.label()
                        ),
                    ));
                }
                Some(position) => single[position] = Some((index, entry)),
            }
        }
        Ok(single)
    }
}

/// The post of one account; what the call leaves out is as in the posts that are `kept`, where they agree.
///
/// They are the present post of the account, or all posts of the cluster for an account that is new to it.
fn item(
    account: &AccountRef,
    args: &CreatePostArgs,
    single: Option<&PerAccount>,
    kept: &[CurrentPost],
    files: &Files<'_>,
) -> Result<Item<PlannedMedia>, Failure> {
    let content = single
        .and_then(|single| single.content.as_ref())
        .or(args.content.as_ref());
    let media = single
        .and_then(|single| single.media.as_ref())
        .or(args.media.as_ref());
    let thread = single
        .and_then(|single| single.thread.as_ref())
        .or(args.thread.as_ref());
    let mut metadata = args.metadata.as_ref().map(Metadata::fields);
    if let Some(own) = single.and_then(|single| single.metadata.as_ref()) {
        metadata.get_or_insert_default().extend(own.fields());
    }
    let shared = Shared { account, kept };
    let main = Content {
        content: match content {
            Some(content) => content.clone(),
            None => match shared.value("content", CurrentPost::content)? {
                Some(content) => content,
                // A post of media alone has no text; whether Saki takes it is Saki's to say.
                None if media.is_some_and(|media| !media.is_empty()) => String::new(),
                None => {
                    let why = format!(
                        "there is no text for the account {}: pass `content`, or its own in `per_account`.",
                        account.label()
                    );
                    return Err(Failure::argument("content", why));
                }
            },
        },
        media: match media {
            Some(media) => files.plan(media),
            None => stored(
                shared
                    .value("media", CurrentPost::media)?
                    .unwrap_or_default(),
            ),
        },
    };
    if (content.is_some() || media.is_some()) && main.media.is_empty() && is_blank(&main.content) {
        let why = format!(
            "the text for the account {} is blank, and there are no media; pass a text.",
            account.label()
        );
        return Err(Failure::argument("content", why));
    }
    let children = match thread {
        Some(thread) => thread.iter().map(|post| thread_post(post, files)).collect(),
        None => {
            let thread = shared.value("thread", CurrentPost::thread)?;
            let part = |part: Content| Content {
                content: part.content,
                media: stored(part.media),
            };
            thread.into_iter().flatten().map(part).collect()
        }
    };
    // Settings belong to one network, so that an account that is new takes none.
    let current = kept.iter().find(|post| post.account_id == account.id);
    let metadata = match (metadata, current) {
        // What was left out stays here too; where the present ones cannot be read, the given ones are all.
        (Some(metadata), Some(current)) => {
            let mut kept = current.metadata().unwrap_or_default();
            kept.extend(metadata);
            kept
        }
        (Some(metadata), None) => metadata,
        (None, Some(current)) => current.metadata()?,
        (None, None) => serde_json::Map::new(),
    };
    Ok(Item {
        account_id: account.account_id(),
        social: account.network.clone(),
        main,
        children,
        metadata,
    })
}

/// The posts that an account takes its fields from.
struct Shared<'a> {
    account: &'a AccountRef,
    kept: &'a [CurrentPost],
}

impl Shared<'_> {
    /// The value that all posts have; nothing where there are none.
    fn value<T: PartialEq>(
        &self,
        field: &str,
        read: impl Fn(&CurrentPost) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let mut values = self.kept.iter().map(read);
        let first = values.next().transpose()?;
        for value in values {
            if Some(value?) != first {
                let why = format!(
                    "the posts of this cluster differ in it, so the new account {} cannot take it from them: pass `{field}`, or its own in `per_account`.",
                    self.account.label()
                );
                return Err(Failure::argument(field, why));
            }
        }
        Ok(first)
    }
}

fn stored(media: Vec<MediaRef>) -> Vec<PlannedMedia> {
    media.into_iter().map(PlannedMedia::Stored).collect()
}

fn thread_post(post: &ThreadPost, files: &Files<'_>) -> Content<PlannedMedia> {
    Content {
        content: post.content.clone(),
        media: files.plan(post.media.as_deref().unwrap_or_default()),
    }
}
