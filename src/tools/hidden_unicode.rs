//! Hidden Unicode, a way of prompt injection: invisible characters in text from elsewhere are escaped.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is invisible: controls, direction marks, zero-width fillers, tags.
///
/// Joiners and variation selectors are allowed, since emoji and scripts need them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}'
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Whether a character shows nothing by itself, joiners and variation selectors included.
pub(crate) fn is_invisible(c: char) -> bool {
    is_hidden(c)
        || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{180B}'..='\u{180F}' | '\u{2800}')
}

/// Whether nothing of a text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// The text with hidden characters written out, as `⟨U+200B⟩`.
pub(crate) fn escape_hidden(text: &str) -> Cow<'_, str> {
    escape_with(text, |c, out| {
        // Writing to a string cannot fail.
        let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
    })
}

/// The JSON with hidden characters as `\u200b`: the same value, and visible.
pub(crate) fn escape_hidden_json(json: &str) -> Cow<'_, str> {
    escape_with(json, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn escape_with(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    // Most texts are plain, and bytes are compared many at a time.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(is_hidden) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 32);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if is_hidden(c) {
            escape(c, &mut out)
        } else {
            out.push(c)
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Café ☕ 👩\u{200D}🍳 ❤\u{FE0F}\n\tनी\u{200D}", None)]
    #[case("a\u{200B}b", Some("a⟨U+200B⟩b"))]
    #[case("\u{202E}evil\u{202C}", Some("⟨U+202E⟩evil⟨U+202C⟩"))]
    #[case("x\u{E0041}\u{7}\u{FEFF}", Some("x⟨U+E0041⟩⟨U+0007⟩⟨U+FEFF⟩"))]
    fn hidden_characters_are_escaped_and_joiners_stay(
        #[case] text: &str,
        #[case] escaped: Option<&str>,
    ) {
        assert_eq!(escape_hidden(text), escaped.unwrap_or(text));
    }

    #[test]
    fn escaped_json_keeps_its_value() {
        let value = serde_json::json!({"content": "a\u{200B}\u{E0041}\u{85}é\n"});
        let text = escape_hidden_json(&value.to_string()).into_owned();
        assert!(text.contains("\\u200b\\udb40\\udc41\\u0085é\\n"), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }
}
