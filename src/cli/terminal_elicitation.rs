//! Elicitation on the terminal: `saki-mcp call` asks the person at the shell to confirm.

use std::io::{self, BufRead, IsTerminal, Write};

use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ElicitationSchema, Implementation,
};
use rmcp::service::RequestContext;
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::{Map, Value};

/// An MCP client that answers elicitations on the terminal.
pub(super) struct TerminalElicitation {
    /// Answer yes without asking (`--yes`).
    pub(super) yes: bool,
    /// Whether `--yes` may be suggested: `--confirm always` forbids it.
    pub(super) yes_is_allowed: bool,
}

impl ClientHandler for TerminalElicitation {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        let name = Implementation::new("saki-mcp call", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(capabilities, name)
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams {
            message,
            requested_schema,
            ..
        } = request
        else {
            return Err(ErrorData::invalid_params(
                "only form elicitations are supported",
                None,
            ));
        };
        if self.yes {
            return Ok(accept(&requested_schema));
        }
        if !io::stdin().is_terminal() {
            let reason = match self.yes_is_allowed {
                true => "standard input is not a terminal; --yes answers yes without asking",
                false => "standard input is not a terminal",
            };
            return Err(ErrorData::invalid_request(reason, None));
        }
        let answer = tokio::task::spawn_blocking(move || {
            ask(&message, &mut io::stdin().lock(), &mut io::stderr().lock())
        });
        let answer = answer
            .await
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(match answer {
            Some(true) => accept(&requested_schema),
            Some(false) => ElicitResult::new(ElicitationAction::Decline),
            None => ElicitResult::new(ElicitationAction::Cancel),
        })
    }
}

/// Accepts the form with every checkbox ticked.
fn accept(schema: &ElicitationSchema) -> ElicitResult {
    let checkboxes = schema.properties.keys();
    let content: Map<String, Value> = checkboxes.map(|name| (name.clone(), true.into())).collect();
    ElicitResult::new(ElicitationAction::Accept).with_content(content.into())
}

/// Asks, and returns yes or no, or `None` at EOF or when reading fails. Anything but `y` and `yes` is a no.
fn ask(message: &str, input: &mut impl BufRead, output: &mut impl Write) -> Option<bool> {
    write!(output, "{message}\n[y/N] ").ok()?;
    output.flush().ok()?;
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(matches!(
            line.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("y\n", Some(true))]
    #[case(" YES \n", Some(true))]
    #[case("\n", Some(false))]
    #[case("n\n", Some(false))]
    #[case("yesterday\n", Some(false))]
    #[case("", None)]
    fn only_y_and_yes_count_as_yes(#[case] typed: &str, #[case] answer: Option<bool>) {
        let mut output = Vec::new();
        assert_eq!(ask("Sure?", &mut typed.as_bytes(), &mut output), answer);
        assert_eq!(String::from_utf8(output).unwrap(), "Sure?\n[y/N] ");
    }
}
