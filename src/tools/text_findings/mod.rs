//! Text findings: what a person did not mean to publish, such as markup, or a placeholder that nobody filled.

mod html;
mod markdown;

use std::fmt::{self, Display};

use html::first_html;
use markdown::first_markdown;

use super::hidden_unicode::is_blank;
use crate::write::quote_text::{quote_truncated, unquoted};

/// Whole texts that programs write in the place of a missing value.
const EMPTY_VALUES: [&str; 5] = ["undefined", "null", "none", "nan", "nil"];
const TEMPLATES: [(&str, &str); 10] = [
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("@{", "}"),
    ("%{", "}"),
    ("*|", "|*"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("[[", "]]"),
    ("[object ", "]"),
];
/// What begins a gap that a model left for a person, as in `[Your name]`.
const GAPS: [&str; 3] = ["your ", "insert ", "add your "];

/// What is odd about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextFinding {
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

/// Whether a text has nothing but words for a missing value, as in `(null)` and `undefined, undefined`.
fn is_empty_value(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    let is_empty = |word: &str| (EMPTY_VALUES.iter()).any(|empty| word.eq_ignore_ascii_case(empty));
    words.peek().is_some() && words.all(is_empty)
}

/// What is odd about a text that is not empty.
pub(crate) fn text_findings(text: &str) -> Vec<TextFinding> {
    if is_blank(text) {
        let is_empty = text.is_empty();
        return (!is_empty)
            .then_some(TextFinding::Blank)
            .into_iter()
            .collect();
    }
    let whole = unquoted(text);
    if is_empty_value(whole) {
        return vec![TextFinding::EmptyValue(quote_truncated(whole))];
    }
    let written = without_code(text);
    let template = template(text).map(|found| TextFinding::Template(quote_truncated(found)));
    let html = first_html(&written).map(|found| TextFinding::Html(quote_truncated(found)));
    let markdown = first_markdown(text, &written);
    let markdown = markdown.map(|found| TextFinding::Markdown(quote_truncated(found)));
    template.into_iter().chain(html).chain(markdown).collect()
}

fn template(text: &str) -> Option<&str> {
    let filled_by_program = TEMPLATES.iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let inner = &text[start + open.len()..];
        let length = inner.find(close)?;
        let is_written = match *open {
            // JavaScript names a class there, with its capital.
            "[object " => !inner.starts_with(|c: char| c.is_ascii_uppercase()),
            "*|" => length == 0 || inner[..length].contains(char::is_whitespace),
            _ => false,
        };
        let end = start + open.len() + length + close.len();
        (!is_written).then(|| &text[start..end])
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
    #[case("<details><summary>More</summary>Soup</details>", "HTML")]
    #[case("<label>Name</label>", "HTML")]
    #[case("~~old~~ new", "Markdown")]
    #[case("Tom &AMP; Jerry", "HTML")]
    #[case("One&nbsp two", "HTML")]
    #[case("See [our menu](acme.example/menu)", "Markdown")]
    #[case("[Call us](tel:+4930123) or [write](mailto:a@a.example)", "Markdown")]
    #[case("![A cake](cake.png)", "Markdown")]
    #[case("Read [it][1]\n[1]: https://a.example", "Markdown")]
    #[case("- [ ] buy beans", "Markdown")]
    #[case("今日は**新商品**です", "Markdown")]
    #[case("Hi *|FNAME|*", "placeholder")]
    #[case("@{triggerBody()?['text']}", "placeholder")]
    #[case("Hello %{name}", "placeholder")]
    #[case("(null)", "missing value")]
    #[case("undefined, undefined", "missing value")]
    #[case("None.", "missing value")]
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
    #[case("好呀~~明天见~~ 谢谢")]
    #[case("*|* and \\o/ *|*")]
    #[case("An [object lesson] for all of us")]
    #[case("[Update](p. 4) and [it](e.g. this one), [so](e.g) [a](#)")]
    #[case("https://a.example/?a=1&amp=2&lt=3&ampere")]
    #[case("Q&A, R&D and ltd. &lt3")]
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
