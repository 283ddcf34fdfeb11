//! The tool about the publishing queue.

use jiff::Timestamp;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use serde_json::{Map, Value};

use super::posts::Shown;
use super::space_scoped::SpacesScoped;
use super::{Failure, Json, Tools};
use crate::saki::lenient;
use crate::saki::pagination::List;
use crate::saki::queue::GetQueue;

#[tool_router(router = queue, vis = "pub(crate)")]
impl Tools {
    /// Shows what is about to be published, whole, in order of time. For short rows, and for posts of a date range, a state or an account, use list_posts.
    #[tool(
        title = "View the publishing queue",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn get_queue(
        &self,
        Parameters(request): Parameters<SpacesScoped<GetQueue>>,
    ) -> Result<Json<List<Shown>>, Failure> {
        let mut list = self.rows_in(request).await?;
        in_order_of_time(&mut list);
        self.say_local_times(&mut list);
        Ok(Json::new(list))
    }
}

/// The queues of several spaces become one; what has no time comes last, in Saki's order.
fn in_order_of_time(list: &mut Map<String, Value>) {
    let at = |post: &Value| {
        lenient::text(post, "scheduled_at")?
            .parse::<Timestamp>()
            .ok()
    };
    if let Some(rows) = list.get_mut("data").and_then(Value::as_array_mut) {
        rows.sort_by_key(|post| (at(post).is_none(), at(post)));
    }
}
