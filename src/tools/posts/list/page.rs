//! The pages of `list_posts`: Saki's own where nothing is filtered, else ones that are counted here.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::concise_row::concise;
use super::filter::{Filter, Of};
use super::page_walk::{Bounds, Walked};
use super::{Detail, Posts, Wanted, empty_page, number};
use crate::saki::posts::ListPosts;
use crate::saki::{SpaceId, lenient};
use crate::tools::directory::Space;
use crate::tools::posts::post_state::{self, State};
use crate::tools::{Failure, Json, Tools};

/// Rows on a page of filtered posts.
const PER_PAGE: usize = 25;

impl Tools {
    /// A page as Saki counts it.
    pub(in crate::tools::posts) async fn sakis_own_page(
        &self,
        space: &Space,
        wanted: &Wanted,
        filter: &Filter,
        zone: &TimeZone,
    ) -> Result<Json<Posts>, Failure> {
        let account_id = match &filter.account {
            Some(Of::Account(id)) => Some(id.to_string()),
            _ => None,
        };
        let request = ListPosts {
            status: number(wanted),
            account_id,
            page: wanted.page,
            ..ListPosts::of(SpaceId(space.id))
        };
        let mut list = self.saki.list_posts(&request).await?.into_list();
        self.shape(&mut list, wanted, zone);
        let count = |name: &str| {
            list.get("meta")
                .and_then(|meta| lenient::integer(meta, name))
        };
        let next = count("current_page")
            .zip(count("last_page"))
            .and_then(|(page, last)| (page < last).then_some(page + 1));
        if let (Some(next), Some(meta)) =
            (next, list.get_mut("meta").and_then(Value::as_object_mut))
        {
            meta.insert("next_page".to_owned(), next.into());
        }
        empty_page::say(&mut list, wanted, filter, std::slice::from_ref(space));
        Ok(Json::new(list))
    }

    /// A page of the posts that fit, counted here.
    pub(in crate::tools::posts) async fn own_page(
        &self,
        spaces: &[Space],
        wanted: &Wanted,
        filter: &Filter,
        zone: &TimeZone,
    ) -> Result<Json<Posts>, Failure> {
        let now = self.settings.clock.now();
        let (mut posts, mut stopped) = (Vec::new(), Vec::new());
        let mut bounds = Bounds::start();
        for (index, space) in spaces.iter().enumerate() {
            let all = ListPosts {
                status: number(wanted),
                ..ListPosts::of(SpaceId(space.id))
            };
            let walked = match self.posts_around(all, filter.range, bounds).await {
                // What the spaces before have told is worth more than an error.
                Err(error) if index > 0 && error.status() == Some(429) => Walked::slowed_down(),
                walked => walked?,
            };
            bounds.posts = bounds.posts.saturating_sub(walked.posts.len()).max(1);
            stopped.extend(walked.stopped.map(|how| match spaces.len() {
                1 => how,
                _ => format!("{}: {how}", space.shown()),
            }));
            for mut post in walked
                .posts
                .into_iter()
                .filter(|post| filter.takes(post, now))
            {
                if let (true, Some(post)) = (spaces.len() > 1, post.as_object_mut()) {
                    post.insert("space_id".to_owned(), space.id.into());
                    post.insert("space".to_owned(), space.name.clone().into());
                }
                posts.push(post);
            }
        }
        // What has no time stands at the end.
        posts.sort_by_key(|post| post_state::at(post).map_or((true, None), |at| (false, Some(at))));
        let count = posts.len();
        let page = usize::try_from(wanted.page.unwrap_or(1)).unwrap_or(usize::MAX);
        let rows: Vec<Value> = posts
            .into_iter()
            .skip(PER_PAGE.saturating_mul(page - 1))
            .take(PER_PAGE)
            .collect();
        let mut meta = Map::from_iter([
            ("count".to_owned(), json!(count)),
            ("complete".to_owned(), json!(stopped.is_empty())),
        ]);
        if !stopped.is_empty() {
            meta.insert("looked".to_owned(), json!(stopped.join("; ")));
        }
        if page.saturating_mul(PER_PAGE) < count {
            meta.insert("next_page".to_owned(), json!(page + 1));
        }
        let mut list = Map::from_iter([
            ("data".to_owned(), Value::Array(rows)),
            ("meta".to_owned(), Value::Object(meta)),
        ]);
        self.shape(&mut list, wanted, zone);
        empty_page::say(&mut list, wanted, filter, spaces);
        Ok(Json::new(list))
    }

    fn shape(&self, list: &mut Map<String, Value>, wanted: &Wanted, zone: &TimeZone) {
        let now = self.settings.clock.now();
        let rows = list.get_mut("data").and_then(Value::as_array_mut);
        for post in rows.into_iter().flatten() {
            match wanted.detail.unwrap_or_default() {
                Detail::Concise => *post = concise(post, now, zone),
                Detail::Full => {
                    let state = State::of(post, now).word();
                    if let Some(post) = post.as_object_mut() {
                        post.insert("state".to_owned(), json!(state));
                        self.say_local_time(post);
                    }
                }
            }
        }
        let meta = list.entry("meta").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.insert("timezone".to_owned(), json!(zone.iana_name()));
        }
    }
}
