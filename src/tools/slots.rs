//! Posting time slots: the tools about them.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use serde_json::Value;

use super::directory::rows;
use super::list_and_read::{Listed, RowOfSpace};
use super::pipeline::{Changed, SimpleWrite, WriteArgs, WriteTraits};
use super::space_scoped::{SpaceScoped, SpacesScoped};
use super::{Failure, Json, Tools};
use crate::saki::slots::{CreateSlot, DeleteSlot, ListSlots, Slot, rewordings_shown};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::preview::Preview;

#[tool_router(router = slots, vis = "pub(crate)")]
impl Tools {
    /// Lists the posting time slots of a space: the weekly times it usually posts at. A slot holds no post by itself; get_queue shows what goes out.
    #[tool(title = "List posting time slots", annotations(read_only_hint = true))]
    async fn list_slots(
        &self,
        Parameters(request): Parameters<SpacesScoped<ListSlots>>,
    ) -> Result<Json<Listed<RowOfSpace<Slot>>>, Failure> {
        let list = self.list_in(request).await?;
        // The slots that are there show what Saki calls their fields.
        if let Some(slot) = rows(&list.saki).iter().find_map(Value::as_object) {
            self.saki
                .dialect()
                .suggest_rewordings::<CreateSlot>(rewordings_shown(slot));
        }
        Ok(Json::Untrusted(list))
    }

    /// Adds a weekly posting time to a space and returns it. Schedules and publishes nothing. Saki does not document the fields of a slot. A refusal names the fields it wants; further fields are passed on as they are.
    #[tool(title = "Create a posting time slot")]
    async fn create_slot(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<CreateSlot>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<CreateSlot>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes a posting time slot. It is not known whether posts scheduled at that time stay; check with get_queue.
    #[tool(title = "Delete a posting time slot")]
    async fn delete_slot(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeleteSlot>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteSlot>>, Failure> {
        self.write(args, context).await
    }
}

impl SimpleWrite for CreateSlot {
    const TRAITS: WriteTraits = WriteTraits {
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, _: &Tools) -> Result<(Effects, Preview), Failure> {
        let what = "Adds a weekly posting time; it schedules and publishes nothing.";
        let effects = Effects::changing(Resource::to_create(ResourceKind::Slot));
        Ok((effects, Preview::of(what, self)?))
    }
}

impl SimpleWrite for DeleteSlot {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "removed"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, id) = (self.space_id, self.slot_id.0);
        let slot = tools.row_by_id(ListSlots { space_id }, id).await?;
        let preview = Preview::of(format!("Deletes the slot {id}."), self)?;
        let resource = Resource::new(ResourceKind::Slot, id).in_space(slot.is_some());
        let effects = Effects::deleting(resource);
        Ok((effects, preview.deleting(ResourceKind::Slot, id, slot)))
    }
}
