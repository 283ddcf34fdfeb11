//! Pictures as test data, and the uploads that reached Saki.

use std::path::Path;

use saki_mcp::tools::UploadPaths;
use sha2::{Digest, Sha256};

use crate::support::server_under_test::World;

/// The first bytes of a PNG of 1200 by 630 pixels.
pub(crate) const HEAD: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02\x76\x08\x06\0\0\0";

/// A PNG of this size, whole if that is at least 57 bytes.
pub(crate) fn picture(bytes: usize) -> Vec<u8> {
    let data = bytes.saturating_sub(57);
    let mut picture = [HEAD, b"crc!", &(data as u32).to_be_bytes(), b"IDAT"].concat();
    picture.extend((0..data).map(|index| (index % 251) as u8));
    picture.extend(b"crc!\0\0\0\0IEND\xaeB`\x82");
    picture.truncate(bytes);
    picture
}

pub(crate) async fn reading(folder: &Path) -> World {
    let below = UploadPaths::Below(vec![folder.to_owned()]);
    World::with(Default::default(), |settings| settings.upload_paths = below).await
}

pub(crate) fn sum(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A PNG of 1 by 1 pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mOoBwAAgQCAfhwpxwAAAABJRU5ErkJggg==";

/// The names of the files that reached Saki.
pub(crate) fn uploads(world: &World) -> Vec<String> {
    let files = world.writes().into_iter().flat_map(|call| call.uploads);
    files.map(|file| file.filename).collect()
}
