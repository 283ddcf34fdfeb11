//! Publishing queue of a space in the sandbox: its scheduled posts, the next one first.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::HandlerResult;
use super::database::Database;
use super::paginator;
use super::posts::post_json::post_json;
use super::records::{PostStatus, StoredPost, StoredSlot};
use super::route_table::RouteTable;
use super::variant::{DAYS, QueueRows};
use crate::saki;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::queue::GetQueue>(get);
}

fn get(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let is_upcoming = |post: &&StoredPost| {
        post.space_id == request.space_id()
            && post.status == PostStatus::Scheduled
            && post.scheduled_at.is_some()
    };
    let mut posts: Vec<&StoredPost> = db.top_level_posts().filter(is_upcoming).collect();
    posts.sort_by_key(|post| (post.scheduled_at, post.id));
    let queue_rows = request.options.variant.queue_rows;
    if queue_rows == QueueRows::Posts {
        return Ok(paginator::list(request, posts, |post| post_json(db, post)));
    }
    let slots = request.of_space(&db.slots);
    let mut rows: Vec<QueueRow<'_>> = Vec::new();
    for post in posts {
        let at = post.scheduled_at.unwrap_or(request.now);
        let slot = slots.iter().find(|slot| is_at(slot, at)).copied();
        rows.push((at, slot, Some(post)));
    }
    if queue_rows == QueueRows::WithFreeSlots {
        for slot in slots {
            let at = next_time(slot, request.now);
            let at = at.filter(|at| !rows.iter().any(|(taken, ..)| taken == at));
            rows.extend(at.map(|at| (at, Some(slot), None)));
        }
        rows.sort_by_key(|(at, ..)| *at);
    }
    Ok(paginator::list(request, rows, |(at, slot, post)| {
        let post = post.map(|post| post_json(db, post));
        json!({"at": at, "slot_id": slot.map(|slot| slot.id), "post": post})
    }))
}

/// A time with its slot and its post, where it has them.
type QueueRow<'a> = (Timestamp, Option<&'a StoredSlot>, Option<&'a StoredPost>);

fn is_at(slot: &StoredSlot, at: Timestamp) -> bool {
    let Ok(local) = at.in_tz(&slot.timezone) else {
        return false;
    };
    let day = local.weekday().to_sunday_zero_offset().unsigned_abs();
    let is_day = match &slot.weekday {
        Value::String(word) => DAYS[usize::from(day)] == word,
        number => number.as_u64() == Some(day.into()),
    };
    is_day && local.strftime("%H:%M").to_string() == slot.time
}

/// The next time of a slot.
fn next_time(slot: &StoredSlot, now: Timestamp) -> Option<Timestamp> {
    let today = now.in_tz(&slot.timezone).ok()?.date();
    let time: Time = slot.time.parse().ok()?;
    let mut times = (0..=7).filter_map(|days| {
        let date = today.checked_add(days.days()).ok()?;
        Some(
            date.to_datetime(time)
                .in_tz(&slot.timezone)
                .ok()?
                .timestamp(),
        )
    });
    times.find(|at| *at > now && is_at(slot, *at))
}
