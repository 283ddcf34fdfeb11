//! Content of the page at `/`: what this server is, and how each client connects to it.

use crate::transport::HomePage;

/// The page of a server; the address in it is filled in for each request.
///
/// The name has only letters, digits, dashes, underscores and dots, and so needs no escaping.
pub(super) fn home_page(name: &str, title: &str, is_sandbox: bool) -> HomePage {
    let about = match is_sandbox {
        true => {
            "This is an MCP server for a simulated Saki: nothing is published, and its data ends with it."
        }
        false => "This is an MCP server.",
    };
    let html = include_str!("home_page.html")
        .replace("{{title}}", title)
        .replace("{{about}}", about)
        .replace("{{name}}", name)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"));
    HomePage::new(html)
}
