//! Entry shape: the fields by which a client starts a server or reaches one over HTTP.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The fields of an entry that starts a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Shape {
    /// `command`, `args`, `env`.
    Plain,
    /// The same with `"type": "stdio"`.
    Typed,
    /// The same with `"type": "stdio"` and the tools that may be used.
    Copilot,
    /// `"type": "local"`, the command with its arguments as one list, and `environment`.
    OpenCode,
    /// `cmd`, `args`, `envs`, and the name once more.
    Goose,
    /// `command`, `args`, `env`, and `env_vars` for variables that are passed on.
    Codex,
    /// `command`, `args`, `env`, at the top or inside of `transport`.
    Cline,
}

/// The fields of an entry that reaches a server over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum RemoteShape {
    /// The file takes none; the text says what to do instead.
    Refused(&'static str),
    Fields {
        /// The field that holds the URL.
        url: &'static str,
        /// The value of `type`, where the client wants one.
        kind: Option<&'static str>,
    },
}

impl RemoteShape {
    /// Only a URL, in this field.
    pub(super) const fn url(url: &'static str) -> Self {
        Self::Fields { url, kind: None }
    }

    /// A `type` and the field `url`.
    pub(super) const fn typed(kind: &'static str) -> Self {
        Self::Fields {
            url: "url",
            kind: Some(kind),
        }
    }
}

/// How a server is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Launch {
    pub(in crate::cli) command: String,
    pub(in crate::cli) args: Vec<String>,
    pub(in crate::cli) env: BTreeMap<String, String>,
    /// Variables that the client passes on from its own environment. Only Codex has such a list.
    pub(in crate::cli) passed_on: Vec<String>,
}

/// An entry as it stands in a file, whatever its shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::cli) struct Entry {
    pub(in crate::cli) command: Option<String>,
    pub(in crate::cli) args: Vec<String>,
    pub(in crate::cli) env: BTreeMap<String, String>,
    pub(in crate::cli) url: Option<String>,
    /// Whether the client has it switched off.
    pub(in crate::cli) is_disabled: bool,
    /// The entry with all its fields.
    pub(in crate::cli) value: Value,
}

impl Entry {
    /// The `saki-mcp` that the entry starts, directly or inside of WSL.
    pub(in crate::cli) fn binary(&self) -> Option<&str> {
        let command = self.command.as_deref()?;
        if is_saki_mcp(command) {
            return Some(command);
        }
        let starts_wsl = matches!(file_name(command), "wsl" | "wsl.exe");
        let inner = self.args.iter().find(|arg| is_saki_mcp(arg))?;
        starts_wsl.then_some(inner)
    }

    /// The arguments that reach `saki-mcp`.
    pub(in crate::cli) fn server_args(&self) -> &[String] {
        match self.command.as_deref() {
            Some(command) if is_saki_mcp(command) => &self.args,
            _ => {
                let binary = self.args.iter().position(|arg| is_saki_mcp(arg));
                binary.map_or(&[], |at| &self.args[at + 1..])
            }
        }
    }
}

/// Whether a command is a `saki-mcp`, wherever it lies.
pub(in crate::cli) fn is_saki_mcp(command: &str) -> bool {
    let name = file_name(command).to_ascii_lowercase();
    matches!(name.as_str(), "saki-mcp" | "saki-mcp.exe")
}

/// The last part of a path of any system.
fn file_name(path: &str) -> &str {
    path.trim().rsplit(['/', '\\']).next().unwrap_or_default()
}

impl Shape {
    /// The entry that starts a server.
    pub(in crate::cli) fn launch(self, name: &str, launch: &Launch) -> Value {
        let Launch {
            command, args, env, ..
        } = launch;
        let mut entry = match self {
            Self::Plain | Self::Cline | Self::Codex => json!({"command": command, "args": args}),
            Self::Typed => json!({"type": "stdio", "command": command, "args": args}),
            Self::Copilot => {
                json!({"type": "stdio", "command": command, "args": args, "tools": ["*"]})
            }
            Self::OpenCode => {
                let line: Vec<&String> = [command].into_iter().chain(args).collect();
                json!({"type": "local", "command": line, "enabled": true})
            }
            Self::Goose => json!({
                "type": "stdio", "name": name, "enabled": true, "cmd": command, "args": args,
                "envs": env, "env_keys": [], "timeout": 300,
            }),
        };
        if let (Some(entry), false) = (entry.as_object_mut(), env.is_empty()) {
            entry.insert(self.env_field().to_owned(), json!(env));
        }
        if let (Some(entry), false) = (entry.as_object_mut(), launch.passed_on.is_empty()) {
            entry.insert("env_vars".to_owned(), json!(launch.passed_on));
        }
        entry
    }

    /// The entry that reaches a server over HTTP, or what to do instead.
    pub(in crate::cli) fn remote(
        self,
        remote: RemoteShape,
        name: &str,
        address: &str,
    ) -> Result<Value, &'static str> {
        let (field, kind) = match remote {
            RemoteShape::Refused(instead) => return Err(instead),
            RemoteShape::Fields { url, kind } => (url, kind),
        };
        let mut entry = Map::new();
        if let Some(kind) = kind {
            entry.insert("type".to_owned(), kind.into());
        }
        if self == Self::Goose {
            entry.insert("name".to_owned(), name.into());
            entry.insert("enabled".to_owned(), true.into());
        }
        entry.insert(field.to_owned(), address.into());
        match self {
            Self::Goose => {
                entry.insert("timeout".to_owned(), 300.into());
            }
            Self::OpenCode => {
                entry.insert("enabled".to_owned(), true.into());
            }
            Self::Copilot => {
                entry.insert("tools".to_owned(), json!(["*"]));
            }
            _ => {}
        }
        Ok(entry.into())
    }

    /// The field that holds variables.
    pub(in crate::cli) fn env_field(self) -> &'static str {
        match self {
            Self::OpenCode => "environment",
            Self::Goose => "envs",
            _ => "env",
        }
    }

    /// The fields that say how the server is reached. Others, such as time limits, belong to the user.
    pub(in crate::cli) fn is_own_field(field: &str) -> bool {
        matches!(
            field,
            "type"
                | "command"
                | "cmd"
                | "args"
                | "env"
                | "envs"
                | "environment"
                | "env_vars"
                | "url"
                | "uri"
                | "serverUrl"
                | "httpUrl"
                | "name"
                | "transport"
        )
    }

    /// Reads an entry. Fields of another kind than expected count as missing.
    pub(in crate::cli) fn read(self, value: &Value) -> Entry {
        let outer = value;
        let inner = value.get("transport").filter(|inner| inner.is_object());
        let value = inner.unwrap_or(value);
        let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        let list = |value: Option<&Value>| -> Vec<String> {
            let items = value.and_then(Value::as_array).into_iter().flatten();
            items
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        };
        let mut args = list(value.get("args"));
        let command = match value.get("command").or(value.get("cmd")) {
            Some(Value::String(command)) => Some(command.clone()),
            Some(line @ Value::Array(_)) => {
                let mut line = list(Some(line)).into_iter();
                let command = line.next();
                args.splice(0..0, line);
                command
            }
            // An old form of Zed.
            Some(Value::Object(object)) => {
                args = list(object.get("args"));
                object
                    .get("path")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            }
            _ => None,
        };
        let env = ["env", "envs", "environment"]
            .iter()
            .find_map(|field| value.get(*field)?.as_object());
        let env = env.into_iter().flatten().map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        });
        let flag = |field: &str| outer.get(field).and_then(Value::as_bool);
        Entry {
            command,
            args,
            env: env.collect(),
            url: ["url", "uri", "serverUrl", "httpUrl"]
                .iter()
                .find_map(|field| text(field)),
            is_disabled: flag("disabled") == Some(true) || flag("enabled") == Some(false),
            value: outer.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/usr/local/bin/saki-mcp", true)]
    #[case(r"C:\Program Files\saki\saki-mcp.exe", true)]
    #[case("saki-mcp", true)]
    #[case("/usr/bin/other-saki-mcp", false)]
    #[case("npx", false)]
    #[case("", false)]
    fn a_command_is_known_by_its_file_name(#[case] command: &str, #[case] is_ours: bool) {
        assert_eq!(is_saki_mcp(command), is_ours);
    }

    #[rstest]
    fn an_entry_is_read_back_as_it_was_written(
        #[values(
            Shape::Plain,
            Shape::Typed,
            Shape::Copilot,
            Shape::OpenCode,
            Shape::Goose,
            Shape::Codex,
            Shape::Cline
        )]
        shape: Shape,
        #[values(true, false)] has_env: bool,
    ) {
        let variable = ("SAKI_MODE".to_owned(), "read-only".to_owned());
        let launch = Launch {
            command: "/opt/saki-mcp".to_owned(),
            args: vec!["--space".to_owned(), "3".to_owned()],
            env: has_env.then_some(variable).into_iter().collect(),
            passed_on: Vec::new(),
        };
        let entry = shape.read(&shape.launch("saki", &launch));
        assert_eq!(entry.binary(), Some("/opt/saki-mcp"));
        assert_eq!((entry.args, entry.env), (launch.args, launch.env));
    }

    #[test]
    fn a_binary_inside_of_wsl_is_found_with_its_arguments() {
        let entry = Shape::Plain.read(&json!({
            "command": "wsl.exe", "args": ["--exec", "/opt/saki-mcp", "--mode", "read-only"],
        }));
        assert_eq!(entry.binary(), Some("/opt/saki-mcp"));
        assert_eq!(entry.server_args(), ["--mode", "read-only"]);
    }
}
