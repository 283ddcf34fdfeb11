//! The cases of `confirmation`, in a world where writes are asked about: a token that is none shows as refused.

use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::Confirm;
use serde_json::json;

use crate::calls;
use crate::harness::World;
use crate::parameters::{Case, Shows, case};

const REFUSED: &str = "The `confirmation` is not one that this server gave for this call and these arguments; this one is.";

pub(crate) async fn asking() -> World {
    World::with(SandboxOptions::default(), |settings| {
        settings.confirm = Confirm::Auto;
    })
    .await
}

pub(crate) fn cases() -> Vec<Case> {
    let unconfirmed = |(tool, arguments)| {
        let with = json!({"confirmation": "none"});
        let shows = Shows::Answer("/warnings/0", json!(REFUSED));
        case(tool, "confirmation", arguments, with, shows)
    };
    calls::asking().into_iter().map(unconfirmed).collect()
}
