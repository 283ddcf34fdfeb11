//! Entry lines: the lines of a list that an operator writes, one entry each, with comments between them.

/// The entries of a text with the numbers of their lines.
pub fn entry_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    let trimmed = lines.map(|(number, line)| (number, line.trim_start_matches('\u{feff}').trim()));
    trimmed.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}
