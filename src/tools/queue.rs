//! Publishing queue: the tool about it.

use jiff::Timestamp;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use serde_json::{Value, json};

use super::list_and_read::{Listed, RowOfSpace};
use super::posts::{LocalTime, PostWithTime};
use super::space_scoped::SpacesScoped;
use super::{Failure, Json, Tools};
use crate::saki::lenient_json;
use crate::saki::posts::PostView;
use crate::saki::queue::GetQueue;

#[tool_router(router = queue, vis = "pub(crate)")]
impl Tools {
    /// Shows the upcoming posts in full, in order of time. For short rows, or to filter by date, state or account, use list_posts.
    #[tool(
        title = "View the publishing queue",
        annotations(read_only_hint = true)
    )]
    async fn get_queue(
        &self,
        Parameters(request): Parameters<SpacesScoped<GetQueue>>,
    ) -> Result<Json<Listed<RowOfSpace<PostWithTime>>>, Failure> {
        let mut list = self.list_in(request).await?;
        if let Some(rows) = list.saki.get_mut("data").and_then(Value::as_array_mut) {
            // The queues of several spaces become one; what has no time comes last, in Saki's order.
            rows.sort_by_key(|row| {
                let at = time_of(row);
                (at.is_none(), at)
            });
            let (zone, now) = (self.zone(), self.settings.clock.now());
            for row in rows {
                let time = LocalTime::at(time_of(row), &zone, now);
                if let Value::Object(fields) = row {
                    *row = json!(PostWithTime::new(time, std::mem::take(fields)));
                }
            }
        }
        Ok(Json::Untrusted(Listed::new(list.ours, list.saki)))
    }
}

/// When a row goes out: a post, a slot with its post, or a slot that is free.
fn time_of(row: &Value) -> Option<Timestamp> {
    let post = row.get("post").filter(|post| post.is_object());
    let of_post = PostView::from(post.unwrap_or(row)).scheduled_at();
    of_post.or_else(|| lenient_json::timestamp(row.get("at")?))
}
