use super::*;
use rstest::rstest;
use std::fs;
use std::path::Path;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("open/deep")).unwrap();
    fs::create_dir_all(at("open/.hidden")).unwrap();
    fs::create_dir_all(at("open-too")).unwrap();
    fs::create_dir_all(at("closed")).unwrap();
    for place in [
        "open/cake.png",
        "open/deep/cake.png",
        "open/.hidden/cake.png",
        "open/file.png",
        "open-too/cake.png",
        "closed/cake.png",
    ] {
        fs::write(at(place), PNG).unwrap();
    }
    fs::write(at("open/empty.png"), b"").unwrap();
    fs::write(at("open/notes.png"), b"just text").unwrap();
    let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
    fs::write(at("open/program.png"), program).unwrap();
    fs::write(at("open/page.png"), b"<!DOCTYPE html><html>").unwrap();
    fs::write(at("open/packed.png"), b"\x1f\x8b\x08\0\0\0\0\0\0\x03").unwrap();
    fs::write(at("open/keys.png"), b"PK\x03\x04\x14\0\0\0").unwrap();
    #[cfg(unix)]
    {
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(at(to), at(from)).unwrap();
        link("closed/cake.png", "open/link-out.png");
        link("closed/none.png", "open/link-nowhere.png");
        link("closed", "open/folder-out");
        link("open/deep/cake.png", "open/link-in.png");
        link("open/.hidden", "open/not-hidden");
        std::process::Command::new("mkfifo")
            .arg(at("open/pipe.png"))
            .status()
            .unwrap();
        std::os::unix::net::UnixListener::bind(at("open/socket.png")).unwrap();
    }
    folder
}

fn open_in(folder: &Path, given: &str) -> Result<MediaSource, String> {
    open_path(
        &given.replace('$', folder.to_str().unwrap()),
        &[folder.join("open")],
        None,
    )
    .map(|(source, _)| source)
}

const CAKE: &str = "$/open/cake.png";

/// Each hostile path beside a harmless one of the same kind.
#[rstest]
#[case("$/closed/cake.png", "outside", CAKE)]
#[case("../closed/cake.png", "outside", "deep/../cake.png")]
#[case("$/open/../closed/cake.png", "outside", "$/open/deep/../cake.png")]
#[case("deep/../../closed/cake.png", "outside", "deep/../deep/cake.png")]
#[case("$/open-too/cake.png", "outside", "$/open//cake.png")]
#[case("$/open/link-out.png", "outside", "$/open/link-in.png")]
#[case("$/open/folder-out/cake.png", "outside", "$/open/deep/cake.png")]
#[case("$/open/not-hidden/cake.png", "hidden", "$/open/./cake.png")]
#[case("/etc/passwd", "outside", CAKE)]
#[case("/dev/zero", "outside", CAKE)]
#[case("/proc/self/environ", "outside", CAKE)]
#[case("~/.ssh/id_ed25519", "outside", CAKE)]
#[case("$/open/.hidden/cake.png", "hidden", "deep/cake.png")]
#[case("$/open/.hidden/none.png", "hidden", "deep/cake.png")]
#[case("$/open/deep", "directory", "$/open/deep/cake.png")]
#[case("$/open/", "directory", CAKE)]
#[case("$/open/pipe.png", "pipe", CAKE)]
#[case("$/open/socket.png", "socket", CAKE)]
#[case("$/open/none.png", "does not exist", CAKE)]
#[case("$/open/cake.png/x", "does not exist", CAKE)]
#[case("$/open/none/../cake.png", "outside", "$/open/deep/../cake.png")]
#[case("%2e%2e/closed/cake.png", "does not exist", "cake.png")]
#[case("..\\closed\\cake.png", "hidden", "cake.png")]
#[case("$/open/empty.png", "empty", CAKE)]
#[case("$/open/notes.png", "not a picture", CAKE)]
#[case("$/open/program.png", "security rule", CAKE)]
#[case("$/open/page.png", "text/html", CAKE)]
#[case("$/open/packed.png", "application/gzip", CAKE)]
#[case("$/open/keys.png", "not a picture", CAKE)]
#[case("file:///etc/passwd", "outside", "FILE://$/open/cake.png")]
#[case(
    "file://$/open/../closed/cake.png",
    "outside",
    "file://$/open/deep/../cake.png"
)]
#[case(
    "file://$/open/%2e%2e/closed/cake.png",
    "outside",
    "file://$/open/%63ake.png"
)]
#[case("file://$/open/.hidden/cake.png", "hidden", "file:$/open/cake.png")]
#[case(
    "file://$/open/cake.png%00.txt",
    "not a path",
    "file://localhost$/open/cake.png"
)]
#[case("\"../closed/cake.png\"", "outside", "\"deep/../cake.png\"")]
#[case("\"$/closed/cake.png\"", "outside", "\"$/open/cake.png\"")]
#[case("\"%2e%2e/closed/cake.png\"", "does not exist", "\"%63ake.png\"")]
#[case("\"/etc/passwd\"", "outside", "“cake.png”")]
#[case("'.hidden/cake.png'", "hidden", "'deep/cake.png'")]
#[case("%2ehidden/cake.png", "does not exist", "deep%2fcake.png")]
#[case("\\.hidden/cake.png", "does not exist", "deep\\/cake.png")]
#[case("\\.\\./closed/cake.png", "does not exist", "\\./cake.png")]
#[case("\u{200b}.hidden/cake.png", "does not exist", "cake\u{200b}.png")]
#[case("folder-out/ca\u{200b}ke.png", "outside", "deep/ca\u{200b}ke.png")]
#[case(
    "folder\u{2011}out/cake.png",
    "does not exist",
    "deep/\u{feff}cake.png"
)]
#[case("link\u{2010}out.png", "does not exist", "link\u{2010}in.png")]
#[case("$/closed/ca\u{200b}ke.png", "outside", "$/open/ca\u{200b}ke.png")]
#[case("/mnt/user-data/uploads/cake.png", "belongs to the chat", "cake.png")]
#[case("/mnt/data/cake.png", "belongs to the chat", "cake.png")]
#[case("C:\\Users\\me\\cake.png", "/mnt/c/Users/me/cake.png", "cake.png")]
#[case(
    "\\\\wsl.localhost\\Ubuntu\\etc\\passwd",
    "a path of Windows",
    "\\\\wsl.localhost\\Ubuntu$/open/cake.png"
)]
#[case("@../closed/cake.png", "outside", "@cake.png")]
#[case("[a](../closed/cake.png)", "outside", "[a](cake.png)")]
#[case(
    "deep\\..\\..\\closed\\cake.png",
    "does not exist",
    "deep\\..\\cake.png"
)]
#[case("deep\\..\\.hidden\\cake.png", "does not exist", "deep\\cake.png")]
#[case("cake\0.png", "not a path", "cake.png")]
#[case("", "not a path", " cake.png ")]
fn a_hostile_path_is_refused_with_a_sentence_and_its_twin_is_opened(
    #[case] hostile: &str,
    #[case] why: &str,
    #[case] benign: &str,
) {
    let folder = folder();
    let refusal = open_in(folder.path(), hostile).unwrap_err();
    assert!(refusal.contains(why), "{hostile}: {refusal}");
    let upload = open_in(folder.path(), benign).unwrap().planned_upload();
    assert_eq!(
        (upload.mime.as_deref(), upload.size),
        (Some("image/png"), Some(PNG.len() as u64))
    );
}

#[test]
fn a_refusal_does_not_reveal_whether_a_file_outside_exists() {
    let folder = folder();
    for (there, not_there) in [
        ("$/closed/cake.png", "$/closed/none.png"),
        ("../closed/cake.png", "../closed/none.png"),
        ("$/open/folder-out/cake.png", "$/open/folder-out/none.png"),
        ("$/open/link-out.png", "$/open/link-nowhere.png"),
        ("/etc/passwd", "/etc/no-such-file"),
        ("/etc/passwd", "/no-such-folder/x"),
        ("/etc", "/etc/passwd/x"),
        ("$/open/.hidden/cake.png", "$/open/.hidden/none.png"),
        ("\"$/closed/cake.png\"", "\"$/closed/none.png\""),
        ("file://$/closed/cake.png", "file://$/closed/none.png"),
        ("%2e%2e/closed/cake.png", "%2e%2e/closed/none.png"),
        (".hidden/ca\u{200b}ke.png", ".hidden/no\u{200b}ne.png"),
        ("\u{200b}.hidden/cake.png", "\u{200b}.none/cake.png"),
        ("folder\u{2011}out/cake.png", "folder\u{2011}out/none.png"),
        (
            "folder\u{2011}out/ca\u{200b}ke.png",
            "folder\u{2011}out/none.png",
        ),
        (
            "closed/../../closed/ca\u{200b}ke.png",
            "closed/../../closed/none.png",
        ),
        ("$/closed/ca\u{200b}ke.png", "$/closed/no\u{200b}ne.png"),
    ] {
        let refusal = |given: &str| open_in(folder.path(), given).unwrap_err();
        assert_eq!(refusal(there), refusal(not_there), "{not_there}");
    }
}

#[test]
fn a_hidden_folder_is_read_when_it_is_an_allowed_folder_itself() {
    let folder = folder();
    let hidden = folder.path().join("open/.hidden");
    assert!(open_path("cake.png", &[hidden], None).is_ok());
}

#[cfg(unix)]
#[test]
fn the_only_file_that_looks_the_same_is_taken_and_two_are_refused() {
    let folder = folder();
    let on_disk = [
        "Screenshot 2026-11-27 at 9.41.00\u{202f}AM.png",
        "caf\u{65}\u{301}.png",
        "Anna’s cake.png",
        "two\u{a0}cakes.png",
        "two\u{202f}cakes.png",
        "deep/no\u{a0}break.png",
    ];
    for name in on_disk {
        fs::write(folder.path().join("open").join(name), PNG).unwrap();
    }
    let open = folder.path().join("open").canonicalize().unwrap();
    let read = |given: &str| open_path(given, &[folder.path().join("open")], None);
    for (given, on_disk) in [
        ("Screenshot 2026-11-27 at 9.41.00 AM.png", on_disk[0]),
        (
            "\"Screenshot 2026-11-27 at 9.41.00\u{a0}AM.png\"",
            on_disk[0],
        ),
        (
            "Screenshot\\ 2026-11-27\\ at\\ 9.41.00\\ AM.png",
            on_disk[0],
        ),
        ("caf\u{e9}.png", on_disk[1]),
        ("caf%C3%A9.png", on_disk[1]),
        ("Anna's cake.png", on_disk[2]),
        ("deep/no break.png", on_disk[5]),
    ] {
        let (_, path) = read(given).unwrap();
        assert_eq!(path, Some(open.join(on_disk)), "{given}");
    }
    // As written it is one file, whatever else looks like it.
    assert_eq!(read(on_disk[3]).unwrap().1, None);
    let refusal = read("two cakes.png").unwrap_err();
    assert!(refusal.contains("2 files look the same"), "{refusal}");
    assert!(read("Cafe.png").is_err());
}

#[cfg(unix)]
#[rstest]
#[case("open/deep", true)]
#[case("open/deep/cake.png", false)]
fn a_symlink_that_appears_after_the_check_is_not_followed(
    #[case] swapped: &str,
    #[case] is_folder: bool,
) {
    let folder = folder();
    let roots = [folder.path().join("open")];
    let locate = || local_path::locate(Path::new("deep/cake.png"), &roots).unwrap();
    assert!(local_path::open(&locate(), None).is_ok());
    let checked = locate();
    let swapped = folder.path().join(swapped);
    fs::rename(&swapped, folder.path().join("aside")).unwrap();
    let closed = folder.path().join("closed");
    let target = if is_folder {
        closed
    } else {
        closed.join("cake.png")
    };
    std::os::unix::fs::symlink(target, swapped).unwrap();
    assert!(local_path::open(&checked, None).is_err());
}

#[cfg(unix)]
#[test]
fn the_sniffed_bytes_are_the_uploaded_ones() {
    let folder = folder();
    let path = folder.path().join("open/cake.png");
    let Ok(MediaSource::Local(opened, _)) = open_in(folder.path(), CAKE) else {
        panic!("not found");
    };
    fs::write(&path, [b'x'; 100]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let file = opened.into_upload(std::sync::Arc::new(|_| {}));
    let sent = runtime.block_on(async {
        let (body, size) = (file.open)().await.unwrap();
        let body = http_body_util::BodyExt::collect(body).await.unwrap();
        (body.to_bytes(), size)
    });
    assert_eq!((sent.0.as_ref(), sent.1), (PNG, PNG.len() as u64));
}
