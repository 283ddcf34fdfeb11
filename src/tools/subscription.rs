//! Subscription: the tool about plan and limits.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::tool_result::WithSaki;
use super::{Failure, Json, Tools};
use crate::saki::subscription::{GetSubscription, Subscription};

#[tool_router(router = subscription, vis = "pub(crate)")]
impl Tools {
    /// Reads the plan, its limits and what is left: posts this month, spaces, trial, cancellation. A limit of null means unlimited.
    #[tool(title = "Get plan and limits", annotations(read_only_hint = true))]
    async fn get_subscription(
        &self,
        Parameters(request): Parameters<GetSubscription>,
    ) -> Result<Json<WithSaki<Subscription>>, Failure> {
        self.read(&request).await.map(Json::Trusted)
    }
}
