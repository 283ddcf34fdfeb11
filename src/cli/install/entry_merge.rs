//! Entry merge: whether an entry that stands under our name is ours, and what of it stays when it is written anew.

use std::collections::BTreeMap;

use clap::Command;
use serde_json::{Map, Value};
use url::{Host, Url};

use super::server_flags::{self, FlagWords};
use crate::cli::clients::{Entry, Launch, McpClient, Shape};
use crate::cli::environment_checks::KEY_VARIABLE;
use crate::saki::Key;

/// Variables that entries of ours have beside those that start with `SAKI_`.
const KNOWN_VARIABLES: [&str; 16] = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "RUST_LOG",
    "NO_COLOR",
    "WSLENV",
    "USERPROFILE",
];

/// Why an entry is not ours, or `None` if it is.
pub(super) fn stranger(entry: &Entry, wanted_url: Option<&Url>) -> Option<String> {
    if let (Some(_), Some(_)) = (&entry.command, &entry.url) {
        return Some("it has both a command and a URL".to_owned());
    }
    if let Some(url) = &entry.url {
        let parsed = Url::parse(url).ok();
        let is_wanted = wanted_url.is_some_and(|wanted| parsed.as_ref() == Some(wanted));
        let is_local = parsed.is_some_and(|url| {
            let is_loopback = match url.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            is_loopback && url.path() == "/mcp"
        });
        let is_ours = is_wanted || is_local;
        return (!is_ours).then(|| "it leads to another server".to_owned());
    }
    if entry.binary().is_none() {
        return Some(match &entry.command {
            Some(command) => format!("it starts {command:?}, which is no saki-mcp"),
            None => "it has no command that starts saki-mcp".to_owned(),
        });
    }
    let is_known = |name: &String| {
        let upper = name.to_ascii_uppercase();
        upper.starts_with("SAKI_")
            || upper.starts_with("XDG_")
            || KNOWN_VARIABLES.contains(&upper.as_str())
    };
    let unknown = entry.env.keys().find(|name| !is_known(name));
    unknown.map(|name| format!("it sets {name}, which saki-mcp does not know"))
}

/// The settings of an entry: its arguments and its variables, without the key.
pub(super) fn settings_of(entry: Option<&Entry>) -> Vec<String> {
    let settings = |entry: &Entry| {
        let args = entry.server_args().iter().cloned();
        args.chain(variables_of(&entry.env)).collect()
    };
    entry.map_or_else(Vec::new, settings)
}

/// The variables that are settings of the server.
fn variables_of(env: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    let is_setting = |name: &str| name != KEY_VARIABLE && name.starts_with("SAKI_");
    env.iter()
        .filter(move |(name, _)| is_setting(name))
        .map(|(name, value)| format!("{name}={value}"))
}

/// A new entry, and what to tell about the one that stood there.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) value: Value,
    pub(super) told: Vec<String>,
    /// The arguments that reach the server.
    pub(super) server_args: Vec<String>,
}

/// The standing entry with the new command, the given settings and all else that it had.
pub(super) fn merge(
    client: &McpClient,
    name: &str,
    standing: Option<&Entry>,
    mut launch: Launch,
    given: &[FlagWords],
    command: &Command,
) -> Merged {
    let standing = standing.filter(|entry| entry.url.is_none());
    let standing_args = standing.map(Entry::server_args).unwrap_or_default();
    let (settings, kept) = server_flags::merged(server_flags::parse(command, standing_args), given);
    let server_args = server_flags::words(&settings);
    launch.args.extend(server_args.iter().cloned());
    let mut told = Vec::new();
    let mut env: BTreeMap<String, String> =
        standing.map(|entry| entry.env.clone()).unwrap_or_default();
    if let Some(key) = env.get(KEY_VARIABLE) {
        let is_reference = client.is_reference(key);
        if !is_reference && Key::new(key).is_err() {
            env.remove(KEY_VARIABLE);
            told.push("The placeholder in SAKI_API_KEY was taken out: it is no key.".to_owned());
        } else if !is_reference {
            told.push(format!(
                "A key stands in SAKI_API_KEY and stays. Safer: `saki-mcp auth set --from-client {}` stores it for all clients; then delete SAKI_API_KEY from the entry.",
                client.name
            ));
        }
    }
    if let Some(old) = standing
        .and_then(Entry::binary)
        .filter(|old| !launch_names(&launch, old))
    {
        told.push(format!("The path of the binary was {old} and is mended."));
    }
    let kept_words = server_flags::words(&kept);
    let kept: Vec<String> = kept_words.into_iter().chain(variables_of(&env)).collect();
    if !kept.is_empty() {
        told.push(format!(
            "Kept from the entry that stood there: {}. To drop it, run `saki-mcp install --remove --client {}` first.",
            super::masked_text::masked_words(&kept),
            client.name
        ));
    }
    if standing.is_some_and(|entry| entry.is_disabled) {
        told.push("The entry is switched off in the client, and stays so.".to_owned());
    }
    env.extend(std::mem::take(&mut launch.env));
    launch.env = env;
    let fresh = client.shape.launch(name, &launch);
    let value = match standing {
        Some(entry) => onto(&entry.value, fresh, client.shape),
        None => fresh,
    };
    Merged {
        value,
        told,
        server_args,
    }
}

fn launch_names(launch: &Launch, binary: &str) -> bool {
    launch.command == binary || launch.args.iter().any(|arg| arg == binary)
}

/// The fields of `fresh` in place of those of the same meaning; the user's other fields stay.
fn onto(standing: &Value, fresh: Value, shape: Shape) -> Value {
    let (Some(standing_fields), Value::Object(fresh)) = (standing.as_object(), fresh) else {
        return standing.clone();
    };
    // Cline's own command writes the fields into an inner object.
    if let Some(inner) = standing_fields
        .get("transport")
        .filter(|inner| inner.is_object())
    {
        let mut fields = standing_fields.clone();
        fields.insert("transport".to_owned(), onto(inner, fresh.into(), shape));
        return fields.into();
    }
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in standing_fields {
        let is_empty_env =
            name == shape.env_field() && value.as_object().is_some_and(Map::is_empty);
        let stays = !Shape::is_own_field(name)
            || matches!(name.as_str(), "type" | "name" | "env_vars")
            || fresh.contains_key(name)
            || is_empty_env;
        if stays {
            fields.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in fresh {
        match fields.get_mut(&name) {
            Some(Value::Array(passed_on)) if name == "env_vars" => {
                let new = value.as_array().cloned().unwrap_or_default();
                let missing: Vec<Value> = new
                    .into_iter()
                    .filter(|item| !passed_on.contains(item))
                    .collect();
                passed_on.extend(missing);
            }
            Some(field) if Shape::is_own_field(&name) => *field = value,
            Some(_) => {}
            None => {
                fields.insert(name, value);
            }
        }
    }
    fields.into()
}
