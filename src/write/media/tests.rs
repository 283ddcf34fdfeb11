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
    fs::create_dir_all(at("closed")).unwrap();
    fs::write(at("open/cake.png"), PNG).unwrap();
    fs::write(at("open/deep/cake.png"), PNG).unwrap();
    fs::write(at("open/.hidden/cake.png"), PNG).unwrap();
    fs::write(at("closed/cake.png"), PNG).unwrap();
    fs::write(at("open/empty.png"), b"").unwrap();
    fs::write(at("open/notes.png"), b"just text").unwrap();
    fs::write(
        at("open/program.png"),
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
    )
    .unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("closed/cake.png"), at("open/link-out.png")).unwrap();
        std::os::unix::fs::symlink(at("open/deep/cake.png"), at("open/link-in.png")).unwrap();
        std::process::Command::new("mkfifo")
            .arg(at("open/pipe.png"))
            .status()
            .unwrap();
    }
    folder
}

fn look(folder: &Path, given: &str) -> Result<Source, String> {
    find(
        &given.replace("$", folder.to_str().unwrap()),
        &[folder.join("open")],
        None,
    )
}

#[rstest]
#[case("$/open/cake.png")]
#[case("$/open/deep/../cake.png")]
#[case("cake.png")]
#[case("deep/cake.png")]
#[case("$/open/link-in.png")]
fn a_picture_below_an_open_folder_is_found(#[case] given: &str) {
    let folder = folder();
    let source = look(folder.path(), given).unwrap();
    assert_eq!(
        (source.mime, source.size()),
        ("image/png", PNG.len() as u64)
    );
}

#[rstest]
#[case("$/closed/cake.png", "outside")]
#[case("../closed/cake.png", "outside")]
#[case("$/open/../closed/cake.png", "outside")]
#[case("$/open/link-out.png", "outside")]
#[case("/etc/passwd", "outside")]
#[case("/dev/zero", "outside")]
#[case("$/open/.hidden/cake.png", "hidden")]
#[case("$/open/deep", "directory")]
#[case("$/open/pipe.png", "pipe")]
#[case("$/open/none.png", "does not exist")]
#[case("$/open/cake.png/x", "does not exist")]
#[case("$/open/empty.png", "empty")]
#[case("$/open/notes.png", "not a picture")]
#[case("$/open/program.png", "not a picture")]
#[case("cake\0.png", "not a path")]
#[case("", "not a path")]
fn what_may_not_go_out_is_refused_with_a_sentence(#[case] given: &str, #[case] why: &str) {
    let folder = folder();
    let said = look(folder.path(), given).unwrap_err();
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_hidden_folder_is_read_when_it_is_the_one_that_was_opened() {
    let folder = folder();
    let hidden = folder.path().join("open/.hidden");
    assert!(find("cake.png", &[hidden], None).is_ok());
}
