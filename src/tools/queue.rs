//! The tool about the publishing queue.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::in_space::InSpaces;
use super::posts::Shown;
use super::{Failure, Json, Tools};
use crate::saki::page::List;
use crate::saki::queue::GetQueue;

#[tool_router(router = queue, vis = "pub(crate)")]
impl Tools {
    /// Shows what a space is about to publish. For posts of a date range, a status or an account, and for drafts and published posts, use list_posts.
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
        Parameters(request): Parameters<InSpaces<GetQueue>>,
    ) -> Result<Json<List<Shown>>, Failure> {
        let mut list = self.rows_in(request).await?;
        self.say_local_times(&mut list);
        Ok(Json::new(list))
    }
}
