//! Tools about spaces.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::in_space::InSpace;
use super::send::Deleted;
use super::{Failure, Json, Tools, note};
use crate::saki::page::List;
use crate::saki::spaces::{CreateSpace, DeleteSpace, GetSpace, ListSpaces, Space, UpdateSpace};

#[tool_router(router = spaces, vis = "pub(crate)")]
impl Tools {
    /// Lists all spaces the key may see. A space holds accounts, posts, slots and webhooks; its id or exact name goes into `space_id` of the other tools.
    #[tool(
        title = "List spaces",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_spaces(
        &self,
        Parameters(request): Parameters<ListSpaces>,
    ) -> Result<Json<List<Space>>, Failure> {
        self.list(request, note::NO_SPACE).await
    }

    /// Reads one space with all its settings.
    #[tool(
        title = "Get a space",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn get_space(
        &self,
        Parameters(request): Parameters<InSpace<GetSpace>>,
    ) -> Result<Json<Space>, Failure> {
        self.read(&request.place(self).await?).await
    }

    /// Creates a space and returns it. Counts against the plan (get_subscription). Connects no accounts: a person does that in Saki's web app. Saki does not print the fields of a space, so further fields are passed on as they are.
    #[tool(
        title = "Create a space",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn create_space(
        &self,
        Parameters(request): Parameters<CreateSpace>,
    ) -> Result<Json<Space>, Failure> {
        self.change("created", request).await
    }

    /// Changes name or time zone of a space and returns it; fields left out stay as they are. Whether a new time zone moves posts that are already scheduled is not known. Further fields are passed on as they are.
    #[tool(
        title = "Update a space",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn update_space(
        &self,
        Parameters(request): Parameters<InSpace<UpdateSpace>>,
    ) -> Result<Json<Space>, Failure> {
        self.change("updated", request.place(self).await?).await
    }

    /// Deletes a space. Its accounts, posts, slots and webhooks go with it as far as is known, and nothing brings them back. Only on a person's explicit wish; name the space to them first.
    #[tool(
        title = "Delete a space",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn delete_space(
        &self,
        Parameters(request): Parameters<InSpace<DeleteSpace>>,
    ) -> Result<Json<Deleted>, Failure> {
        self.change("deleted", request.place(self).await?).await
    }
}
