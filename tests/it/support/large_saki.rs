//! A Saki whose one space has many posts, with filters that mean what the test says.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, Request};
use axum::response::Json;
use jiff::{Timestamp, ToSpan};
use saki_mcp::saki::Clock;
use saki_mcp::tools::Settings;
use serde_json::{Value, json};

use crate::support::server_under_test::{Answer, NOW};
use crate::support::unresponsive_saki::{call, client_of, serve};

pub(crate) const PER_PAGE: usize = 15;

/// What stands beside the rows of a page: made of its number, the last page's and the number of all posts.
type Paginator = fn(usize, usize, usize) -> Value;

fn length_aware(page: usize, last: usize, total: usize) -> Value {
    json!({"meta": {"current_page": page, "last_page": last, "per_page": PER_PAGE, "total": total}})
}

/// What this Saki takes its filters to mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Filters {
    /// What they say.
    Exact,
    /// Nothing.
    Ignored,
    /// The last day is left out, and days are those of Tokyo.
    ExclusiveInTokyo,
    /// Dates are about the creation of a post.
    ByCreation,
    /// Dates are about the planned time, which a post published at once has not.
    ByPlan,
    /// No post matches.
    Nothing,
}

/// How the list changes while it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Never,
    /// A post is made or deleted after so many pages.
    Made(usize),
    Deleted(usize),
    /// A post is made before each page.
    Always,
}

pub(crate) struct LargeSaki {
    pub(crate) posts: Vec<Value>,
    filters: Filters,
    change: Change,
    delay: Duration,
    paginator: Paginator,
    in_flight: AtomicUsize,
    pub(crate) most_in_flight: AtomicUsize,
    pub(crate) pages: AtomicUsize,
}

impl LargeSaki {
    /// So many posts, the newest first: drafts, scheduled, failed and published ones, on two accounts.
    pub(crate) fn new(count: usize, filters: Filters, change: Change) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let post = |id: usize| {
            let minutes = (id as i64 - (count as i64 * 4 / 5)) * 30;
            let at = now.checked_add(minutes.minutes()).unwrap();
            let is_past = at <= now;
            let status = match (id % 50, is_past) {
                (0, _) => 0,
                (7, true) => 4,
                (_, true) => 3,
                (_, false) => 1,
            };
            let planned = (status != 0 && id % 9 != 4 || !is_past).then(|| at.to_string());
            json!({
                "id": id, "content": format!("Post {id}"), "status": status,
                "scheduled_at": planned.filter(|_| status != 0),
                "published_at": (status == 3).then(|| at.to_string()),
                "created_at": now.to_string(), "account_id": 11 + id % 2, "cluster_id": format!("c{}", id / 2),
                "error": (status == 4).then_some("Token expired"), "parent_id": null,
                "analytics": (status == 3).then(|| json!({"likes": id % 97})),
            })
        };
        Self {
            posts: (1..=count).rev().map(post).collect(),
            filters,
            change,
            delay: Duration::from_millis(0),
            paginator: length_aware,
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            pages: AtomicUsize::new(0),
        }
    }

    /// The same with a pause before each answer.
    pub(crate) fn slow(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The same with another paginator.
    pub(crate) fn paginated_by(self, paginator: Paginator) -> Self {
        Self { paginator, ..self }
    }

    /// The number of posts that fit.
    pub(crate) fn count(&self, fits: impl Fn(&Value) -> bool) -> usize {
        self.posts.iter().filter(|post| fits(post)).count()
    }

    /// A client of a server over it.
    pub(crate) async fn serve(self) -> (Arc<Self>, impl AsyncFn(&str, Value) -> Answer) {
        let saki = Arc::new(self);
        let shared = saki.clone();
        let answer = move |Query(query): Query<HashMap<String, String>>, request: Request| {
            let saki = shared.clone();
            async move { Json(saki.answer(request.uri().path(), &query).await) }
        };
        let base = serve(Router::new().fallback(answer)).await;
        let clock = Clock::default();
        clock.set(NOW.parse().unwrap());
        let settings = Settings {
            clock,
            ..Settings::default()
        };
        let client = client_of(&base, settings).await;
        let calls = async move |tool: &str, asked: Value| call(&client, tool, asked).await;
        (saki, calls)
    }

    async fn answer(&self, path: &str, query: &HashMap<String, String>) -> Value {
        if path.ends_with("/spaces") {
            return json!({"data": [{"id": 1, "name": "Large", "timezone": "Asia/Tokyo"}]});
        }
        if path.ends_with("/accounts") {
            let account =
                |id: u64, social: &str| json!({"id": id, "social": social, "handler": "large"});
            return json!({"data": [account(11, "twitter"), account(12, "instagram")]});
        }
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.delay).await;
        let page = self.page(query);
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        page
    }

    fn page(&self, query: &HashMap<String, String>) -> Value {
        let pages_before = self.pages.fetch_add(1, Ordering::SeqCst);
        let new =
            |id: usize| json!({"id": 90_000 + id, "content": "New", "status": 0, "account_id": 11});
        let (made, deleted) = match self.change {
            Change::Made(after) if pages_before >= after => (1, 0),
            Change::Deleted(after) if pages_before >= after => (0, 1),
            Change::Always => (pages_before, 0),
            Change::Never | Change::Made(_) | Change::Deleted(_) => (0, 0),
        };
        let made: Vec<Value> = (0..made).map(new).collect();
        let posts = made.iter().chain(&self.posts[deleted..]);
        let posts: Vec<&Value> = posts
            .filter(|post| self.lets_through(post, query))
            .collect();
        let asked = query.get("page").and_then(|page| page.parse().ok());
        let (page, total): (usize, usize) = (asked.unwrap_or(1), posts.len());
        let rows = posts.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE);
        let mut body = (self.paginator)(page, total.div_ceil(PER_PAGE).max(1), total);
        body["data"] = rows.cloned().collect();
        body
    }

    fn lets_through(&self, post: &Value, query: &HashMap<String, String>) -> bool {
        let filters = ["status", "account_id", "from", "to"];
        let is_filtered = filters.iter().any(|name| query.contains_key(*name));
        match self.filters {
            Filters::Ignored => return true,
            Filters::Nothing if is_filtered => return false,
            _ if !is_filtered => return true,
            _ => {}
        }
        let is = |name: &str| {
            query
                .get(name)
                .is_none_or(|wanted| post[name] == json!(wanted.parse::<u64>().ok()))
        };
        let text = |name: &str| post[name].as_str();
        let at = match self.filters {
            Filters::ByCreation => text("created_at"),
            Filters::ByPlan => text("scheduled_at"),
            _ => text("published_at").or(text("scheduled_at")),
        };
        let in_tokyo = self.filters == Filters::ExclusiveInTokyo;
        let day = at.map(|at| {
            let at: Timestamp = at.parse().unwrap();
            let zone = if in_tokyo { "Asia/Tokyo" } else { "UTC" };
            at.in_tz(zone).unwrap().date().to_string()
        });
        let until = |to: &String| {
            let day = day.as_ref();
            day.is_some_and(|day| if in_tokyo { day < to } else { day <= to })
        };
        is("status")
            && is("account_id")
            && query
                .get("from")
                .is_none_or(|from| day.as_ref().is_some_and(|day| day >= from))
            && query.get("to").is_none_or(until)
    }
}
