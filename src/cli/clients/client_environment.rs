//! Client environment: which variables of its own environment a client passes on to a server.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::System;

/// The variables of a proxy, which a server behind a company's network needs.
pub(in crate::cli) const PROXY_VARIABLES: [&str; 8] = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "all_proxy",
    "no_proxy",
];

/// What the MCP SDK for TypeScript passes on unless told otherwise.
const SDK_DEFAULT: [&str; 6] = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];
const SDK_DEFAULT_ON_WINDOWS: [&str; 12] = [
    "APPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATH",
    "PROCESSOR_ARCHITECTURE",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "USERNAME",
    "USERPROFILE",
    "PROGRAMFILES",
];
const CODEX: [&str; 11] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "SSL_CERT_FILE",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
];
/// Words in the names of variables that Gemini CLI does not pass on.
const SECRET_WORDS: [&str; 6] = ["TOKEN", "SECRET", "PASSWORD", "KEY", "AUTH", "CREDENTIAL"];

/// The part of its own environment that a client passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum ClientEnvironment {
    Whole,
    /// All variables but those whose names look secret.
    WithoutSecrets,
    /// The list of the SDK for TypeScript. Also assumed of clients that document nothing.
    SdkDefault,
    Codex,
    OnlyPath,
}

impl ClientEnvironment {
    /// Whether a server gets this variable.
    pub(in crate::cli) fn passes(self, variable: &str, system: System) -> bool {
        let listed = |list: &[&str]| list.contains(&variable);
        match self {
            Self::Whole => true,
            Self::WithoutSecrets => {
                let upper = variable.to_ascii_uppercase();
                !SECRET_WORDS.iter().any(|word| upper.contains(word))
            }
            Self::SdkDefault if system == System::Windows => SDK_DEFAULT_ON_WINDOWS
                .iter()
                .any(|name| name.eq_ignore_ascii_case(variable)),
            Self::SdkDefault => listed(&SDK_DEFAULT),
            Self::Codex => listed(&CODEX),
            Self::OnlyPath => variable.eq_ignore_ascii_case("PATH"),
        }
    }

    /// Whether variables that are set in a shell may be missing under the client.
    pub(in crate::cli) fn is_bare(self) -> bool {
        !matches!(self, Self::Whole | Self::WithoutSecrets)
    }

    /// The variables of this process that a server would get, without those of its entry.
    pub(in crate::cli) fn variables(self, system: System) -> BTreeMap<OsString, OsString> {
        let passed = std::env::vars_os();
        passed
            .filter(|(name, _)| self.passes(&name.to_string_lossy(), system))
            .collect()
    }
}
