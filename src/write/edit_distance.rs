//! Edit distance (Levenshtein): how near a misspelt name is to a known one.

/// How many characters must be added, removed or replaced to turn one text into the other.
pub(crate) fn edit_distance(from: &str, to: &str) -> usize {
    let length = to.chars().count();
    // The distances from the part of `from` read so far to each prefix of `to`.
    let mut row: Vec<usize> = (0..=length).collect();
    for (line, c) in from.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, other) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(c != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[length]
}
