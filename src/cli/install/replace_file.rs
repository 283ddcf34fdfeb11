//! Replacing a file whole: lock, backup, new content beside it, rename; owner, mode and links stay as they were.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use tempfile::NamedTempFile;

/// How long one installation waits for another that writes to the same folder.
const LOCK_TIME: Duration = Duration::from_secs(10);
/// The end of the names of backups.
const BACKUP_ENDING: &str = ".saki-mcp.bak";
/// The start of the names of files whose writing was interrupted.
const TEMPORARY: &str = ".saki-mcp-install-";

/// A file that is going to be replaced, locked against other installations.
pub(super) struct LockedFile {
    /// The file itself, behind all links.
    pub(super) path: PathBuf,
    folder: PathBuf,
    /// Whether others in the project read a new file too.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has modes"))]
    is_shared: bool,
    _lock: Option<File>,
}

impl LockedFile {
    /// Locks the folder of a file and creates it where it is missing.
    pub(super) fn open(path: &Path, is_shared: bool) -> anyhow::Result<Self> {
        let path = behind_links(path);
        let folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
        create_folders(&folder).with_context(|| {
            format!(
                "the folder {} could not be created. Nothing was changed",
                folder.display()
            )
        })?;
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            bail!(
                "{} is a file where a folder is needed. Move it away",
                folder.display()
            );
        }
        let lock = lock(&folder)?;
        remove_leftovers(&folder);
        Ok(Self {
            path,
            folder,
            is_shared,
            _lock: lock,
        })
    }

    /// Replaces the content, unless the file is no longer what was read. Returns the path of the backup.
    pub(super) fn replace(
        &self,
        was: Option<&[u8]>,
        content: &[u8],
        keeps_backup: bool,
    ) -> anyhow::Result<Option<PathBuf>> {
        self.refuse_read_only()?;
        let unchanged = || "the file is as it was";
        let backup = match was {
            Some(was) if keeps_backup => Some(self.back_up(was).with_context(|| {
                format!(
                    "the backup could not be written. Make room or check the rights of {}; {}",
                    self.folder.display(),
                    unchanged()
                )
            })?),
            _ => None,
        };
        let written = self.write_beside(content).with_context(|| {
            format!(
                "the new content could not be written. Make room or check the rights of {}; {}",
                self.folder.display(),
                unchanged()
            )
        });
        let renamed = written.and_then(|temporary| {
            let is = match fs::read(&self.path) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error.into()),
            };
            if is.as_deref() != was {
                bail!("another program changed the file at the same moment. Nothing was written; run the command again");
            }
            let persisted = temporary.persist(&self.path).map_err(|error| error.error);
            persisted.with_context(|| format!("the file could not be replaced; {}", unchanged()))?;
            Ok(())
        });
        if let Err(error) = renamed {
            // It holds what the file still holds.
            backup
                .iter()
                .for_each(|backup| drop(fs::remove_file(backup)));
            return Err(error);
        }
        sync_folder(&self.folder);
        Ok(backup)
    }

    /// Removes a file that holds nothing but what an installation wrote.
    pub(super) fn delete(&self) -> anyhow::Result<()> {
        self.refuse_read_only()?;
        fs::remove_file(&self.path).context("the file could not be removed")
    }

    /// The backups of the file, the newest first.
    pub(super) fn backups(&self) -> Vec<PathBuf> {
        let prefix = format!("{}.", file_name(&self.path));
        let is_backup = |path: &PathBuf| {
            let name = file_name(path);
            name.starts_with(&prefix) && name.ends_with(BACKUP_ENDING)
        };
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut backups: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(is_backup)
            .collect();
        backups.sort();
        backups.reverse();
        backups
    }

    fn refuse_read_only(&self) -> anyhow::Result<()> {
        let is_read_only = |path: &Path| {
            fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly())
        };
        if is_read_only(&self.path) {
            bail!("the file is read-only, so it was not changed. Make it writable and try again");
        }
        // On Windows, the mark on a folder means something else.
        if cfg!(unix) && is_read_only(&self.folder) {
            bail!(
                "the folder {} is read-only, so the file was not changed. Make it writable and try again",
                self.folder.display()
            );
        }
        Ok(())
    }

    fn back_up(&self, content: &[u8]) -> io::Result<PathBuf> {
        let now = jiff::Timestamp::now();
        for millisecond in 0..1000 {
            let time = now + Duration::from_millis(millisecond);
            let stamp = time.strftime("%Y%m%d-%H%M%S-%3f");
            let path = self
                .folder
                .join(format!("{}.{stamp}{BACKUP_ENDING}", file_name(&self.path)));
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => opened?,
            };
            let written = file
                .write_all(content)
                .and_then(|()| self.keep_rights(&file))
                .and_then(|()| file.sync_all());
            if let Err(error) = written {
                drop(fs::remove_file(&path));
                return Err(error);
            }
            return Ok(path);
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    fn write_beside(&self, content: &[u8]) -> anyhow::Result<NamedTempFile> {
        let mut temporary = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.folder)?;
        temporary.write_all(content)?;
        self.keep_rights(temporary.as_file())?;
        temporary.as_file().sync_all()?;
        Ok(temporary)
    }

    /// Gives a file the owner and the mode of the one it stands in for.
    #[cfg(unix)]
    fn keep_rights(&self, file: &File) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let own = file.metadata()?;
        let (mode, like) = match fs::metadata(&self.path) {
            Ok(metadata) => (metadata.permissions().mode(), metadata),
            Err(_) => (
                if self.is_shared { 0o644 } else { 0o600 },
                fs::metadata(&self.folder)?,
            ),
        };
        if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
            let is_new = !self.path.exists();
            // Only root can give a file away. A new file may also belong to whoever made it.
            match fchown(file, Some(like.uid()), Some(like.gid())) {
                Err(error) if !is_new => return Err(error),
                _ => {}
            }
        }
        file.set_permissions(fs::Permissions::from_mode(mode & 0o7777))
    }

    #[cfg(not(unix))]
    fn keep_rights(&self, _: &File) -> io::Result<()> {
        Ok(())
    }
}

/// The file that a link leads to, so that the link itself stays.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    let target = is_link.then(|| fs::canonicalize(path).ok()).flatten();
    target.unwrap_or_else(|| path.to_path_buf())
}

fn file_name(path: &Path) -> String {
    let name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.to_string_lossy().into_owned()
}

/// Creates folders that belong to whoever owns the folder above, also when root creates them.
fn create_folders(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        create_folders(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    if let Some(above) = folder.parent().and_then(|above| fs::metadata(above).ok()) {
        use std::os::unix::fs::{MetadataExt, chown};
        drop(chown(folder, Some(above.uid()), Some(above.gid())));
    }
    Ok(())
}

/// Waits until no other installation writes to the folder.
fn lock(folder: &Path) -> anyhow::Result<Option<File>> {
    let start = Instant::now();
    loop {
        match try_lock(folder) {
            Ok(lock) => return Ok(lock),
            Err(_) if start.elapsed() < LOCK_TIME => thread::sleep(Duration::from_millis(20)),
            Err(error) => {
                return Err(anyhow!(error)).with_context(|| {
                    format!("another `saki-mcp install` writes to {}. Nothing was changed; run the command again when it is done", folder.display())
                });
            }
        }
    }
}

/// The folder itself is locked, so that no file is left behind. A file system without locks goes without.
#[cfg(unix)]
fn try_lock(folder: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    let Ok(file) = File::open(folder) else {
        return Ok(None);
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(io::ErrorKind::WouldBlock.into()),
        Err(_) => Ok(None),
    }
}

/// A file that no other process can open, and that is gone when it is closed.
#[cfg(windows)]
fn try_lock(folder: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .share_mode(0)
        .custom_flags(DELETE_ON_CLOSE);
    options
        .open(folder.join(".saki-mcp-install.lock"))
        .map(Some)
}

/// Removes what an installation left that was killed.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY))
    {
        drop(fs::remove_file(entry.path()));
    }
}

/// Makes the rename last through a power cut, where folders can be synced.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        drop(File::open(folder).and_then(|folder| folder.sync_all()));
    }
}
