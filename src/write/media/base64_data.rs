//! Base64 data: files whose content is in the call itself, up to 10 MiB.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::write::quote_text::unquoted;

/// Base64 is held in memory and costs the model tokens, so it is for small files.
const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Decodes base64 of either alphabet, with or without padding, line breaks and `data:` prefix.
///
/// # Errors
///
/// A sentence: it is not base64, or above 10 MiB.
pub fn decode_base64(given: &str) -> Result<Bytes, String> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let given = unquoted(given);
    let is_uri = given
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let encoded = match given.split_once(";base64,") {
        Some((_, encoded)) if is_uri => encoded,
        _ if is_uri => return Err("is a `data:` URI without `;base64,`".to_owned()),
        _ => given,
    };
    let encoded = encoded.replace("\\n", "").replace("\\r", "");
    let encoded: String = encoded
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    if encoded.len() / 4 * 3 > MAX_BYTES + 3 {
        return Err("is above 10 MiB; pass a larger file as `url`, or as `path` where this server reads files".to_owned());
    }
    let alphabet = if encoded.contains(['-', '_']) {
        &alphabet::URL_SAFE
    } else {
        &alphabet::STANDARD
    };
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
    if let Some(odd) = encoded.chars().find(|c| !is_digit(*c)) {
        return Err(format!(
            "is not base64, since it contains {odd:?}; pass the whole content, with nothing left out or added"
        ));
    }
    let bytes = GeneralPurpose::new(alphabet, CONFIG).decode(encoded);
    bytes.map(Bytes::from).map_err(|error| {
        let error = error.to_string();
        format!("is not base64 ({})", error.trim_end_matches('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("+/8=")]
    #[case("+/8")]
    #[case("-_8")]
    #[case(" +/\n8= ")]
    #[case("+/\\n8=")]
    #[case("'+/8='")]
    #[case("data:image/png;base64,+/8=")]
    #[case("DATA:image/png;name=a.png;base64,+/8=")]
    fn base64_is_read_however_it_is_written(#[case] given: &str) {
        assert_eq!(
            decode_base64(given).unwrap(),
            Bytes::from_static(&[0xfb, 0xff])
        );
    }

    #[rstest]
    #[case("not base64!", "not base64")]
    #[case("iVBORw0KGgo…", "'…'")]
    #[case("iVBORw0KGgo... [truncated]", "'.'; pass the whole")]
    #[case("data:image/png,raw", "without")]
    fn what_is_not_base64_is_refused(#[case] given: &str, #[case] why: &str) {
        assert!(decode_base64(given).unwrap_err().contains(why));
    }

    #[test]
    fn ten_mebibytes_are_the_limit() {
        let at_the_limit = "A".repeat(MAX_BYTES / 3 * 4);
        assert!(decode_base64(&at_the_limit).is_ok());
        assert!(
            decode_base64(&format!("{at_the_limit}AAAAAAAA"))
                .unwrap_err()
                .contains("10 MiB")
        );
    }
}
