//! JSON value count: how many values the bytes of a JSON text hold at most, before anything parses them.

/// Counts while the bytes arrive.
#[derive(Debug, Default)]
pub(super) struct JsonValueCount {
    total: usize,
    is_in_string: bool,
    is_escaped: bool,
}

impl JsonValueCount {
    /// Counts the values that begin in the next bytes. What is in a string counts nothing.
    pub(super) fn add(&mut self, bytes: &[u8]) -> usize {
        let before = self.total;
        for byte in bytes {
            if self.is_in_string {
                self.is_in_string = self.is_escaped || *byte != b'"';
                self.is_escaped = !self.is_escaped && *byte == b'\\';
                continue;
            }
            match byte {
                b'"' => self.is_in_string = true,
                // Each of them has a value behind it, unless it is an empty list or object.
                b',' | b'[' | b'{' => self.total += 1,
                _ => {}
            }
        }
        self.total - before
    }

    /// All values so far, but for the outermost one.
    pub(super) fn total(&self) -> usize {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::none("1", 0)]
    #[case::list("[1,2,3]", 3)]
    #[case::object(r#"{"a":1,"b":[true,{}]}"#, 5)]
    #[case::text(r#""[1,2,3]""#, 0)]
    #[case::quotation_mark(r#"["\",,,",1]"#, 2)]
    #[case::backslash(r#"["\\",1,2]"#, 3)]
    fn values_outside_of_strings_count(#[case] json: &str, #[case] expected: usize) {
        let mut whole = JsonValueCount::default();
        assert_eq!(whole.add(json.as_bytes()), expected);
        let mut in_parts = JsonValueCount::default();
        for byte in json.as_bytes() {
            in_parts.add(&[*byte]);
        }
        assert_eq!(in_parts.total(), expected);
    }
}
