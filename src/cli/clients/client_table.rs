//! The table of MCP clients: one entry each, from the vendors' documentation and from trying the published packages.

use super::configuration_files as files;
use super::{ClientEnvironment, FileFormat, McpClient, OverwritesWhileRunning, RemoteShape, Shape};

/// What most clients have in common.
const MOST: McpClient = McpClient {
    name: "",
    title: "",
    aliases: &[],
    format: FileFormat::Json,
    servers: &["mcpServers"],
    folder_servers: None,
    other_servers: None,
    shape: Shape::Plain,
    remote: RemoteShape::url("url"),
    environment: ClientEnvironment::SdkDefault,
    references: &[],
    user_files: files::none,
    project_file: None,
    project_approval: "",
    after_change: "Restart it.",
    overwrites_while_running: None,
    note: None,
};

/// What the builds of VS Code have in common.
const VSCODE: McpClient = McpClient {
    format: FileFormat::Jsonc,
    servers: &["servers"],
    shape: Shape::Typed,
    remote: RemoteShape::typed("http"),
    environment: ClientEnvironment::Whole,
    references: &["${input:", "${env:", "${workspaceFolder", "${userHome}"],
    project_file: Some(".vscode/mcp.json"),
    project_approval: "VS Code asks whether you trust it.",
    after_change: "Open the chat in agent mode and confirm that you trust the server.",
    note: Some(
        "Each profile of VS Code has its own file; this one belongs to the default profile.",
    ),
    ..MOST
};

/// All clients, in the order in which they are listed.
pub(in crate::cli) static CLIENTS: [McpClient; 20] = [
    McpClient {
        name: "claude-desktop",
        title: "Claude Desktop",
        aliases: &[],
        format: FileFormat::StrictJson,
        remote: RemoteShape::Refused(
            "Its file takes no remote servers. Leave out --http, and it starts the server itself; a server with a public address is added under Settings > Connectors.",
        ),
        user_files: files::claude_desktop,
        after_change: "Quit Claude Desktop completely, also in the tray or the menu bar, and start it again.",
        overwrites_while_running: Some(OverwritesWhileRunning {
            processes: &["claude-desktop", "Claude", "Claude.exe"],
            how_to_quit: "Closing its window is not enough: use Quit in the tray or the menu bar",
        }),
        note: Some(
            "Some versions drop entries made by hand. `saki-mcp doctor --client claude-desktop` tells whether it is still there.",
        ),
        ..MOST
    },
    McpClient {
        name: "claude-code",
        title: "Claude Code",
        aliases: &["claude-cli"],
        format: FileFormat::StrictJson,
        folder_servers: Some(("projects", "mcpServers")),
        shape: Shape::Typed,
        remote: RemoteShape::typed("http"),
        environment: ClientEnvironment::Whole,
        references: &["${"],
        user_files: files::claude_code,
        project_file: Some(".mcp.json"),
        project_approval: "Claude Code asks everybody to approve it in this folder.",
        after_change: "Start a new session. `claude mcp list` shows the server.",
        note: Some(
            "A session that was running may write its own state over the file: if the list does not show the server, end all sessions and install again.",
        ),
        ..MOST
    },
    McpClient {
        name: "cursor",
        title: "Cursor",
        shape: Shape::Typed,
        references: &["${env:", "${userHome}", "${workspaceFolder", "${/}"],
        user_files: files::cursor,
        project_file: Some(".cursor/mcp.json"),
        project_approval: "Cursor asks before it uses it.",
        after_change: "Open Cursor's settings, page MCP, and switch the server on.",
        ..MOST
    },
    McpClient {
        name: "vscode",
        title: "VS Code",
        aliases: &["vs-code", "code"],
        user_files: files::vscode,
        ..VSCODE
    },
    McpClient {
        name: "vscode-insiders",
        title: "VS Code Insiders",
        aliases: &["code-insiders"],
        user_files: files::vscode_insiders,
        ..VSCODE
    },
    McpClient {
        name: "devin",
        title: "Devin Desktop",
        aliases: &["windsurf", "devin-desktop"],
        user_files: files::devin,
        project_file: Some(".devin/mcp_config.json"),
        project_approval: "",
        after_change: "Refresh the servers in its MCP panel.",
        ..MOST
    },
    McpClient {
        name: "zed",
        title: "Zed",
        format: FileFormat::Jsonc,
        servers: &["context_servers"],
        user_files: files::zed,
        project_file: Some(".zed/settings.json"),
        project_approval: "Zed asks whether you trust the project.",
        after_change: "Zed notices the change. The dot under Settings > AI > MCP Servers turns green.",
        ..MOST
    },
    McpClient {
        name: "codex",
        title: "Codex",
        format: FileFormat::Toml,
        servers: &["mcp_servers"],
        shape: Shape::Codex,
        environment: ClientEnvironment::Codex,
        user_files: files::codex,
        project_file: Some(".codex/config.toml"),
        project_approval: "Codex reads it only in a project that you trust.",
        after_change: "Restart Codex. Its command line, its app and its extensions share this file.",
        ..MOST
    },
    McpClient {
        name: "gemini",
        title: "Gemini CLI",
        aliases: &["gemini-cli"],
        format: FileFormat::Jsonc,
        remote: RemoteShape::typed("http"),
        environment: ClientEnvironment::WithoutSecrets,
        references: &["$", "%"],
        user_files: files::gemini,
        project_file: Some(".gemini/settings.json"),
        project_approval: "Gemini CLI reads it only in a folder that you trust.",
        after_change: "Start a new session. `gemini mcp list` shows the server; in a folder that you do not trust it is switched off.",
        ..MOST
    },
    McpClient {
        name: "opencode",
        title: "OpenCode",
        format: FileFormat::Jsonc,
        servers: &["mcp"],
        other_servers: Some(&["mcp", "servers"]),
        shape: Shape::OpenCode,
        remote: RemoteShape::typed("remote"),
        environment: ClientEnvironment::Whole,
        references: &["{env:", "{file:"],
        user_files: files::opencode,
        project_file: Some("opencode.jsonc"),
        project_approval: "",
        ..MOST
    },
    McpClient {
        name: "goose",
        title: "Goose",
        format: FileFormat::Yaml,
        servers: &["extensions"],
        shape: Shape::Goose,
        remote: RemoteShape::Fields {
            url: "uri",
            kind: Some("streamable_http"),
        },
        user_files: files::goose,
        after_change: "Start a new session.",
        ..MOST
    },
    McpClient {
        name: "cline",
        title: "Cline",
        shape: Shape::Cline,
        remote: RemoteShape::typed("streamableHttp"),
        references: &["${env:"],
        user_files: files::cline,
        after_change: "Cline notices the change.",
        ..MOST
    },
    McpClient {
        name: "amp",
        title: "Amp",
        format: FileFormat::Jsonc,
        servers: &["amp.mcpServers"],
        references: &["${"],
        user_files: files::amp,
        project_file: Some(".amp/settings.json"),
        project_approval: "Approve it with `amp mcp approve`.",
        ..MOST
    },
    McpClient {
        name: "lm-studio",
        title: "LM Studio",
        aliases: &["lmstudio"],
        user_files: files::lm_studio,
        after_change: "LM Studio notices the change. Switch the server on under Program > Integrations.",
        note: Some(
            "All tools together fill a small context; `--toolsets posts,accounts` offers fewer.",
        ),
        ..MOST
    },
    McpClient {
        name: "warp",
        title: "Warp",
        references: &["${"],
        user_files: files::warp,
        project_file: Some(".warp/.mcp.json"),
        project_approval: "Warp asks before it starts it.",
        after_change: "Warp notices the change.",
        note: Some(
            "Warp can also take over the servers of Claude Code and Codex: install into one of them only.",
        ),
        ..MOST
    },
    McpClient {
        name: "junie",
        title: "Junie",
        user_files: files::junie,
        project_file: Some(".junie/mcp/mcp.json"),
        ..MOST
    },
    McpClient {
        name: "copilot-cli",
        title: "Copilot CLI",
        aliases: &["github-copilot"],
        shape: Shape::Copilot,
        remote: RemoteShape::typed("http"),
        environment: ClientEnvironment::OnlyPath,
        user_files: files::copilot,
        project_file: Some(".mcp.json"),
        project_approval: "Copilot CLI asks whether you trust the folder.",
        after_change: "Start a new session.",
        ..MOST
    },
    McpClient {
        name: "kiro",
        title: "Kiro",
        user_files: files::kiro,
        project_file: Some(".kiro/settings/mcp.json"),
        after_change: "Kiro notices the change. Its MCP panel shows the server.",
        ..MOST
    },
    McpClient {
        name: "antigravity",
        title: "Antigravity",
        remote: RemoteShape::url("serverUrl"),
        user_files: files::antigravity,
        after_change: "Refresh the servers in its MCP panel.",
        ..MOST
    },
    McpClient {
        name: "jetbrains",
        title: "JetBrains AI Assistant",
        aliases: &["intellij"],
        format: FileFormat::StrictJson,
        after_change: "Paste it under Settings > Tools > AI Assistant > Model Context Protocol (MCP), button Add.",
        ..MOST
    },
];
