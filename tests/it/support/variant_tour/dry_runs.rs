//! The dry runs of a tour: they send nothing, change nothing, and claim nothing.

use super::Tour;
use crate::support::example_calls;

/// Keys by which an answer claims that something was done.
const CLAIMS: [&str; 8] = [
    "created",
    "updated",
    "deleted",
    "disconnected",
    "verified",
    "post_ids",
    "uploaded",
    "data",
];

impl Tour {
    pub(super) async fn dry_runs(&mut self) {
        for (tool, mut arguments) in example_calls::writes() {
            arguments["dry_run"] = true.into();
            let (state, sent) = (self.whole_state(), self.world.writes().len());
            let answer = self.call(tool, arguments).await;
            let is_quiet = self.whole_state() == state && self.world.writes().len() == sent;
            self.check(
                is_quiet,
                tool,
                "a dry run sends or changes something",
                &answer,
            );
            if answer.failed {
                // What a variant takes is not known before it is asked.
                continue;
            }
            let is_preview = answer.json["outcome"] == "preview";
            self.check(is_preview, tool, "a dry run is no preview", &answer);
            let claim = CLAIMS.iter().find(|name| answer.json.get(*name).is_some());
            self.check(
                claim.is_none(),
                tool,
                &format!("a dry run claims {claim:?}"),
                &answer,
            );
        }
    }
}
