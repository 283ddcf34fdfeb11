//! `saki-mcp demo`: a real MCP client uses the real server on the sandbox, and prints a short transcript.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use serde_json::{Value, json};

use super::build_server::{ClientLocation, Server};
use super::call_tool;
use super::global_flags::GlobalFlags;
use super::{console_output, in_process_client};
use crate::write::quote_text::truncate;

/// A PNG in base64: a red square of four by four pixels.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGO4I6IGRwzEcQCecwzB3AbsJAAAAABJRU5ErkJggg==";
/// The time zone of the shop in the sandbox.
const TIMEZONE: &str = "Europe/Berlin";
const POST_TEXT: &str =
    "New on the counter: cardamom buns, still warm at nine. First ten come with a coffee.";

pub(super) async fn run(flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
    let mut flags = flags.in_sandbox();
    flags.timezone = flags.timezone.or(Some(TimeZone::get(TIMEZONE)?));
    let server = Server::build(&flags, ClientLocation::LocalUser).await?;
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
        "\nAn assistant uses the same server. Next, in your own client and still simulated: saki-mcp install --sandbox\nIn a clone of the repository, install the server first: cargo install --locked --path .",
    )?;
    Ok(ExitCode::SUCCESS)
}

struct Demo {
    client: RunningService<RoleClient, ()>,
}

impl Demo {
    async fn list_accounts(&self) -> anyhow::Result<()> {
        let intent = "\nWhich spaces are there?";
        self.ask(intent, "list_spaces", json!({}), |answer| {
            join(&answer["data"], |space| {
                let (name, timezone) = (text(space, "name"), text(space, "timezone"));
                format!("{} {name} ({timezone})", space["id"])
            })
        })
        .await?;
        let intent = "Who posts for Acme Coffee?";
        let arguments = json!({"space_id": "Acme Coffee"});
        self.ask(intent, "list_accounts", arguments, |answer| {
            join(&answer["data"], |account| {
                let (handle, network) = (text(account, "handler"), text(account, "social"));
                let is_inactive = account["is_active"] == json!(false);
                let inactive = if is_inactive { ", not active" } else { "" };
                format!("@{handle} ({network}{inactive})")
            })
        })
        .await?;
        Ok(())
    }

    async fn create_posts(&self) -> anyhow::Result<()> {
        let intent = "\nUpload a picture for a post.";
        let arguments = json!({"filename": "buns.png", "data": PICTURE});
        let picture = self.ask(intent, "upload_media", arguments, |picture| {
            let (id, mime, size) = (&picture["id"], text(picture, "mime"), &picture["size"]);
            format!("picture {id} ({mime}, {size} bytes)")
        });
        let picture = picture.await?;

        let intent = "Create a draft for Pinterest with it.";
        let draft = json!({"space_id": "Acme Coffee", "account_ids": ["@acmebrews"], "publish": "draft",
            "content": POST_TEXT, "media": [{"media_id": picture["id"]}], "metadata": {"board_id": "brew-guides"}});
        self.ask(intent, "create_post", draft, |created| {
            let posts = join(&created["post_ids"], Value::to_string);
            format!("{}: post {posts}, not public", text(created, "mode"))
        })
        .await?;

        let intent = "Schedule it for tomorrow at eight in Berlin on X, Instagram and LinkedIn.";
        let now = ZonedDateTime::now().with_time_zone(TimeZone::get(TIMEZONE)?);
        let tomorrow = now.date().checked_add(1.day())?;
        let scheduled = json!({"space_id": "Acme Coffee", "account_ids": ["@acmecoffee", "@acme.coffee", "@acme-coffee"],
            "scheduled_at": format!("{tomorrow}T08:00"), "timezone": TIMEZONE,
            "content": POST_TEXT, "media": [{"media_id": picture["id"]}]});
        self.ask(intent, "create_post", scheduled, |created| {
            let [local, wait, utc] = ["local", "in", "scheduled_at"].map(|key| text(created, key));
            let posts = join(&created["post_ids"], Value::to_string);
            let accounts = join(&created["accounts"], |account| {
                format!("{} on {}", text(account, "name"), text(account, "network"))
            });
            format!("{local}, in {wait} ({utc})\nposts {posts}: {accounts}")
        })
        .await?;

        let intent = "\nWhat is published next?";
        let arguments = json!({"space_id": "Acme Coffee"});
        self.ask(intent, "get_queue", arguments, |queue| {
            let posts = queue["data"].as_array().into_iter().flatten().take(3);
            let lines = posts.map(|post| {
                let (local, account) = (text(post, "local"), text(post, "account"));
                let beginning: String = text(post, "content").chars().take(48).collect();
                format!("{local}  {account:36} {beginning}…")
            });
            lines.collect::<Vec<_>>().join("\n")
        })
        .await?;
        Ok(())
    }

    async fn create_webhook(&self) -> anyhow::Result<()> {
        let webhook = |event: &str| json!({"space_id": "Acme Coffee", "url": "https://example.com/saki", "events": [event]});
        let intent = "\nNotify our website when a post is published. (The event name is wrong.)";
        let wrong = webhook("post.sent");
        let refused = self.call(intent, "create_webhook", wrong).await?;
        print_answer(&call_tool::text(&refused.content))?;
        let intent = "The same with the right event name.";
        let right = webhook("post.published");
        self.ask(intent, "create_webhook", right, |created| {
            format!("webhook {} calls {}", created["id"], text(created, "url"))
        })
        .await?;
        Ok(())
    }

    /// Calls a tool that must succeed, and prints a summary of its answer.
    async fn ask(
        &self,
        intent: &str,
        tool: &str,
        arguments: Value,
        summary: impl FnOnce(&Value) -> String,
    ) -> anyhow::Result<Value> {
        let result = self.call(intent, tool, arguments).await?;
        let answer = result
            .structured_content
            .filter(|_| result.is_error != Some(true))
            .ok_or_else(|| anyhow!("{tool} failed: {:?}", result.content))?;
        print_answer(&summary(&answer))?;
        Ok(answer)
    }

    async fn call(
        &self,
        intent: &str,
        tool: &str,
        arguments: Value,
    ) -> anyhow::Result<CallToolResult> {
        let json = arguments.to_string();
        let json = truncate(&json, 150);
        console_output::print_result(&format!("{intent}\n> {tool} {json}"))?;
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        Ok(self.client.call_tool(request).await?)
    }
}

fn print_answer(text: &str) -> anyhow::Result<()> {
    text.lines()
        .try_for_each(|line| console_output::print_result(&format!("  {line}")))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("?")
}

fn join(items: &Value, show: impl Fn(&Value) -> String) -> String {
    let items = items.as_array().into_iter().flatten();
    items.map(show).collect::<Vec<_>>().join(", ")
}
