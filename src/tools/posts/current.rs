//! The posts that a cluster has now, as far as they can be read.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::saki::pagination::{has_row_list, last_page};
use crate::saki::posts::{Content, GetPost, ListPosts, MediaRef};
use crate::saki::{ClusterId, MediaId, PostId, SpaceId, lenient};
use crate::tools::directory::rows;
use crate::tools::posts::post_state::{State, may_be_public, waits};
use crate::tools::{Failure, Tools};
use crate::write::quote::quote_truncated;

/// Saki cannot be asked for a cluster, so its posts are looked for; not further than this.
const MOST_PAGES: u64 = 70;

/// The post that an account has in a cluster.
#[derive(Debug)]
pub(in crate::tools::posts) struct CurrentPost {
    pub(in crate::tools::posts) account_id: u64,
    pub(in crate::tools::posts) post_id: u64,
    post: Value,
}

impl Tools {
    /// The posts of a cluster, each read by itself, since a list may leave out media and thread.
    pub(in crate::tools::posts) async fn present(
        &self,
        space_id: SpaceId,
        cluster_id: &ClusterId,
    ) -> Result<Vec<CurrentPost>, Failure> {
        let mut found = Vec::new();
        let mut first_of_page = Value::Null;
        let mut page = 1;
        loop {
            let request = ListPosts {
                page: (page > 1).then_some(page),
                ..ListPosts::of(space_id)
            };
            let list = self.saki.list_posts(&request).await?.into_list();
            if !has_row_list(&list) {
                return Err(Failure::refused(
                    "Nothing was changed: Saki's answer shows no list of posts, so the posts of this cluster were not found. Look with list_posts, and change them one by one with update_post.",
                ));
            }
            let rows = rows(&list);
            // A Saki that names no last page has one where nothing new comes.
            let first = rows.first().cloned().unwrap_or_default();
            if first.is_null() || first == first_of_page {
                break;
            }
            first_of_page = first;
            for row in rows.iter().filter(|row| is_first_of(row, cluster_id)) {
                found.push(ids(row).ok_or_else(|| {
                    Failure::refused("Nothing was changed: Saki does not show which account each post of this cluster belongs to, so what they have cannot be kept. Change its posts one by one with update_post.")
                })?);
            }
            if last_page(&list).is_some_and(|last| page >= last) {
                break;
            }
            if page == MOST_PAGES {
                return Err(Failure::refused(format!(
                    "Nothing was changed: the cluster's posts could not all be found within {MOST_PAGES} pages of posts. Change its posts one by one with update_post."
                )));
            }
            page += 1;
        }
        if found.is_empty() {
            return Err(Failure::argument(
                "cluster_id",
                format!(
                    "no post of this space has the cluster id {}; list_posts with `space_id: {}` shows it beside each post.",
                    quote_truncated(&cluster_id.0),
                    space_id.0
                ),
            ));
        }
        found.sort_unstable();
        let mut present = Vec::with_capacity(found.len());
        for (post_id, account_id) in found {
            let post = self
                .saki
                .send(&GetPost {
                    space_id,
                    post_id: PostId(post_id),
                })
                .await?
                .into_one();
            present.push(CurrentPost {
                account_id,
                post_id,
                post: Value::Object(post),
            });
        }
        Ok(present)
    }
}

impl Tools {
    /// The first post of the thread that a post is a later part of, whose fate it shares.
    pub(in crate::tools::posts) async fn first_of(
        &self,
        space_id: SpaceId,
        post: &Value,
    ) -> Result<Option<Value>, Failure> {
        let Some(first) = lenient::integer(post, "parent_id") else {
            return Ok(None);
        };
        let post_id = PostId(first);
        match self.saki.send(&GetPost { space_id, post_id }).await {
            Ok(first) => Ok(Some(Value::Object(first.into_one()))),
            // Of a post that shows nothing everything must be expected.
            Err(error) if error.is_not_found() => Ok(Some(Value::Null)),
            Err(error) => Err(error.into()),
        }
    }
}

pub(in crate::tools::posts) fn is_first_of(row: &Value, cluster_id: &ClusterId) -> bool {
    lenient::text(row, "cluster_id").as_deref() == Some(&cluster_id.0)
        && row.get("parent_id").is_none_or(Value::is_null)
}

fn ids(row: &Value) -> Option<(u64, u64)> {
    Some((
        lenient::integer(row, "id")?,
        lenient::integer(row, "account_id")
            .or_else(|| lenient::integer(row.get("account")?, "id"))?,
    ))
}

impl CurrentPost {
    /// Whether people may see the post already.
    pub(in crate::tools::posts) fn may_be_public(&self, now: Timestamp) -> bool {
        may_be_public(&self.post, now)
    }

    /// Whether it surely waits for its time.
    pub(in crate::tools::posts) fn waits(&self, now: Timestamp) -> bool {
        waits(&self.post, now)
    }

    /// The post as Saki shows it.
    pub(in crate::tools::posts) fn whole(&self) -> &Value {
        &self.post
    }

    /// What it is by its facts.
    pub(in crate::tools::posts) fn state(&self, now: Timestamp) -> State {
        State::of(&self.post, now)
    }

    pub(in crate::tools::posts) fn scheduled_at(&self) -> Option<Timestamp> {
        self.written_time()?.parse().ok()
    }

    /// Its time as Saki writes it, be it readable or not.
    pub(in crate::tools::posts) fn written_time(&self) -> Option<String> {
        lenient::text(&self.post, "scheduled_at")
    }

    pub(in crate::tools::posts) fn content(&self) -> Result<String, Failure> {
        content(&self.post).ok_or_else(|| self.unreadable("content"))
    }

    pub(in crate::tools::posts) fn media(&self) -> Result<Vec<MediaRef>, Failure> {
        media(&self.post).ok_or_else(|| self.unreadable("media"))
    }

    pub(in crate::tools::posts) fn thread(&self) -> Result<Vec<Content>, Failure> {
        let children = self
            .post
            .get("children")
            .and_then(Value::as_array)
            .ok_or_else(|| self.unreadable("thread"))?;
        let part = |child: &Value| {
            // A thread has one level in a request, so what hangs deeper could not be kept.
            if !lenient::rows(child, "children").is_empty() {
                return None;
            }
            Some(Content {
                content: content(child)?,
                media: media(child)?,
            })
        };
        children
            .iter()
            .map(part)
            .collect::<Option<_>>()
            .ok_or_else(|| self.unreadable("thread"))
    }

    /// Laravel writes an empty object as an empty list.
    pub(in crate::tools::posts) fn metadata(&self) -> Result<Map<String, Value>, Failure> {
        match self.post.get("metadata") {
            Some(Value::Object(metadata)) => Ok(metadata.clone()),
            Some(Value::Null) => Ok(Map::new()),
            Some(Value::Array(list)) if list.is_empty() => Ok(Map::new()),
            _ => Err(self.unreadable("metadata")),
        }
    }

    fn unreadable(&self, field: &str) -> Failure {
        Failure::argument(
            field,
            format!(
                "Saki does not show what post {} of this cluster has there, so it cannot be kept. Pass `{field}` as it is to be.",
                self.post_id
            ),
        )
    }
}

/// Laravel writes an empty text as null.
fn content(post: &Value) -> Option<String> {
    match post.get("content")? {
        Value::String(content) => Some(content.clone()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

fn media(post: &Value) -> Option<Vec<MediaRef>> {
    let read = |media: &Value| {
        Some(MediaRef {
            id: MediaId(lenient::integer(media, "id")?),
            kind: lenient::text(media, "type").unwrap_or_else(|| "image".to_owned()),
        })
    };
    post.get("media")?.as_array()?.iter().map(read).collect()
}
