//! Tool traits: what a tool declares about itself, for the policy, for confirmation and for interrupted calls.

use std::any::type_name;
use std::collections::BTreeSet;

use reqwest::Method;
use rmcp::model::{Tool, ToolAnnotations};
use serde::{Deserialize, Serialize};

use super::Write;
use crate::saki::Endpoint;
use crate::tools::Tools;
use crate::tools::resource_path::{Collection, collection};

/// The schema extension that carries the traits of a write to the catalogue; clients do not see it.
pub const TRAITS_EXTENSION: &str = "x-traits";

/// What a write declares about itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteTraits {
    /// What it can change at most.
    pub(crate) scope: WriteScope,
    /// Whether a person may have to be asked, so that there is a parameter for the second of two calls.
    pub(crate) takes_confirmation: bool,
    /// Whether it counts against the plan.
    pub(crate) counts_against_plan: bool,
    /// The facts that its dry run shows, by the names of their fields.
    pub(crate) preview_facts: &'static [&'static str],
}

impl WriteTraits {
    /// The traits of a write that declares nothing.
    pub(crate) const DEFAULT: Self = Self {
        scope: WriteScope::Unlimited,
        takes_confirmation: false,
        counts_against_plan: false,
        preview_facts: &[],
    };
}

/// What a write can change at most; the policy forbids a tool by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WriteScope {
    /// It can leave nothing but drafts behind.
    Drafts,
    /// It changes more than drafts.
    Unlimited,
    /// It adds a space.
    CreatesSpace,
    /// It removes a space with its accounts.
    DeletesSpace,
}

/// Whether a tool writes, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// It only reads.
    Read,
    /// It writes.
    Write(WriteScope),
}

/// What the server knows of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolTraits {
    /// Whether it writes, and what.
    pub access: Access,
    /// Whether it may change or publish what exists, and does not only add.
    destructive: bool,
    /// Whether the same call once more has no further effect.
    idempotent: bool,
    /// Whether it takes something away that nothing brings back.
    pub deletes: bool,
    /// The name of the tool that lists what it writes.
    pub listed_by: Option<String>,
    /// Whether it has a parameter for a confirmation token; other tools never ask.
    pub takes_confirmation: bool,
    /// The type of the endpoint that it writes to.
    endpoint: Option<String>,
}

impl ToolTraits {
    /// The traits of a tool whose input schema is as it was derived.
    ///
    /// A tool that is not declared as a write reads if its annotation says so; otherwise it may write anything.
    pub fn new(tool: &Tool) -> Self {
        let declared = tool.input_schema.get(TRAITS_EXTENSION);
        let declared = declared.and_then(|traits| Self::deserialize(traits).ok());
        let is_read = is_read_only(tool);
        declared.unwrap_or(Self {
            access: match is_read {
                true => Access::Read,
                false => Access::Write(WriteScope::Unlimited),
            },
            destructive: !is_read,
            idempotent: is_read,
            deletes: !is_read,
            listed_by: None,
            takes_confirmation: false,
            endpoint: None,
        })
    }

    /// The traits of a write, from what it declares and from the endpoint that it calls.
    ///
    /// A write that may need a confirmation counts as destructive, even if it only adds.
    pub(super) fn of_write<W: Write>() -> Self {
        let WriteTraits {
            scope,
            takes_confirmation,
            ..
        } = W::TRAITS;
        let adds = W::Endpoint::METHOD == Method::POST;
        let list_tool = collection::<W::Endpoint>().and_then(Collection::list_tool);
        Self {
            access: Access::Write(scope),
            destructive: !adds || takes_confirmation,
            idempotent: !adds,
            deletes: W::Endpoint::METHOD == Method::DELETE,
            listed_by: list_tool.map(str::to_owned),
            takes_confirmation,
            endpoint: Some(type_name::<W::Endpoint>().to_owned()),
        }
    }

    /// Whether it only adds to what exists.
    pub fn adds(&self) -> bool {
        !self.idempotent
    }

    /// The fields that Saki's refusals of the tool's calls named.
    pub fn refused_fields(&self, tools: &Tools) -> BTreeSet<String> {
        let endpoint = self.endpoint.as_deref();
        endpoint
            .map(|endpoint| tools.saki.dialect().refused_fields(endpoint))
            .unwrap_or_default()
    }

    /// The hints about the tool in `tools/list`.
    pub(crate) fn annotations(&self) -> ToolAnnotations {
        let reads = self.access == Access::Read;
        let (destructive, idempotent) = (Some(self.destructive), Some(self.idempotent));
        ToolAnnotations::from_raw(None, Some(reads), destructive, idempotent, Some(true))
    }
}

/// Whether a tool declares that it only reads.
pub fn is_read_only(tool: &Tool) -> bool {
    let hints = tool.annotations.as_ref();
    hints.and_then(|hints| hints.read_only_hint) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::CONFIRMATION;
    use serde_json::Map;

    #[test]
    fn every_tool_that_does_not_only_read_declares_its_traits() {
        let tools = Tools::router().list_all();
        for tool in &tools {
            let declares = tool.input_schema.contains_key(TRAITS_EXTENSION);
            assert_eq!(declares, !is_read_only(tool), "{}", tool.name);
            let traits = ToolTraits::new(tool);
            let is_read = traits.access == Access::Read;
            assert_eq!(is_read, is_read_only(tool), "{}", tool.name);
            let properties = tool.input_schema.get("properties");
            let parameter = properties.and_then(|properties| properties.get(CONFIRMATION));
            let is_taken = parameter.is_some();
            assert_eq!(traits.takes_confirmation, is_taken, "{}", tool.name);
            if let Some(list) = &traits.listed_by {
                let list = tools.iter().find(|tool| tool.name == list.as_str());
                assert!(list.is_some_and(is_read_only), "{}", tool.name);
            }
        }
    }

    #[test]
    fn a_tool_that_declares_nothing_may_write_anything() {
        let traits = ToolTraits::new(&Tool::new("new", "New.", Map::new()));
        assert_eq!(traits.access, Access::Write(WriteScope::Unlimited));
    }
}
