//! Tool names as clients prefix them with the name of a server: `mcp__saki__list_spaces`, `saki.list_spaces`.

/// Words that end the name of this server, or of a place for tools.
const NAMESPACES: [&str; 6] = ["saki", "sandbox", "mcp", "server", "functions", "tools"];

/// The name of a server, where `name` is `tool` with such a prefix.
///
/// A prefix that may change the meaning, as in `undo_delete_post`, is none: a single `_` or `-` only follows
/// a name that is known to be one, as that of this server is, or precedes a tool that only `reads`.
pub(super) fn server_prefix<'a>(
    name: &'a str,
    tool: &str,
    own_name: &str,
    reads: bool,
) -> Option<&'a str> {
    let prefix = name.strip_suffix(tool)?;
    let is_separator = |c: char| matches!(c, '_' | '-' | '.' | ':' | '/');
    let server = prefix.trim_end_matches(is_separator);
    let separator = &prefix[server.len()..];
    // Clients number servers of one name: `saki2`, `saki_2`.
    let numbered = server.trim_end_matches(|c: char| c.is_ascii_digit() || is_separator(c));
    let is_numbered = numbered.len() < server.len();
    let words = |server: &str| -> Vec<String> {
        let words = server.split(|c: char| !c.is_ascii_alphanumeric());
        words.map(str::to_ascii_lowercase).collect()
    };
    let last = words(if is_numbered { numbered } else { server }).pop();
    let (words, own_words) = (words(server), words(own_name));
    let is_own = words == own_words || words.strip_prefix(&["mcp".to_owned()]) == Some(&own_words);
    let is_known = is_own
        || words.len() == 2 && words[0] == "mcp"
        || last.is_some_and(|last| NAMESPACES.contains(&last.as_str()));
    let is_namespace = match separator {
        "" => false,
        "_" | "-" => is_known || reads,
        _ => true,
    };
    (is_namespace && !server.is_empty()).then_some(server)
}

/// The longest name that is shown where it is the name of no tool.
const MAX_SHOWN: usize = 64;

/// The name of no tool, where it looks like one and so may stand in a log.
///
/// Keys and tokens, which a confused client could send in its place, have digits as a rule.
pub(super) fn plausible(name: &str) -> Option<&str> {
    let is_shown = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.' | ':' | '/');
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins_well && name.len() <= MAX_SHOWN && name.chars().all(is_shown)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("no_such_tool", true)]
    #[case("posts.createPost", true)]
    #[case("", false)]
    #[case("rm -rf", false)]
    #[case("forged\nline", false)]
    #[case("../etc/passwd", false)]
    #[case("sk-live-4f2a", false)]
    #[case("löschen", false)]
    fn only_what_looks_like_the_name_of_a_tool_is_shown(#[case] name: &str, #[case] shown: bool) {
        assert_eq!(plausible(name), shown.then_some(name));
        assert_eq!(plausible(&name.repeat(65)), None);
    }

    #[rstest]
    #[case("mcp__saki__delete_post", Some("mcp__saki"))]
    #[case("mcp__social-media__delete_post", Some("mcp__social-media"))]
    #[case("mcp_social_delete_post", Some("mcp_social"))]
    #[case("saki-delete_post", Some("saki"))]
    #[case("saki_delete_post", Some("saki"))]
    #[case("Saki_delete_post", Some("Saki"))]
    #[case("claude_ai_saki_delete_post", Some("claude_ai_saki"))]
    #[case("saki-sandbox-delete_post", Some("saki-sandbox"))]
    #[case("saki.delete_post", Some("saki"))]
    #[case("functions.delete_post", Some("functions"))]
    #[case("posts:delete_post", Some("posts"))]
    #[case("posts/delete_post", Some("posts"))]
    #[case("posts__delete_post", Some("posts"))]
    #[case("saki2_delete_post", Some("saki2"))]
    #[case("saki_2_delete_post", Some("saki_2"))]
    #[case("north-shop_delete_post", Some("north-shop"))]
    #[case("North_Shop-delete_post", Some("North_Shop"))]
    #[case("mcp_north_shop_delete_post", Some("mcp_north_shop"))]
    #[case("shop_delete_post", None)]
    #[case("undo_north-shop_delete_post", None)]
    #[case("undo2_delete_post", None)]
    #[case("2_delete_post", None)]
    #[case("posts_delete_post", None)]
    #[case("mcp_saki_undo_delete_post", None)]
    #[case("undo_delete_post", None)]
    #[case("dry-run-delete_post", None)]
    #[case("sakidelete_post", None)]
    #[case("__delete_post", None)]
    #[case("delete_post", None)]
    #[case("delete_posts", None)]
    fn a_prefix_is_the_name_of_a_server_or_none(#[case] name: &str, #[case] server: Option<&str>) {
        assert_eq!(
            server_prefix(name, "delete_post", "north-shop", false),
            server
        );
    }

    #[test]
    fn a_tool_that_reads_takes_any_prefix() {
        let name = "posts_list_posts";
        assert_eq!(
            server_prefix(name, "list_posts", "saki", true),
            Some("posts")
        );
    }
}
