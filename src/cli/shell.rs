//! The person at a shell, asked on the terminal in the way that any client asks its own.

use std::io::{self, BufRead, IsTerminal, Write};

use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ElicitationSchema, Implementation,
};
use rmcp::service::RequestContext;
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::{Map, Value};

/// A client whose person sits at the terminal, if there is one.
pub(super) struct Shell {
    /// Whether the command line has said yes already.
    pub(super) yes: bool,
    /// Whether it may say so, which the refusal then tells.
    pub(super) may_say_yes: bool,
}

impl ClientHandler for Shell {
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
            return Err(ErrorData::invalid_params("only forms are shown", None));
        };
        if self.yes {
            return Ok(ticked(&requested_schema));
        }
        if !io::stdin().is_terminal() {
            let why = match self.may_say_yes {
                true => {
                    "standard input is no terminal to ask on; --yes says yes on the command line"
                }
                false => "standard input is no terminal to ask on",
            };
            return Err(ErrorData::invalid_request(why, None));
        }
        let asked = tokio::task::spawn_blocking(move || {
            ask(&message, &mut io::stdin().lock(), &mut io::stderr().lock())
        });
        let agreed = asked
            .await
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(match agreed {
            Some(true) => ticked(&requested_schema),
            Some(false) => ElicitResult::new(ElicitationAction::Decline),
            None => ElicitResult::new(ElicitationAction::Cancel),
        })
    }
}

/// The form with every box ticked.
fn ticked(schema: &ElicitationSchema) -> ElicitResult {
    let boxes = schema.properties.keys();
    let content: Map<String, Value> = boxes.map(|name| (name.clone(), true.into())).collect();
    ElicitResult::new(ElicitationAction::Accept).with_content(content.into())
}

/// Yes or no, or nothing where the input ends or fails; only a clear yes is one.
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
    fn only_a_clear_yes_is_one(#[case] typed: &str, #[case] agreed: Option<bool>) {
        let mut shown = Vec::new();
        assert_eq!(ask("Sure?", &mut typed.as_bytes(), &mut shown), agreed);
        assert_eq!(String::from_utf8(shown).unwrap(), "Sure?\n[y/N] ");
    }
}
