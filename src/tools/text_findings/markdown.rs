//! Markdown in a text: code blocks, headings, tables, tasks, links, and emphasis.

/// The first markup of Markdown; `written` is the text without code.
pub(super) fn first_markdown<'a>(text: &'a str, written: &'a str) -> Option<&'a str> {
    let fence = text.find("```").map(|at| &text[at..at + 3]);
    fence
        .or_else(|| written.lines().find_map(heading_table_or_task))
        .or_else(|| link(written))
        .or_else(|| {
            ["***", "**", "__", "~~"]
                .iter()
                .find_map(|mark| emphasis(written, mark))
        })
}

/// `# Heading`, the line below a table's head, and `- [ ] task`; `# 1` and `# of people` are none.
fn heading_table_or_task(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let first = title
        .strip_prefix(' ')
        .and_then(|title| title.chars().next());
    let is_heading = (1..=6).contains(&level)
        && first.is_some_and(|c| level > 1 && !c.is_whitespace() || c.is_uppercase());
    let is_rule = line.contains("|--") || line.contains("| --") || line.contains("|:-");
    let is_table = is_rule && line.chars().all(|c| "|-: ".contains(c));
    let is_task = ["- [ ] ", "- [x] ", "* [ ] ", "* [x] "]
        .iter()
        .any(|task| line.starts_with(task));
    (is_heading || is_table || is_task).then_some(line)
}

/// `[text](https://…)`, `[text](acme.example/menu)`, `![text](picture.png)`, and `[1]: https://…`.
fn link(text: &str) -> Option<&str> {
    let inline = text.match_indices("](").find_map(|(at, _)| {
        let start = text[..at].rfind('[')?;
        let length = text[at + 2..].find(')')?;
        is_target(&text[at + 2..at + 2 + length]).then(|| &text[start..at + length + 3])
    });
    let is_definition = |line: &&str| {
        let label = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("]: "));
        label.is_some_and(|(_, target)| is_target(target))
    };
    inline.or_else(|| text.lines().find(is_definition))
}

/// Whether it is an address or a path, not a remark in brackets.
fn is_target(target: &str) -> bool {
    let starts = [
        "http://", "https://", "www.", "mailto:", "tel:", "/", "#", "./",
    ];
    let host = target.split(['/', ' ']).next().unwrap_or_default();
    let is_host = host.rsplit_once('.').is_some_and(|(name, top)| {
        name.ends_with(char::is_alphanumeric)
            && top.len() > 1
            && top.chars().all(|c| c.is_ascii_alphabetic())
    });
    !target.contains('\n')
        && (is_host
            || starts
                .iter()
                .any(|start| target.len() > 1 && target.starts_with(start)))
}

/// Words between two marks that touch them and nothing outside: `**bold**`, not `f**k` or `__init__`.
fn emphasis<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let repeated = mark.chars().next()?;
    // Scripts without case, such as Chinese, have no blanks around bold words; `~~` only draws a word out there.
    let is_cased = |c: char| c.is_lowercase() || c.is_uppercase() || c.is_numeric();
    let is_letter = |c: char| match repeated {
        '*' => is_cased(c),
        _ => c.is_alphanumeric(),
    };
    let is_outside = |c: Option<char>| c.is_none_or(|c| !is_letter(c) && c != repeated);
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
