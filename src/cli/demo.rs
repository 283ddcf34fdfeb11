//! `saki-mcp demo`: a real MCP client asks the real server about an invented Saki, and a person can read along.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use serde_json::{Value, json};

use super::options::Options;
use super::serve::{Caller, Server};
use super::{in_process, output};
use crate::write::quote::truncate;

/// A red square of four by four pixels, the smallest picture that looks like one.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGO4I6IGRwzEcQCecwzB3AbsJAAAAABJRU5ErkJggg==";
/// Where the invented shop is.
const HOME: &str = "Europe/Berlin";
const TEXT: &str =
    "New on the counter: cardamom buns, still warm at nine. First ten come with a coffee.";

pub(super) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut options = options.in_sandbox();
    options.timezone = options.timezone.or(Some(TimeZone::get(HOME)?));
    let server = Server::build(&options, Caller::Here).await?;
    let client = in_process::connect(server.handler.clone()).await?;
    let about = client
        .peer_info()
        .and_then(|info| info.server_info.clone())
        .context("the server did not say who it is")?;
    let tools = client.list_all_tools().await?.len();
    output::print(&format!(
        "An MCP client is connected to {} {} with {tools} tools, over an invented Saki in memory.\nNothing leaves this machine. What it asks stands behind >, what it learns below.",
        about.name, about.version
    ))?;
    let demo = Demo { client };
    demo.look_around().await?;
    demo.write().await?;
    demo.meet_a_refusal().await?;
    output::print(
        "\nThat was the server an assistant talks to. Once it is installed (cargo install --path .),\nsaki-mcp --sandbox tools shows what it can do, and saki-mcp --help how to connect Claude, Cursor or VS Code.",
    )?;
    Ok(ExitCode::SUCCESS)
}

struct Demo {
    client: RunningService<RoleClient, ()>,
}

impl Demo {
    async fn look_around(&self) -> anyhow::Result<()> {
        let spaces = self
            .ask("\nWhich spaces are there?", "list_spaces", json!({}))
            .await?;
        let named = rows(&spaces).iter().map(|space| {
            format!(
                "{} {} ({})",
                space["id"],
                text(space, "name"),
                text(space, "timezone")
            )
        });
        tell(&named.collect::<Vec<_>>().join(", "))?;
        let accounts = self
            .ask(
                "Who posts for Acme Coffee?",
                "list_accounts",
                json!({"space_id": "Acme Coffee"}),
            )
            .await?;
        let named: Vec<String> = rows(&accounts)
            .iter()
            .map(|account| {
                let sleeping = if account["is_active"] == json!(false) {
                    ", not active"
                } else {
                    ""
                };
                format!(
                    "@{} ({}{sleeping})",
                    text(account, "handler"),
                    text(account, "social")
                )
            })
            .collect();
        tell(&named.join(", "))
    }

    async fn write(&self) -> anyhow::Result<()> {
        let picture = self
            .ask(
                "\nHere is a picture for a post.",
                "upload_media",
                json!({"filename": "buns.png", "data": PICTURE}),
            )
            .await?;
        tell(&format!(
            "picture {} ({}, {} bytes)",
            picture["id"],
            text(&picture, "mime"),
            picture["size"]
        ))?;

        let draft = json!({"space_id": "Acme Coffee", "account_ids": ["@acmebrews"], "publish": "draft",
            "content": TEXT, "media": [{"media_id": picture["id"]}], "metadata": {"board_id": "brew-guides"}});
        let draft = self
            .ask("Put it on Pinterest as a draft.", "create_post", draft)
            .await?;
        tell(&format!(
            "{}: post {}, for nobody to see yet",
            text(&draft, "mode"),
            list(&draft["post_ids"])
        ))?;

        let nine = ZonedDateTime::now()
            .with_time_zone(TimeZone::get(HOME)?)
            .date()
            .checked_add(1.day())?;
        let schedule = json!({"space_id": "Acme Coffee", "account_ids": ["@acmecoffee", "@acme.coffee", "@acme-coffee"],
            "scheduled_at": format!("{nine}T09:00"), "timezone": HOME,
            "content": TEXT, "media": [{"media_id": picture["id"]}]});
        let made = self
            .ask(
                "And tomorrow at nine in Berlin on X, Instagram and LinkedIn.",
                "create_post",
                schedule,
            )
            .await?;
        tell(&format!(
            "{}, in {} ({})",
            text(&made, "local"),
            text(&made, "in"),
            text(&made, "scheduled_at")
        ))?;
        let accounts: Vec<String> = made["accounts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|account| format!("{} on {}", text(account, "name"), text(account, "network")))
            .collect();
        tell(&format!(
            "posts {}: {}",
            list(&made["post_ids"]),
            accounts.join(", ")
        ))?;

        let queue = self
            .ask(
                "\nWhat goes out next?",
                "get_queue",
                json!({"space_id": "Acme Coffee"}),
            )
            .await?;
        for post in rows(&queue).iter().take(3) {
            tell(&format!(
                "{}  @{:16} {}",
                text(post, "local"),
                text(&post["account"], "handler"),
                truncate(text(post, "content"), 48)
            ))?;
        }
        Ok(())
    }

    async fn meet_a_refusal(&self) -> anyhow::Result<()> {
        let webhook = |event: &str| json!({"space_id": "Acme Coffee", "url": "https://example.com/saki", "events": [event]});
        let refused = self
            .call(
                "\nTell our website when a post goes out.",
                "create_webhook",
                webhook("post.sent"),
            )
            .await?;
        let said = refused
            .content
            .iter()
            .filter_map(|block| block.as_text())
            .map(|block| block.text.as_str())
            .collect::<String>();
        for line in said.lines() {
            tell(line)?;
        }
        let made = self
            .ask(
                "Then with the right word.",
                "create_webhook",
                webhook("post.published"),
            )
            .await?;
        tell(&format!(
            "webhook {} calls {}",
            made["id"],
            text(&made, "url")
        ))
    }

    async fn ask(&self, why: &str, tool: &str, arguments: Value) -> anyhow::Result<Value> {
        let result = self.call(why, tool, arguments).await?;
        result
            .structured_content
            .filter(|_| result.is_error != Some(true))
            .ok_or_else(|| anyhow!("{tool} failed: {:?}", result.content))
    }

    async fn call(
        &self,
        why: &str,
        tool: &str,
        arguments: Value,
    ) -> anyhow::Result<CallToolResult> {
        let shown = arguments.to_string();
        output::print(&format!("{why}\n> {tool} {}", truncate(&shown, 150)))?;
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        Ok(self
            .client
            .call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments))
            .await?)
    }
}

fn tell(line: &str) -> anyhow::Result<()> {
    output::print(&format!("  {line}"))
}

fn rows(list: &Value) -> &[Value] {
    list["data"].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("?")
}

fn list(ids: &Value) -> String {
    ids.as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
