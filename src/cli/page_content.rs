//! Content of the page at `/`: what this server is, and how each client connects to it.

use crate::transport::HomePage;
use crate::transport::auth::AuthMethods;

/// The page of a server; the address in it is filled in for each request.
///
/// The name has only letters, digits, dashes, underscores and dots, and so needs no escaping.
pub(super) fn home_page(
    name: &str,
    title: &str,
    is_sandbox: bool,
    methods: &AuthMethods,
) -> HomePage {
    let about = match is_sandbox {
        true => {
            "This is an MCP server for a simulated Saki: nothing is published, and its data ends with it."
        }
        false => "This is an MCP server.",
    };
    let headers = headers(methods);
    let html = include_str!("home_page.html").to_owned();
    let html = with_section(html, "<!-- sse -->", methods.serve_sse());
    // The web and desktop apps of Claude log in by OAuth or not at all.
    let html = with_section(html, "<!-- connector -->", headers.is_empty());
    let html = html
        .replace("{{login}}", &login(methods, &headers))
        .replace("{{shell headers}}", &shell_arguments(&headers))
        .replace("{{json headers}}", &json_field(&headers))
        .replace("{{toml headers}}", &toml_field(&headers))
        .replace("{{remote arguments}}", &remote_arguments(&headers))
        .replace("{{remote variables}}", &remote_variables(&headers))
        .replace("{{title}}", title)
        .replace("{{about}}", about)
        .replace("{{name}}", name)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"));
    HomePage::new(html)
}

/// The page with or without the section that stands between two marks.
fn with_section(html: String, mark: &str, is_shown: bool) -> String {
    let parts = html.split(mark).enumerate();
    let shown = parts.filter(|(at, _)| is_shown || at % 2 == 0);
    shown.map(|(_, part)| part).collect()
}

/// A header that every request needs.
struct SnippetHeader {
    name: &'static str,
    value: &'static str,
    /// The variable in which mcp-remote keeps the value.
    variable: &'static str,
}

/// The headers with which a client authenticates, where it is not led to a login.
fn headers(methods: &AuthMethods) -> Vec<SnippetHeader> {
    let token = SnippetHeader {
        name: "Authorization",
        value: "Bearer YOUR-TOKEN",
        variable: "SAKI_MCP_AUTHORIZATION",
    };
    let saki_key = SnippetHeader {
        name: "X-Saki-Api-Key",
        value: "YOUR-SAKI-KEY",
        variable: "SAKI_MCP_API_KEY",
    };
    let needs_token = methods.tokens.is_some() && methods.oauth.is_none();
    let token = needs_token.then_some(token);
    let saki_key = methods.saki_keys.then_some(saki_key);
    token.into_iter().chain(saki_key).collect()
}

/// The paragraph that says what a person needs to log in.
fn login(methods: &AuthMethods, headers: &[SnippetHeader]) -> String {
    let has_tokens = methods.tokens.is_some();
    let mut said = Vec::new();
    if methods.oauth.is_some() {
        said.push("Your assistant leads you to the login.");
    }
    if has_tokens && methods.oauth.is_some() {
        said.push(
            "With a token of this server instead, take the address <code>{{address}}/key/mcp</code> and the header <code>Authorization: Bearer YOUR-TOKEN</code>.",
        );
    }
    if headers.iter().any(|header| header.name == "Authorization") {
        said.push("Put the token that you were given in the place of YOUR-TOKEN.");
    }
    if methods.saki_keys {
        said.push("Put your API key of Saki in the place of YOUR-SAKI-KEY.");
    }
    if methods.saki_keys && (has_tokens || methods.oauth.is_some()) {
        said.push("If the operator has chosen a Saki key for you, leave that header out.");
    }
    match said.is_empty() {
        true => String::new(),
        false => format!("<p>{}</p>", said.join(" ")),
    }
}

fn each(
    headers: &[SnippetHeader],
    separator: &str,
    form: impl Fn(&SnippetHeader) -> String,
) -> String {
    headers.iter().map(form).collect::<Vec<_>>().join(separator)
}

fn shell_arguments(headers: &[SnippetHeader]) -> String {
    let argument =
        |header: &SnippetHeader| format!(" --header \"{}: {}\"", header.name, header.value);
    each(headers, "", argument)
}

fn json_field(headers: &[SnippetHeader]) -> String {
    let field = |header: &SnippetHeader| format!("\"{}\": \"{}\"", header.name, header.value);
    match headers.is_empty() {
        true => String::new(),
        false => format!(", \"headers\": {{ {} }}", each(headers, ", ", field)),
    }
}

fn toml_field(headers: &[SnippetHeader]) -> String {
    let field = |header: &SnippetHeader| format!("\"{}\" = \"{}\"", header.name, header.value);
    match headers.is_empty() {
        true => String::new(),
        false => format!("\nhttp_headers = {{ {} }}", each(headers, ", ", field)),
    }
}

/// The arguments have no spaces, which some clients do not quote on Windows, and no secrets, which process lists show.
fn remote_arguments(headers: &[SnippetHeader]) -> String {
    let argument = |header: &SnippetHeader| {
        format!(
            ", \"--header\", \"{}:${{{}}}\"",
            header.name, header.variable
        )
    };
    each(headers, "", argument)
}

fn remote_variables(headers: &[SnippetHeader]) -> String {
    let variable =
        |header: &SnippetHeader| format!("\"{}\": \"{}\"", header.variable, header.value);
    match headers.is_empty() {
        true => String::new(),
        false => format!(",\n      \"env\": {{ {} }}", each(headers, ", ", variable)),
    }
}
