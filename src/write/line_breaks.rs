//! Line breaks that a text spells as the two letters `\n`, as JSON does that was escaped twice.

use std::ops::Range;

/// Endings by which a word is the name of a file.
const FILE_ENDINGS: [&str; 14] = [
    ".txt", ".md", ".json", ".csv", ".png", ".jpg", ".jpeg", ".gif", ".mp4", ".pdf", ".docx",
    ".log", ".exe", ".zip",
];

/// The text with line breaks where it spells them; nothing where it spells none.
///
/// A text with a real line break means its `\n` as it is, and so do paths, expressions and talk about code.
pub fn read_line_breaks(text: &str) -> Option<String> {
    if text.contains(['\n', '\r']) {
        return None;
    }
    let (mut read, mut from) = (String::new(), 0);
    for run in runs(text) {
        if !is_literal(text, &run) {
            read.push_str(&text[from..run.start]);
            read.push_str(&"\n".repeat(text[run.clone()].matches("\\n").count()));
            from = run.end;
        }
    }
    (from > 0).then(|| read + &text[from..])
}

/// The length of a spelled line break at the start of a text.
fn spelled(text: &str) -> Option<usize> {
    ["\\n", "\\r\\n"]
        .into_iter()
        .find(|letters| text.starts_with(letters))
        .map(str::len)
}

/// Where spelled line breaks stand, one directly behind the other.
fn runs(text: &str) -> Vec<Range<usize>> {
    let (mut runs, mut at) = (Vec::new(), 0);
    while let Some(found) = text[at..].find('\\') {
        let start = at + found;
        at = start;
        while let Some(length) = spelled(&text[at..]) {
            at += length;
        }
        match at > start {
            true => runs.push(start..at),
            // What a backslash escapes begins no line break.
            false => {
                let escaped = text[start + 1..].chars().next();
                at = start + 1 + escaped.map_or(0, char::len_utf8);
            }
        }
    }
    runs
}

fn is_literal(text: &str, run: &Range<usize>) -> bool {
    let (before, after) = (&text[..run.start], &text[run.end..]);
    is_in_path(before, after) || is_in_expression(before, after) || is_mentioned(before, after)
}

/// `C:\news`, `..\notes`, `docs\new.txt`; any other escape in the same word makes it a path or a pattern too.
fn is_in_path(before: &str, after: &str) -> bool {
    let head = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let tail = after.split(char::is_whitespace).next().unwrap_or(after);
    let has_other_escape = [head, tail].into_iter().any(|part| {
        part.match_indices('\\').any(|(at, _)| {
            let escaped = part[at + 1..].chars().next();
            let is_quote =
                escaped.is_none_or(|c| !c.is_alphanumeric() && !"\\.([{$+^|/".contains(c));
            spelled(&part[at..]).is_none() && !is_quote
        })
    });
    if has_other_escape {
        return true;
    }
    if !tail.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()) {
        return false;
    }
    // The first name of a path decides for the others: `B:\nStart` is no path.
    let (root, names) = head
        .split_once('\\')
        .map_or((head, tail), |(root, names)| (root, &names[1..]));
    let mut letters = root.chars().rev();
    let is_drive = letters.next() == Some(':')
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next().is_none_or(|c| !c.is_alphanumeric())
        && names.starts_with(char::is_lowercase);
    let is_root = [".", "..", "~"].contains(&root)
        || root.len() > 2 && root.starts_with('%') && root.ends_with('%');
    let name = tail.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
    let is_file = head.ends_with(char::is_alphanumeric)
        && FILE_ENDINGS.iter().any(|ending| name.ends_with(ending));
    is_drive || is_root || is_file
}

/// `/\n+/g`, `[^\n]`, `split("\n")`, `{{ $json.text.replace('\n', ' ') }}`.
fn is_in_expression(before: &str, after: &str) -> bool {
    let (last, mut next) = (before.chars().next_back(), after.chars());
    let (first, second) = (next.next(), next.next());
    let is_pattern = last.is_some_and(|c| "([{|^".contains(c))
        || first.is_some_and(|c| ")]}|".contains(c))
        || last == Some('/') && first == Some('/')
        || first == Some('{') && second.is_some_and(|c| c.is_ascii_digit())
        || first.is_some_and(|c| "+*?".contains(c))
            && second.is_none_or(|c| "/)]}\"'|\\$,.".contains(c));
    let is_quoted = last == first
        && last.is_some_and(|c| "\"'`".contains(c))
        && before[..before.len() - 1]
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || "([{,=+:".contains(c));
    let is_template = match (before.rfind("{{"), before.rfind("}}")) {
        (Some(opened), closed) => {
            closed.is_none_or(|closed| closed < opened) && after.contains("}}")
        }
        (None, _) => false,
    };
    let is_code = before.matches('`').count() % 2 == 1 && after.contains('`');
    is_pattern || is_quoted || is_template || is_code || is_in_argument(before)
}

/// Whether a text ends within the quoted argument of a call, as in `print("a`.
fn is_in_argument(before: &str) -> bool {
    ['"', '\'', '`'].into_iter().any(|quote| {
        before.rfind(&format!("({quote}")).is_some_and(|at| {
            before[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !before[at + 2..].contains(quote)
        })
    })
}

/// "Use \n for a line break": it stands alone, and the sentence goes on.
fn is_mentioned(before: &str, after: &str) -> bool {
    let sentence = before.trim_end();
    if sentence.len() == before.len() || sentence.ends_with(['.', '!', '?', ':', ';', '…']) {
        return false;
    }
    let goes_on = |rest: &str| rest.trim_start().starts_with(char::is_lowercase);
    after.starts_with(char::is_whitespace) && goes_on(after)
        || after.starts_with(['.', ',', ';', ':', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r"Para one\n\nPara two", "Para one\n\nPara two")]
    #[case(r"one\ntwo", "one\ntwo")]
    #[case(r"Line one\r\nLine two", "Line one\nLine two")]
    #[case(r"Hello! \n\n We are open.", "Hello! \n\n We are open.")]
    #[case(r"See https://a.example/\nThanks", "See https://a.example/\nThanks")]
    #[case(r"Plan B:\nStart again", "Plan B:\nStart again")]
    #[case(r"Menu:\n- soup\n- bread\n* cake", "Menu:\n- soup\n- bread\n* cake")]
    #[case(
        r#"They said \"yes\"\nWe said \"no\""#,
        "They said \\\"yes\\\"\nWe said \\\"no\\\""
    )]
    #[case("\"One\"\\n\"Two\"", "\"One\"\n\"Two\"")]
    #[case(r"Done ☕\n#coffee #berlin", "Done ☕\n#coffee #berlin")]
    #[case(r"50%\noff today", "50%\noff today")]
    #[case(r"Bye\n", "Bye\n")]
    #[case(r"Saved in C:\news.\nOpen it", "Saved in C:\\news.\nOpen it")]
    fn spelled_line_breaks_are_read(#[case] text: &str, #[case] read: &str) {
        assert_eq!(read_line_breaks(text).as_deref(), Some(read));
    }

    #[rstest]
    #[case(r"C:\news")]
    #[case(r"C:\news\nina")]
    #[case(r"Open C:\Users\nina\notes.txt now")]
    #[case(r"\\server\nas\share")]
    #[case(r"..\new\name")]
    #[case(r"%APPDATA%\notes")]
    #[case(r"It is in docs\new.txt, next to the others")]
    #[case(r"Match /\n+/g")]
    #[case(r"[^\n]*")]
    #[case(r"\d+\n\w")]
    #[case(r"(\r?\n){2,}")]
    #[case(r#"text.split("\n")"#)]
    #[case(r#"print("Hello there\nWorld")"#)]
    #[case(r"In Python `a\nb` has two lines")]
    #[case(r"{{ $json.text.replace('\n', ' ') }}")]
    #[case(r"Use \n for a line break")]
    #[case(r"The letter is \n.")]
    #[case("real\nand \\n spelled")]
    #[case("no break at all")]
    #[case("")]
    fn paths_expressions_and_talk_about_code_stay(#[case] text: &str) {
        assert_eq!(read_line_breaks(text), None);
    }
}
