//! Completeness: whether a picture ends before its end, as after a cut copy, and whether a GIF is animated; by structure.

use std::io::{self, BufRead, ErrorKind, Read};

/// A larger picture is not read for this.
pub(super) const MAX_SIZE: u64 = 128 * 1024 * 1024;

/// What the structure of a picture shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Completeness {
    pub(super) is_cut: bool,
    pub(super) is_animated: bool,
}

impl Completeness {
    /// Of a file that is read from its start; what cannot be read or is not known counts as whole.
    pub(super) fn of(mime: &str, size: u64, mut file: &mut dyn BufRead) -> Self {
        let mut frames = 0;
        let walked = match mime {
            "image/png" => png(&mut file),
            "image/jpeg" => jpeg(&mut file),
            "image/gif" => gif(&mut file, &mut frames),
            "image/webp" => array(&mut file).and_then(|[_, _, _, _, length @ ..]: [u8; 8]| {
                is_within(u64::from(u32::from_le_bytes(length)) + 8, size)
            }),
            "image/bmp" => array(&mut file).and_then(|[_, _, length @ ..]: [u8; 6]| {
                is_within(u32::from_le_bytes(length).into(), size)
            }),
            "image/heif" | "image/avif" => boxes(&mut file),
            _ => Ok(()),
        };
        Self {
            is_cut: walked.is_err_and(|error| error.kind() == ErrorKind::UnexpectedEof),
            is_animated: frames > 1,
        }
    }
}

/// Checks the length in a header.
fn is_within(length: u64, size: u64) -> io::Result<()> {
    match length > size {
        true => Err(ErrorKind::UnexpectedEof.into()),
        false => Ok(()),
    }
}

/// Chunks up to `IEND`.
fn png(file: &mut impl BufRead) -> io::Result<()> {
    skip(file, 8)?;
    loop {
        let length = u32::from_be_bytes(array(file)?);
        let kind: [u8; 4] = array(file)?;
        skip(file, u64::from(length) + 4)?;
        if kind == *b"IEND" {
            return Ok(());
        }
    }
}

/// Segments, and the picture data between them, up to the end marker; a preview in a segment has an end marker of its own.
fn jpeg(file: &mut impl BufRead) -> io::Result<()> {
    skip(file, 2)?;
    loop {
        let [prefix, mut marker] = array(file)?;
        while marker == 0xff {
            [marker] = array(file)?;
        }
        match (prefix, marker) {
            (0xff, 0xd9) => return Ok(()),
            (0xff, 0x01 | 0xd0..=0xd8) => continue,
            (0xff, _) => {}
            _ => return Ok(()),
        }
        skip_segment(file)?;
        while marker == 0xda {
            if file.skip_until(0xff)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let [next] = array(file)?;
            match next {
                // A stuffed byte, a restart or a fill byte: the data goes on.
                0 | 0xd0..=0xd7 | 0xff => {}
                0xd9 => return Ok(()),
                next => {
                    skip_segment(file)?;
                    marker = next;
                    // Another scan can follow behind its tables.
                    if next != 0xda {
                        break;
                    }
                }
            }
        }
    }
}

fn skip_segment(file: &mut impl BufRead) -> io::Result<()> {
    let length = u16::from_be_bytes(array(file)?);
    skip(file, u64::from(length).saturating_sub(2))
}

/// Blocks up to the trailer; counts the frames.
fn gif(file: &mut impl BufRead, frames: &mut u32) -> io::Result<()> {
    let [.., flags, _, _]: [u8; 13] = array(file)?;
    skip_palette(file, flags)?;
    loop {
        match array(file)? {
            [0x3b] => return Ok(()),
            [0x21] => skip(file, 1)?,
            [0x2c] => {
                *frames += 1;
                let [.., flags]: [u8; 9] = array(file)?;
                skip_palette(file, flags)?;
                skip(file, 1)?;
            }
            _ => return Ok(()),
        }
        loop {
            match array(file)? {
                [0] => break,
                [length] => skip(file, length.into())?,
            }
        }
    }
}

fn skip_palette(file: &mut impl BufRead, flags: u8) -> io::Result<()> {
    match flags & 0x80 {
        0 => Ok(()),
        _ => skip(file, 3 << ((flags & 7) + 1)),
    }
}

/// Boxes of the ISO base media format up to the end of the file.
fn boxes(file: &mut impl BufRead) -> io::Result<()> {
    while !file.fill_buf()?.is_empty() {
        let length = u32::from_be_bytes(array(file)?);
        skip(file, 4)?;
        match length {
            0 => return Ok(()),
            1 => {
                let length = u64::from_be_bytes(array(file)?);
                skip(file, length.saturating_sub(16))?;
            }
            length => skip(file, u64::from(length).saturating_sub(8))?,
        }
    }
    Ok(())
}

fn array<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(file: &mut impl Read, count: u64) -> io::Result<()> {
    match io::copy(&mut file.take(count), &mut io::sink())? == count {
        true => Ok(()),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x02IDATxxcrc!\0\0\0\0IEND\xaeB`\x82";
    /// With a preview in its first segment, two scans and stuffed bytes.
    const JPEG: &[u8] = b"\xff\xd8\xff\xe1\0\x08\xff\xd8\xff\xd9ab\xff\xda\0\x03xdata\xff\0\xff\xd0more\xff\xc4\0\x03x\xff\xda\0\x03xdata\xff\xd9";
    const STILL: &[u8] =
        b"GIF89a\x01\0\x01\0\x80\0\0abcdef\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\x3b";
    const ANIMATED: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01D\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01D\0\x3b";
    const WEBP: &[u8] = b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0data";
    const BMP: &[u8] = b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0data";
    const HEIC: &[u8] = b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x0cmdatdata";

    #[rstest]
    #[case("image/png", PNG, false)]
    #[case("image/jpeg", JPEG, false)]
    #[case("image/gif", STILL, false)]
    #[case("image/gif", ANIMATED, true)]
    #[case("image/webp", WEBP, false)]
    #[case("image/bmp", BMP, false)]
    #[case("image/heif", HEIC, false)]
    fn a_picture_is_whole_with_its_last_byte_only(
        #[case] mime: &str,
        #[case] bytes: &[u8],
        #[case] is_animated: bool,
    ) {
        let of = |bytes: &[u8]| Completeness::of(mime, bytes.len() as u64, &mut &bytes[..]);
        let whole = Completeness {
            is_cut: false,
            is_animated,
        };
        assert_eq!(of(bytes), whole);
        // Cameras append data of their own.
        let longer = [
            bytes,
            if mime == "image/heif" {
                b""
            } else {
                b"trailer"
            },
        ]
        .concat();
        assert_eq!(of(&longer), whole);
        for length in [bytes.len() - 1, bytes.len() - 3, 20] {
            assert!(of(&bytes[..length.min(bytes.len() - 1)]).is_cut, "{length}");
        }
    }
}
