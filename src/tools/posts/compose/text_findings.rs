//! Text findings: what a person did not mean to publish, such as markup, or a placeholder that nobody filled.

use std::fmt::{self, Display};

use crate::tools::hidden_unicode::is_invisible;
use crate::write::quote_text::{quote_truncated, unquoted};

/// HTML elements that texts carry over from web pages and editors.
const ELEMENTS: [&str; 53] = [
    "a",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "code",
    "del",
    "div",
    "em",
    "figure",
    "font",
    "footer",
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
    "ins",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
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
/// Whole texts that programs write in the place of a missing value.
const EMPTY_VALUES: [&str; 5] = ["undefined", "null", "none", "nan", "nil"];
const TEMPLATES: [(&str, &str); 7] = [
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("[[", "]]"),
    ("[object ", "]"),
];
/// What begins a gap that a model left for a person, as in `[Your name]`.
const GAPS: [&str; 3] = ["your ", "insert ", "add your "];

/// What is odd about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextFinding {
    Blank,
    EmptyPart,
    EmptyValue(String),
    Template(String),
    Html(String),
    Markdown(String),
}

impl Display for TextFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("is blank, nothing of it can be seen; leave it out"),
            Self::EmptyPart => f.write_str("is an empty part of the thread; leave it out"),
            Self::EmptyValue(word) => {
                write!(
                    f,
                    "is only {word}, which stands for a missing value; pass the text"
                )
            }
            Self::Template(found) => {
                write!(
                    f,
                    "contains {found}, a placeholder that was not filled; pass the text"
                )
            }
            Self::Html(found) => write!(
                f,
                "contains HTML ({found}), which networks show as it is; pass plain text"
            ),
            Self::Markdown(found) => write!(
                f,
                "contains Markdown ({found}), which networks show as it is; pass plain text"
            ),
        }
    }
}

/// Whether nothing of a text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// What is odd about a text that is not empty.
pub(super) fn text_findings(text: &str) -> Vec<TextFinding> {
    if is_blank(text) {
        let is_empty = text.is_empty();
        return (!is_empty)
            .then_some(TextFinding::Blank)
            .into_iter()
            .collect();
    }
    let whole = unquoted(text);
    if EMPTY_VALUES
        .iter()
        .any(|word| whole.eq_ignore_ascii_case(word))
    {
        return vec![TextFinding::EmptyValue(quote_truncated(whole))];
    }
    let written = without_code(text);
    let template = template(text).map(|found| TextFinding::Template(quote_truncated(found)));
    let html = html(&written).map(|found| TextFinding::Html(quote_truncated(found)));
    let markdown = markdown(text, &written);
    let markdown = markdown.map(|found| TextFinding::Markdown(quote_truncated(found)));
    template.into_iter().chain(html).chain(markdown).collect()
}

fn template(text: &str) -> Option<&str> {
    let filled_by_program = TEMPLATES.iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let length = text[start..].find(close)?;
        Some(&text[start..start + length + close.len()])
    });
    filled_by_program.or_else(|| {
        text.match_indices(['[', '<']).find_map(|(start, _)| {
            let length = text[start..].find([']', '>', '\n'])?;
            let gap = text[start + 1..start + length].to_lowercase();
            let is_closed = !text[start + length..].starts_with('\n');
            (is_closed && GAPS.iter().any(|word| gap.starts_with(word)))
                .then(|| &text[start..=start + length])
        })
    })
}

/// The text without what stands between backticks, where people write about code.
fn without_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let count = parts.len();
    let is_code = |index: usize| index % 2 == 1 && index + 1 < count;
    let parts = parts.into_iter().enumerate();
    parts
        .filter(|(index, _)| !is_code(*index))
        .map(|(_, part)| part)
        .collect()
}

fn html(text: &str) -> Option<&str> {
    let entity = || {
        let mut ends = text.match_indices('&');
        ends.find_map(|(at, _)| {
            let (name, _) = text[at + 1..].split_once(';')?;
            let is_number = name.strip_prefix('#').is_some_and(|number| {
                let digits = number.trim_start_matches(['x', 'X']);
                !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit())
            });
            let is_letter = LETTER_MARKS.iter().any(|mark| {
                let letters = name.strip_suffix(mark);
                letters.is_some_and(|letters| matches!(letters.len(), 1 | 2))
            });
            (is_number || is_letter || ENTITIES.contains(&name))
                .then(|| &text[at..at + name.len() + 2])
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

fn markdown<'a>(text: &'a str, written: &'a str) -> Option<&'a str> {
    let fence = text.find("```").map(|at| &text[at..at + 3]);
    fence
        .or_else(|| written.lines().find_map(heading_or_table))
        .or_else(|| link(written))
        .or_else(|| {
            ["***", "**", "__", "~~"]
                .iter()
                .find_map(|mark| emphasis(written, mark))
        })
}

/// `# Heading`; `# 1` and `# of people` are none.
fn heading_or_table(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let first = title
        .strip_prefix(' ')
        .and_then(|title| title.chars().next());
    let is_heading = (1..=6).contains(&level)
        && first.is_some_and(|c| level > 1 && !c.is_whitespace() || c.is_uppercase());
    let is_rule = line.contains("|--") || line.contains("| --") || line.contains("|:-");
    let is_table = is_rule && line.chars().all(|c| "|-: ".contains(c));
    (is_heading || is_table).then_some(line)
}

/// `[text](https://…)`.
fn link(text: &str) -> Option<&str> {
    text.match_indices("](").find_map(|(at, _)| {
        let start = text[..at].rfind('[')?;
        let target = &text[at + 2..];
        let length = target.find(')')?;
        let is_address = ["http://", "https://", "www.", "mailto:"]
            .iter()
            .any(|scheme| target.starts_with(scheme));
        is_address.then(|| &text[start..at + length + 3])
    })
}

/// Words between two marks that touch them and nothing outside: `**bold**`, not `f**k` or `__init__`.
fn emphasis<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let repeated = mark.chars().next()?;
    let is_outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != repeated);
    let is_inside = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != repeated);
    let marks = || text.match_indices(mark).map(|(at, _)| at);
    let before = |at: usize| text[..at].chars().next_back();
    let after = |at: usize| text[at + mark.len()..].chars().next();
    let opens = marks().filter(|at| is_outside(before(*at)) && is_inside(after(*at)));
    let mut pairs = opens.filter_map(|open| {
        let mut closes = marks().filter(|at| *at > open + mark.len());
        let close = closes.find(|at| is_inside(before(*at)) && is_outside(after(*at)))?;
        Some(&text[open..close + mark.len()])
    });
    pairs.find(|found| {
        let is_one_line = !found.contains('\n');
        is_one_line && (mark != "__" || found.contains(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("<p>Hello <strong>all</strong> &amp; more</p>", "HTML")]
    #[case("<p>Hello", "HTML")]
    #[case("One<br>two", "HTML")]
    #[case("See <a href=\"https://a.example\">this", "HTML")]
    #[case("Fish &amp; chips", "HTML")]
    #[case("It&#8217;s here", "HTML")]
    #[case("&Uuml;ber uns", "HTML")]
    #[case("&frac12; a cup &times; 2", "HTML")]
    #[case("<u>New</u>", "HTML")]
    #[case("<!-- draft -->Hello", "HTML")]
    #[case("***Wow*** now", "Markdown")]
    #[case("**Big news!** now", "Markdown")]
    #[case("Read [open](https://a.example)", "Markdown")]
    #[case("# Our autumn menu\nSoup", "Markdown")]
    #[case("## was kommt", "Markdown")]
    #[case("```\ncode\n```", "Markdown")]
    #[case("It is __very important__", "Markdown")]
    #[case("|a|b|\n|---|---|\n|1|2|", "Markdown")]
    #[case("Hi {{ $json.text }}", "placeholder")]
    #[case("Hi ${name}!", "placeholder")]
    #[case("News: [object Object]", "placeholder")]
    #[case("{% if a %}b{% endif %}", "placeholder")]
    #[case("News: [object Promise]", "placeholder")]
    #[case("Hi #{name} and [[first_name]]", "placeholder")]
    #[case("Best, [Your Name]", "placeholder")]
    #[case("Read more: <insert link>", "placeholder")]
    #[case("\"null\"", "missing value")]
    #[case("undefined", "missing value")]
    #[case(" None\n", "missing value")]
    #[case("null", "missing value")]
    #[case(" \t", "blank")]
    #[case("\u{200b}\u{feff}", "blank")]
    #[case("\u{2800}\u{200d}", "blank")]
    fn what_nobody_meant_is_found(#[case] text: &str, #[case] kind: &str) {
        let found: Vec<String> = text_findings(text)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            found.iter().any(|finding| finding.contains(kind)),
            "{found:?}"
        );
    }

    #[rstest]
    #[case("We <3 coffee")]
    #[case("a < b and b > c")]
    #[case("5 <b and 6> c")]
    #[case("<- go left, go right ->")]
    #[case("* soup\n* bread\n- cake")]
    #[case("@acme_coffee_berlin and https://a.example/some_long_name__here")]
    #[case("#hashtag #coffee\n#1 in Berlin")]
    #[case("# of people who came: 12")]
    #[case("Hi {name}, ask us")]
    #[case("[Link in bio] and I love [this]")]
    #[case("f**k this, s**t happens")]
    #[case("*sigh* and _sigh_")]
    #[case("Free shipping** today.\n**over $50")]
    #[case("*** SALE *** 50% off")]
    #[case("2**3**4 is a lot")]
    #[case("def __init__(self): and __name__")]
    #[case("How do you center a <div> these days?")]
    #[case("Vec<String> beats List<T>")]
    #[case("Use `<br>` or `**bold**` in Markdown")]
    #[case("AT&T; Q&A; R&D")]
    #[case("https://a.example/?a=1&copy=2&lt=3")]
    #[case("It costs $5, or $ {5}")]
    #[case("Nothing is null and void, none of it undefined")]
    #[case("[sic] (see below), [1](2)")]
    #[case("¯\\_(ツ)_/¯ and ʕ•ᴥ•ʔ")]
    #[case("Hello~~ miss you~~")]
    #[case("👩\u{200d}🍳 cooks ❤\u{fe0f}")]
    #[case("Yes | no | maybe -- you choose")]
    #[case("Line one\n\nLine two ——— 3 > 2")]
    #[case("> quoted, 100% \"true\" & 'fine'")]
    #[case("Ο καφές είναι έτοιμος; ☕ コーヒー")]
    #[case("")]
    fn real_posts_are_left_in_peace(#[case] text: &str) {
        assert_eq!(text_findings(text), []);
    }
}
