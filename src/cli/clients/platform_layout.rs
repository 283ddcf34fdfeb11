//! Platform layout: the system whose paths are used, its home and its folders for configuration.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

/// A system with its own layout of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum System {
    Linux,
    Macos,
    Windows,
    /// Linux inside of Windows: desktop programs run on the Windows side, command-line programs here.
    Wsl,
}

/// The flag that chooses another system's layout.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct PlatformFlag {
    /// Use the paths of another system: linux, macos, windows or wsl; for tests
    ///
    /// By default, this is the system that it runs on. With the flag, the folders are those of the variables HOME, APPDATA and LOCALAPPDATA,
    /// and running programs are not looked for.
    #[arg(
        long,
        value_name = "SYSTEM",
        env = "SAKI_INSTALL_PLATFORM",
        ignore_case = true,
        hide_possible_values = true,
        hide_short_help = true,
        help_heading = "Testing"
    )]
    pub(in crate::cli) install_platform: Option<System>,
}

/// The system and the user's folders on it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Platform {
    pub(in crate::cli) system: System,
    /// Whether the layout was chosen by the flag, so that the machine's own programs say nothing about it.
    pub(in crate::cli) is_simulated: bool,
    pub(in crate::cli) home: PathBuf,
}

impl Platform {
    /// The platform of the flag, else that of this machine.
    pub(in crate::cli) fn new(flag: &PlatformFlag) -> anyhow::Result<Self> {
        let home = match flag.install_platform {
            Some(_) => path_variable("HOME").or_else(std::env::home_dir),
            None => std::env::home_dir(),
        };
        let home = home.filter(|home| !home.as_os_str().is_empty());
        let home = home.context(
            "the home directory is unknown: set the variable HOME (on Windows USERPROFILE) to it",
        )?;
        if !home.is_dir() {
            bail!(
                "the home directory {} does not exist: set the variable HOME (on Windows USERPROFILE) to the folder with your settings",
                home.display()
            );
        }
        Ok(Self {
            system: flag.install_platform.unwrap_or_else(System::current),
            is_simulated: flag.install_platform.is_some(),
            home,
        })
    }

    /// The platform of this machine, also where it has no home directory.
    pub(in crate::cli) fn here() -> Self {
        Self {
            system: System::current(),
            is_simulated: false,
            home: std::env::home_dir().unwrap_or_default(),
        }
    }

    /// The folder that the variable names, else the one below the home directory.
    pub(in crate::cli) fn folder(&self, variable: &str, below_home: &str) -> PathBuf {
        path_variable(variable).unwrap_or_else(|| self.home.join(below_home))
    }

    /// `~/.config`, or what `XDG_CONFIG_HOME` names, on every system. Command-line programs use it on macOS too.
    pub(in crate::cli) fn xdg_config(&self) -> PathBuf {
        let absolute = path_variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        absolute.unwrap_or_else(|| self.home.join(".config"))
    }

    /// Where the system's programs keep settings: `~/.config`, `~/Library/Application Support` or `%APPDATA%`.
    pub(in crate::cli) fn config(&self) -> PathBuf {
        match self.system {
            System::Linux | System::Wsl => self.xdg_config(),
            System::Macos => self.home.join("Library/Application Support"),
            System::Windows => self.folder("APPDATA", "AppData/Roaming"),
        }
    }

    /// Where the API key is when no keyring holds it.
    pub(in crate::cli) fn key_file(&self) -> PathBuf {
        self.config().join("saki-mcp").join("api-key")
    }

    /// `%APPDATA%`; from WSL, as WSL sees it.
    pub(in crate::cli) fn app_data(&self) -> anyhow::Result<PathBuf> {
        self.windows_folder("APPDATA", "Roaming")
    }

    /// `%LOCALAPPDATA%`; from WSL, as WSL sees it.
    pub(in crate::cli) fn local_app_data(&self) -> anyhow::Result<PathBuf> {
        self.windows_folder("LOCALAPPDATA", "Local")
    }

    /// The home directory of Windows as WSL sees it, where desktop programs keep dot folders; `None` elsewhere and where it is unknown.
    pub(in crate::cli) fn windows_home(&self) -> Option<PathBuf> {
        if self.system != System::Wsl {
            return None;
        }
        let app_data = self.app_data().ok()?;
        let folder = app_data.parent()?;
        let is_usual = folder.file_name()?.eq_ignore_ascii_case("AppData");
        is_usual
            .then(|| folder.parent().map(Path::to_path_buf))
            .flatten()
    }

    fn windows_folder(&self, variable: &str, name: &str) -> anyhow::Result<PathBuf> {
        if let Some(set) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
            return Ok(match self.system {
                System::Wsl => mounted(set),
                _ => PathBuf::from(set),
            });
        }
        match self.system {
            System::Wsl => Ok(windows_user()?.join("AppData").join(name)),
            _ => Ok(self.home.join("AppData").join(name)),
        }
    }
}

impl System {
    fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Macos
        } else if std::env::var_os("WSL_DISTRO_NAME").is_some() {
            Self::Wsl
        } else {
            Self::Linux
        }
    }
}

/// A variable that holds a path, unless it is empty.
pub(super) fn path_variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name)?;
    (!value.is_empty()).then(|| PathBuf::from(value))
}

/// A path of Windows as WSL sees it: `C:\Users\a` is `/mnt/c/Users/a`.
fn mounted(path: OsString) -> PathBuf {
    let text = path.to_string_lossy();
    match text.as_bytes() {
        [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic() => {
            let drive = char::from(drive.to_ascii_lowercase());
            PathBuf::from(format!("/mnt/{drive}/{}", text[3..].replace('\\', "/")))
        }
        _ => PathBuf::from(path),
    }
}

/// The user's folder on the Windows side: WSL appends the PATH of Windows, which leads there.
fn windows_user() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let from_path = std::env::split_paths(&path).find_map(|folder| {
        let mut above = folder
            .ancestors()
            .skip_while(|above| !above.ends_with("AppData"));
        above
            .nth(1)
            .filter(|_| folder.starts_with("/mnt"))
            .map(Path::to_path_buf)
    });
    if let Some(user) = from_path {
        return Ok(user);
    }
    let users = std::fs::read_dir("/mnt/c/Users")
        .into_iter()
        .flatten()
        .flatten();
    let mut users: Vec<PathBuf> = users
        .map(|entry| entry.path())
        .filter(|user| {
            user.join("AppData/Roaming").is_dir()
                && !user.ends_with("Default")
                && !user.ends_with("Public")
        })
        .collect();
    match (users.pop(), users.is_empty()) {
        (Some(user), true) => Ok(user),
        _ => bail!(
            "your folder on the Windows side was not found: set APPDATA and LOCALAPPDATA, e.g. APPDATA=/mnt/c/Users/NAME/AppData/Roaming"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        r"C:\Users\Ann Lee\AppData\Roaming",
        "/mnt/c/Users/Ann Lee/AppData/Roaming"
    )]
    #[case("d:/Users/ann", "/mnt/d/Users/ann")]
    #[case("/mnt/c/Users/ann", "/mnt/c/Users/ann")]
    fn a_path_of_windows_is_the_mounted_one_in_wsl(#[case] given: &str, #[case] seen: &str) {
        assert_eq!(mounted(OsString::from(given)), PathBuf::from(seen));
    }
}
