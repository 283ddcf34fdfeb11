//! HTML in a text: tags of known elements, and entities.

/// HTML elements that texts carry over from web pages and editors.
const ELEMENTS: [&str; 78] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "picture",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
];
/// Those that have no end tag.
const VOID: [&str; 3] = ["br", "hr", "img"];
/// HTML entities that are no letters with marks.
const ENTITIES: [&str; 60] = [
    "amp", "lt", "gt", "quot", "apos", "nbsp", "hellip", "ndash", "mdash", "lsquo", "rsquo",
    "ldquo", "rdquo", "laquo", "raquo", "bull", "middot", "copy", "reg", "trade", "euro", "pound",
    "szlig", "cent", "yen", "sect", "deg", "times", "divide", "plusmn", "frac12", "frac14",
    "frac34", "iexcl", "iquest", "ordf", "ordm", "ensp", "emsp", "thinsp", "shy", "zwj", "zwnj",
    "sbquo", "bdquo", "lsaquo", "rsaquo", "larr", "rarr", "uarr", "darr", "hearts", "star",
    "check", "minus", "para", "dagger", "permil", "eth", "thorn",
];
/// What ends the name of an entity behind its letters, as in `&eacute;` and `&AElig;`.
const LETTER_MARKS: [&str; 9] = [
    "acute", "caron", "cedil", "circ", "grave", "lig", "ring", "tilde", "uml",
];
/// The first tag or entity of HTML.
pub(super) fn first_html(text: &str) -> Option<&str> {
    let entity = || {
        let mut ends = text.match_indices('&');
        ends.find_map(|(at, _)| {
            let rest = &text[at + 1..];
            // Browsers read `&nbsp` without its end too.
            let is_open = |name: &&&str| {
                let after = rest.strip_prefix(**name);
                after.is_some_and(|rest| {
                    !rest.starts_with(|c: char| c.is_alphanumeric() || "=;".contains(c))
                })
            };
            if let Some(name) = ["amp", "gt", "lt", "nbsp", "quot"].iter().find(is_open) {
                return Some(&text[at..=at + name.len()]);
            }
            let (name, _) = rest.split_once(';')?;
            let is_number = name.strip_prefix('#').is_some_and(|number| {
                let digits = number.trim_start_matches(['x', 'X']);
                !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit())
            });
            let is_letter = LETTER_MARKS.iter().any(|mark| {
                let letters = name.strip_suffix(mark);
                letters.is_some_and(|letters| matches!(letters.len(), 1 | 2))
            });
            let is_known = ENTITIES
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known));
            (is_number || is_letter || is_known).then(|| &text[at..at + name.len() + 2])
        })
    };
    tag(text).or_else(entity)
}

/// The first tag; a lone `<div>` in a sentence is talk about it.
fn tag(text: &str) -> Option<&str> {
    text.match_indices('<').find_map(|(at, _)| {
        let inner = &text[at + 1..];
        let inner = &inner[..inner
            .find(['<', '>'])
            .filter(|end| inner[*end..].starts_with('>'))?];
        if inner.starts_with("!--") || inner.starts_with("!DOCTYPE") {
            return Some(&text[at..at + inner.len() + 2]);
        }
        let is_end = inner.starts_with('/');
        let name = inner.trim_matches('/').split(char::is_whitespace).next()?;
        let attributes = inner[inner.find(name)? + name.len()..].trim();
        let name = name.to_ascii_lowercase();
        let is_plain = attributes.is_empty() || attributes == "/";
        let opens_text = || {
            let is_first = text[..at].trim_end_matches(' ').is_empty();
            is_first
                && ["p", "div", "ul", "ol", "h1", "h2", "h3"].contains(&&*name)
                && text[at + inner.len() + 2..].starts_with(|c: char| !c.is_whitespace())
        };
        let is_markup = is_plain && (is_end || VOID.contains(&&*name) || opens_text())
            || attributes.contains('=');
        (ELEMENTS.contains(&&*name) && is_markup).then(|| &text[at..at + inner.len() + 2])
    })
}
