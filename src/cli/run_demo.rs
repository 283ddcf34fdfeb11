//! `saki-mcp demo`: a real MCP client uses the real server on the sandbox, and prints a short transcript.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use serde_json::{Value, json};

use super::call_tool;
use super::global_flags::GlobalFlags;
use super::server_setup::{Caller, Server};
use super::{console_output, in_process_client};

/// A PNG in base64: a red square of four by four pixels.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGO4I6IGRwzEcQCecwzB3AbsJAAAAABJRU5ErkJggg==";
/// The time zone of the shop in the sandbox.
const TIMEZONE: &str = "Europe/Berlin";
const POST_TEXT: &str =
    "New on the counter: cardamom buns, still warm at nine. First ten come with a coffee.";

pub(super) async fn run(flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
    let mut flags = flags.in_sandbox();
    flags.timezone = flags.timezone.or(Some(TimeZone::get(TIMEZONE)?));
    let server = Server::build(&flags, Caller::LocalUser).await?;
    let client = in_process_client::connect((), server.handler.clone()).await?;
    let server_info = client
        .peer_info()
        .and_then(|info| info.server_info.clone())
        .context("the server did not send its name")?;
    let tools = client.list_all_tools().await?.len();
    console_output::print_result(&format!(
        "An MCP client is connected to {} {} with {tools} tools, on a simulated Saki in memory.\nNothing leaves this machine. Each > is a call of the client; the answer is below it.",
        server_info.name, server_info.version
    ))?;
    let demo = Demo { client };
    demo.list_accounts().await?;
    demo.create_posts().await?;
    demo.create_webhook().await?;
    console_output::print_result(
        "\nAn assistant uses the same server. To install it: cargo install --path .\nThen saki-mcp --sandbox tools lists its tools, and saki-mcp --help shows how to connect Claude, Cursor or VS Code.",
    )?;
    Ok(ExitCode::SUCCESS)
}

struct Demo {
    client: RunningService<RoleClient, ()>,
}

impl Demo {
    async fn list_accounts(&self) -> anyhow::Result<()> {
        let spaces = self
            .ask("\nWhich spaces are there?", "list_spaces", json!({}))
            .await?;
        let spaces = rows(&spaces).iter().map(|space| {
            format!(
                "{} {} ({})",
                space["id"],
                text(space, "name"),
                text(space, "timezone")
            )
        });
        print_answer(&spaces.collect::<Vec<_>>().join(", "))?;
        let accounts = self
            .ask(
                "Who posts for Acme Coffee?",
                "list_accounts",
                json!({"space_id": "Acme Coffee"}),
            )
            .await?;
        let accounts: Vec<String> = rows(&accounts)
            .iter()
            .map(|account| {
                let inactive = if account["is_active"] == json!(false) {
                    ", not active"
                } else {
                    ""
                };
                format!(
                    "@{} ({}{inactive})",
                    text(account, "handler"),
                    text(account, "social")
                )
            })
            .collect();
        print_answer(&accounts.join(", "))
    }

    async fn create_posts(&self) -> anyhow::Result<()> {
        let picture = self
            .ask(
                "\nUpload a picture for a post.",
                "upload_media",
                json!({"filename": "buns.png", "data": PICTURE}),
            )
            .await?;
        print_answer(&format!(
            "picture {} ({}, {} bytes)",
            picture["id"],
            text(&picture, "mime"),
            picture["size"]
        ))?;

        let draft = json!({"space_id": "Acme Coffee", "account_ids": ["@acmebrews"], "publish": "draft",
            "content": POST_TEXT, "media": [{"media_id": picture["id"]}], "metadata": {"board_id": "brew-guides"}});
        let draft = self
            .ask(
                "Create a draft for Pinterest with it.",
                "create_post",
                draft,
            )
            .await?;
        print_answer(&format!(
            "{}: post {}, not public",
            text(&draft, "mode"),
            join(&draft["post_ids"])
        ))?;

        let tomorrow = ZonedDateTime::now()
            .with_time_zone(TimeZone::get(TIMEZONE)?)
            .date()
            .checked_add(1.day())?;
        let schedule = json!({"space_id": "Acme Coffee", "account_ids": ["@acmecoffee", "@acme.coffee", "@acme-coffee"],
            "scheduled_at": format!("{tomorrow}T09:00"), "timezone": TIMEZONE,
            "content": POST_TEXT, "media": [{"media_id": picture["id"]}]});
        let created = self
            .ask(
                "Schedule it for tomorrow at nine in Berlin on X, Instagram and LinkedIn.",
                "create_post",
                schedule,
            )
            .await?;
        print_answer(&format!(
            "{}, in {} ({})",
            text(&created, "local"),
            text(&created, "in"),
            text(&created, "scheduled_at")
        ))?;
        let accounts: Vec<String> = created["accounts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|account| format!("{} on {}", text(account, "name"), text(account, "network")))
            .collect();
        print_answer(&format!(
            "posts {}: {}",
            join(&created["post_ids"]),
            accounts.join(", ")
        ))?;

        let queue = self
            .ask(
                "\nWhat is published next?",
                "get_queue",
                json!({"space_id": "Acme Coffee"}),
            )
            .await?;
        for post in rows(&queue).iter().take(3) {
            let beginning: String = text(post, "content").chars().take(48).collect();
            print_answer(&format!(
                "{}  @{:16} {beginning}…",
                text(post, "local"),
                text(&post["account"], "handler")
            ))?;
        }
        Ok(())
    }

    async fn create_webhook(&self) -> anyhow::Result<()> {
        let webhook = |event: &str| json!({"space_id": "Acme Coffee", "url": "https://example.com/saki", "events": [event]});
        let refused = self
            .call(
                "\nNotify our website when a post is published. (The event name is wrong.)",
                "create_webhook",
                webhook("post.sent"),
            )
            .await?;
        for line in call_tool::text(&refused.content).lines() {
            print_answer(line)?;
        }
        let created = self
            .ask(
                "The same with the right event name.",
                "create_webhook",
                webhook("post.published"),
            )
            .await?;
        print_answer(&format!(
            "webhook {} calls {}",
            created["id"],
            text(&created, "url")
        ))
    }

    /// Calls a tool that must succeed.
    async fn ask(&self, intent: &str, tool: &str, arguments: Value) -> anyhow::Result<Value> {
        let result = self.call(intent, tool, arguments).await?;
        result
            .structured_content
            .filter(|_| result.is_error != Some(true))
            .ok_or_else(|| anyhow!("{tool} failed: {:?}", result.content))
    }

    async fn call(
        &self,
        intent: &str,
        tool: &str,
        arguments: Value,
    ) -> anyhow::Result<CallToolResult> {
        let mut json = arguments.to_string();
        if let Some((end, _)) = json.char_indices().nth(150) {
            json.truncate(end);
            json.push('…');
        }
        console_output::print_result(&format!("{intent}\n> {tool} {json}"))?;
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        Ok(self
            .client
            .call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments))
            .await?)
    }
}

fn print_answer(line: &str) -> anyhow::Result<()> {
    console_output::print_result(&format!("  {line}"))
}

fn rows(list: &Value) -> &[Value] {
    list["data"].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("?")
}

fn join(ids: &Value) -> String {
    ids.as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
