//! Content of the page at `/`: what this server is, and how each client connects to it.

use crate::transport::HomePage;

/// The page of a server; the address in it is filled in for each request.
///
/// The name has only letters, digits, dashes, underscores and dots, and so needs no escaping.
pub(super) fn home_page(name: &str, title: &str, is_sandbox: bool, has_sse: bool) -> HomePage {
    let about = match is_sandbox {
        true => {
            "This is an MCP server for a simulated Saki: nothing is published, and its data ends with it."
        }
        false => "This is an MCP server.",
    };
    // The section about the older transport stands between two marks.
    let parts = include_str!("home_page.html").split("<!-- sse -->");
    let parts = parts.enumerate().filter(|(at, _)| has_sse || at % 2 == 0);
    let html = parts.map(|(_, part)| part).collect::<String>();
    let html = html
        .replace("{{title}}", title)
        .replace("{{about}}", about)
        .replace("{{name}}", name)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"));
    HomePage::new(html)
}
