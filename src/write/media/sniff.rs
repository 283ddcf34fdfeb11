//! MIME sniffing: the type of a file by its first bytes, never by its name or by a server's header.

use infer::MatcherType;

/// The first MPEG-4 box is shorter than this, even where it lists many brands.
const MAX_FIRST_BOX: u32 = 64 * 1024;

/// How many bytes are sniffed.
pub(super) const SNIFF_LENGTH: usize = 8 * 1024;

/// MIME type and usual file extension.
///
/// # Errors
///
/// A sentence that names the security rule: only pictures, videos and PDF go out.
pub(super) fn sniff_mime(start: &[u8]) -> Result<(&'static str, &'static str), String> {
    if start.is_empty() {
        return Err("is empty".to_owned());
    }
    let found = infer::get(start);
    if let (None, Some(media)) = (found, iso_media(start).or_else(|| mpeg_ts(start))) {
        return Ok(media);
    }
    match found {
        Some(kind)
            if (matches!(kind.matcher_type(), MatcherType::Image | MatcherType::Video)
                || kind.extension() == "pdf")
                && is_genuine(kind.extension(), start) =>
        {
            Ok((kind.mime_type(), kind.extension()))
        }
        _ => Err(format!(
            "is not a picture, a video or a PDF by its content{}; a security rule allows only these uploads",
            found
                .filter(|kind| !matches!(
                    kind.matcher_type(),
                    MatcherType::Image | MatcherType::Video
                ))
                .map(|kind| format!(" ({})", kind.mime_type()))
                .unwrap_or_default()
        )),
    }
}

/// Whether it is a web page, also one behind a byte order mark or in XHTML.
pub(super) fn is_html(start: &[u8]) -> bool {
    let is_known = infer::get(start).is_some_and(|kind| kind.mime_type() == "text/html");
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    is_known || text.starts_with('<') && (text.contains("<html") || text.contains("<!doctype html"))
}

/// Whether a file is really what its magic number says: some magic numbers are so short that a text can begin with them.
fn is_genuine(ending: &str, start: &[u8]) -> bool {
    let has = |at: usize, bytes: &[u8]| start.get(at..).is_some_and(|rest| rest.starts_with(bytes));
    // An MPEG-4 or QuickTime box begins with its length; four letters read as a number are far too large.
    let is_box = |least: u32| {
        number(start, 0).is_some_and(|length| (least..MAX_FIRST_BOX).contains(&length))
    };
    let is_kind = match ending {
        "pdf" => has(0, b"%PDF-") || has(3, b"%PDF-"),
        "png" => has(0, b"\x89PNG\r\n\x1a\n"),
        "gif" => has(0, b"GIF87a") || has(0, b"GIF89a"),
        "webp" => has(0, b"RIFF"),
        "avi" => has(8, b"AVI "),
        "bmp" => is_bmp(start),
        "ico" => !has(4, &[0, 0]) && has(9, &[0]) && start.len() >= 22,
        "psd" => has(4, &[0, 1]) || has(4, &[0, 2]),
        "jxr" => has(3, &[1]),
        "flv" => {
            has(3, &[1])
                && start.get(4).is_some_and(|flags| flags & !5 == 0)
                && number(start, 5) == Some(9)
        }
        "mp4" | "m4v" | "heif" | "avif" => is_box(16),
        "mov" if has(4, b"ftyp") => is_box(16),
        "mov" if has(12, b"mdat") => is_box(8),
        // A drawing is not a picture, and its magic number is only six letters.
        "dwg" => false,
        _ => true,
    };
    is_kind && (ending == "pdf" || !is_text(start))
}

/// Media of the ISO base media format by its first box: a brand that is neither audio nor a picture is a video.
///
/// Cameras and phones have brands of their own, such as `XAVC` or `3gp4`, so the brands of videos are not listed.
fn iso_media(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let size = number(start, 0).filter(|size| (16..MAX_FIRST_BOX).contains(size))? as usize;
    let is_name = |name: &[u8]| name.iter().all(|c| c.is_ascii_graphic() || *c == b' ');
    let brand = start.get(8..12).filter(|brand| is_name(brand))?;
    let next = start.get(size + 4..size + 8);
    if start.get(4..8)? != b"ftyp" || next.is_some_and(|name| !is_name(name)) || is_text(start) {
        return None;
    }
    match brand {
        b"M4A " | b"M4B " | b"M4P " | b"F4A " | b"F4B " | b"aax " | b"aaxc" => None,
        b"crx " => Some(("image/x-canon-cr3", "cr3")),
        b"avis" | b"avio" => Some(("image/avif", "avif")),
        // Pictures and sequences of them in HEIF.
        [b'h', b'e', b'i', _]
        | [b'h', b'e', b'v', b'c' | b'm' | b's' | b'x']
        | [b'm', b'i', b'f' | b'a', _]
        | b"msf1"
        | b"avci"
        | b"avcs"
        | b"jpeg"
        | b"jpgs" => Some(("image/heif", "heic")),
        [b'3', b'g', b'2', _] => Some(("video/3gpp2", "3g2")),
        [b'3', b'g', ..] => Some(("video/3gpp", "3gp")),
        _ => Some(("video/mp4", "mp4")),
    }
}

/// An MPEG transport stream by the first byte of each packet; those of cameras begin with a time stamp.
fn mpeg_ts(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let has_packets = |(first, length): &(usize, usize)| {
        let mut packets = start.iter().skip(*first).step_by(*length);
        start.len() > first + length && packets.all(|byte| *byte == 0x47)
    };
    let is_stream = [(0, 188), (4, 192)].iter().any(has_packets) && !is_text(start);
    is_stream.then_some(("video/mp2t", "ts"))
}

/// A bitmap has a header length, which is one of few values.
fn is_bmp(start: &[u8]) -> bool {
    let little = |at: usize| number(start, at).map(u32::swap_bytes);
    let has_size = little(2).is_some_and(|size| size == 0 || size >= 26);
    let has_header =
        little(14).is_some_and(|size| matches!(size, 12 | 40 | 52 | 56 | 64 | 108 | 124));
    has_size && has_header
}

/// No picture and no video is readable text from its first byte.
fn is_text(start: &[u8]) -> bool {
    let is_cut = |error: std::str::Utf8Error| error.error_len().is_none();
    let has_control = start
        .iter()
        .any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31));
    !has_control && std::str::from_utf8(start).err().is_none_or(is_cut)
}

/// The big-endian number in four bytes.
fn number(start: &[u8], at: usize) -> Option<u32> {
    let bytes = start.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn bmp(size: u32, header: u32) -> Vec<u8> {
        let mut bytes = b"BM".to_vec();
        for number in [size, 0, 54, header, 1, 1] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// Each text or partial header beside a genuine file of its type.
    #[rstest]
    #[case("bmp", bmp(58, 40), b"BMW keys: hunter2, and more of them".to_vec())]
    #[case("bmp", bmp(0, 124), bmp(58, 41))]
    #[case("flv", b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(), b"FLV\x01 secrets of the house".to_vec())]
    #[case("gif", b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), b"GIFT CARDS 1234".to_vec())]
    #[case("webp", b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), b"notes onWEBP and others".to_vec())]
    #[case("avi", b"RIFF\x24\0\0\0AVI LIST".to_vec(), b"RIFF and AVI, a love story".to_vec())]
    #[case("mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ".to_vec(), b"keepmoov the secrets".to_vec())]
    #[case("mov", b"\0\0\x10\0moov\0\0\0\x6cmvhd".to_vec(), b"secret key: mdat and".to_vec())]
    #[case("mp4", b"\0\0\0\x18ftypisom\0\0\x02\0isom".to_vec(), b"see ftypisom in the spec".to_vec())]
    #[case("m4v", b"\0\0\0\x18ftypM4V \0\0\x02\0M4V ".to_vec(), b"see ftypM4V in the spec".to_vec())]
    #[case("psd", b"8BPS\0\x01\0\0\0\0\0\0\0\x03".to_vec(), b"8BPS is how they begin".to_vec())]
    #[case("ico", [&b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0"[..], &[0; 16]].concat(), b"\0\0\x01\0passwords of all".to_vec())]
    #[case("djvu", b"AT&TFORM\0\0\x01\0DJVMDIRM".to_vec(), b"AT&TFORM1234DJVM said".to_vec())]
    #[case("pdf", b"%PDF-1.7 text".to_vec(), b"%PDFs of the house".to_vec())]
    #[case("png", b"\x89PNG\r\n\x1a\nrest".to_vec(), b"\x89PNG and text".to_vec())]
    fn a_few_letters_make_no_picture(
        #[case] ending: &str,
        #[case] real: Vec<u8>,
        #[case] text: Vec<u8>,
    ) {
        assert_eq!(sniff_mime(&real).unwrap().1, ending);
        let why = sniff_mime(&text).unwrap_err();
        assert!(why.starts_with("is not a picture"), "{why}");
    }

    #[rstest]
    #[case(b"XAVC", "mp4")]
    #[case(b"3gp4", "3gp")]
    #[case(b"3ge6", "3gp")]
    #[case(b"3g2a", "3g2")]
    #[case(b"av01", "mp4")]
    #[case(b"hvc1", "mp4")]
    #[case(b"hev1", "mp4")]
    #[case(b"iso8", "mp4")]
    #[case(b"cmfc", "mp4")]
    #[case(b"pana", "mp4")]
    #[case(b"heic", "heif")]
    #[case(b"hevc", "heic")]
    #[case(b"msf1", "heic")]
    #[case(b"heis", "heic")]
    #[case(b"mif1", "heic")]
    #[case(b"avif", "avif")]
    #[case(b"crx ", "cr3")]
    fn iso_media_is_known_by_its_structure(#[case] brand: &[u8; 4], #[case] extension: &str) {
        let start = [b"\0\0\0\x14ftyp", &brand[..], b"\0\0\0\0", brand].concat();
        assert_eq!(sniff_mime(&start).unwrap().1, extension);
        let followed = [&start[..], b"\0\0\0\x08free"].concat();
        assert_eq!(sniff_mime(&followed).unwrap().1, extension);
    }

    #[rstest]
    #[case(b"\0\0\0\x14ftypM4A \0\0\0\0M4A ".to_vec())]
    #[case(b"\0\0\0\x14ftyp\x01\x02\x03\x04\0\0\0\0isom".to_vec())]
    #[case(b"\0\0\0\x14ftypzzzz\0\0\0\0zzzz\0\0\0\x08\x01\x02\x03\x04".to_vec())]
    #[case(b"\x20\0\0\x14ftypzzzz\0\0\0\0zzzz".to_vec())]
    #[case(b"see ftypXAVC in the spec".to_vec())]
    #[case([b'G'; 400].to_vec())]
    #[case([b"G\0\0", &[0; 400][..]].concat())]
    fn what_only_begins_like_a_video_is_none(#[case] bytes: Vec<u8>) {
        assert!(sniff_mime(&bytes).is_err());
    }

    #[test]
    fn a_transport_stream_is_a_video_with_and_without_time_stamps() {
        let packet = [&b"\x47\x40\0\x10"[..], &[0xff; 184]].concat();
        assert_eq!(sniff_mime(&packet.repeat(3)).unwrap().1, "ts");
        let stamped = [&[0; 4][..], &packet].concat();
        assert_eq!(sniff_mime(&stamped.repeat(43)).unwrap().1, "ts");
    }

    #[test]
    fn a_drawing_is_not_a_picture() {
        assert!(sniff_mime(b"AC1015\0\0\0\0\0\x06\x01").is_err());
    }
}
