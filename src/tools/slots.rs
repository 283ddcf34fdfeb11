//! Tools about posting time slots.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::in_space::{InSpace, InSpaces};
use super::send::Deleted;
use super::{Failure, Json, Tools};
use crate::saki::page::List;
use crate::saki::slots::{CreateSlot, DeleteSlot, ListSlots, Slot};

#[tool_router(router = slots, vis = "pub(crate)")]
impl Tools {
    /// Lists the posting time slots of a space: the weekly times it usually posts at. A slot holds no post by itself; get_queue shows what goes out.
    #[tool(
        title = "List posting time slots",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_slots(
        &self,
        Parameters(request): Parameters<InSpaces<ListSlots>>,
    ) -> Result<Json<List<Slot>>, Failure> {
        self.list_in(request).await
    }

    /// Adds a weekly posting time to a space and returns it. Schedules and publishes nothing. Saki does not print the fields of a slot: when it refuses one, its answer names what it wants, and further fields are passed on as they are.
    #[tool(
        title = "Create a posting time slot",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn create_slot(
        &self,
        Parameters(request): Parameters<InSpace<CreateSlot>>,
    ) -> Result<Json<Slot>, Failure> {
        self.change("created", request.place(self).await?).await
    }

    /// Deletes a posting time slot. Whether posts that are already scheduled at that time stay is not known; look with get_queue.
    #[tool(
        title = "Delete a posting time slot",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn delete_slot(
        &self,
        Parameters(request): Parameters<InSpace<DeleteSlot>>,
    ) -> Result<Json<Deleted>, Failure> {
        self.change("deleted", request.place(self).await?).await
    }
}
