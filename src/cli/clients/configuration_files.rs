//! Configuration files: where each client keeps the user's settings on each system, and the variables that move them.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::platform_layout::path_variable;
use super::{Platform, RemoteShape, System};

/// A file in which a client looks for servers.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct ConfigurationFile {
    pub(in crate::cli) path: PathBuf,
    /// The folder whose existence shows that the client was installed.
    pub(in crate::cli) folder: PathBuf,
    /// Whether a program of Windows reads the file while this binary runs in WSL.
    pub(in crate::cli) is_windows_side: bool,
    /// How a remote server stands in this file, where it differs from the client's other files.
    pub(in crate::cli) remote: Option<RemoteShape>,
}

impl ConfigurationFile {
    fn new(path: PathBuf, folder: PathBuf) -> Self {
        Self {
            path,
            folder,
            is_windows_side: false,
            remote: None,
        }
    }

    /// The configuration of a project.
    pub(in crate::cli) fn of_project(path: PathBuf, folder: PathBuf) -> Self {
        Self::new(path, folder)
    }

    /// A file directly in the folder that shows the client.
    fn inside(folder: PathBuf, name: &str) -> Self {
        Self::new(folder.join(name), folder)
    }

    fn on_windows_side(mut self, platform: &Platform) -> Self {
        self.is_windows_side = platform.system == System::Wsl;
        self
    }

    /// The file in a dot folder of a desktop program, whose home directory is that of Windows if it is known.
    fn in_dot_folder(platform: &Platform, folder: &str, name: &str) -> Self {
        let windows = platform.windows_home();
        let is_windows_side = windows.is_some();
        let home = windows.unwrap_or_else(|| platform.home.clone());
        let mut file = Self::new(home.join(folder).join(name), home.join(folder));
        file.is_windows_side = is_windows_side;
        file
    }
}

type Files = anyhow::Result<Vec<ConfigurationFile>>;

fn one(file: ConfigurationFile) -> Files {
    Ok(vec![file])
}

/// A desktop program's folder below the home directory. In WSL, the program runs on the Windows side.
fn desktop_dot_folder(platform: &Platform, folder: &str, name: &str) -> Files {
    one(ConfigurationFile::in_dot_folder(platform, folder, name))
}

/// The settings folder of a desktop program: on Windows and from WSL that of Windows.
fn desktop_config(platform: &Platform) -> anyhow::Result<PathBuf> {
    match platform.system {
        System::Wsl => platform.app_data(),
        _ => Ok(platform.config()),
    }
}

pub(super) fn claude_desktop(platform: &Platform) -> Files {
    const NAME: &str = "claude_desktop_config.json";
    let plain = ConfigurationFile::inside(desktop_config(platform)?.join("Claude"), NAME)
        .on_windows_side(platform);
    if !matches!(platform.system, System::Windows | System::Wsl) {
        return one(plain);
    }
    // The packaged build has folders of its own, and ignores the file in %APPDATA%.
    let packages = platform.local_app_data()?.join("Packages");
    let mut packaged: Vec<PathBuf> = std::fs::read_dir(&packages)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("Claude_"))
        .map(|entry| entry.path().join("LocalCache/Roaming/Claude"))
        .collect();
    packaged.sort();
    // A package that was started has its folder; others may be left over from an older build.
    if packaged.iter().any(|folder| folder.is_dir()) {
        packaged.retain(|folder| folder.is_dir());
    }
    match packaged.as_slice() {
        [] => one(plain),
        [folder] => one(ConfigurationFile::inside(folder.clone(), NAME).on_windows_side(platform)),
        several => {
            let list: Vec<String> = several
                .iter()
                .map(|folder| folder.join(NAME).display().to_string())
                .collect();
            bail!(
                "Claude Desktop has several packaged builds here, and only one of these files is read: {}. Uninstall the builds that you do not use, or paste the snippet of `saki-mcp install --print --client claude-desktop` into the file that Settings > Developer > Edit Config opens",
                list.join(", ")
            )
        }
    }
}

pub(super) fn claude_code(platform: &Platform) -> Files {
    one(match path_variable("CLAUDE_CONFIG_DIR") {
        Some(folder) => ConfigurationFile::inside(folder, ".claude.json"),
        None => ConfigurationFile::new(
            platform.home.join(".claude.json"),
            platform.home.join(".claude"),
        ),
    })
}

pub(super) fn cursor(platform: &Platform) -> Files {
    desktop_dot_folder(platform, ".cursor", "mcp.json")
}

pub(super) fn vscode(platform: &Platform) -> Files {
    vscode_build(platform, "Code", ".vscode-server")
}

pub(super) fn vscode_insiders(platform: &Platform) -> Files {
    vscode_build(platform, "Code - Insiders", ".vscode-server-insiders")
}

fn vscode_build(platform: &Platform, name: &str, remote: &str) -> Files {
    let user = |folder: PathBuf| ConfigurationFile::new(folder.join("User/mcp.json"), folder);
    if let Some(folder) = path_variable("VSCODE_PORTABLE") {
        return one(user(folder.join("user-data")));
    }
    // A window in WSL has settings of its own, and starts the server inside of WSL.
    let remote = platform.home.join(remote);
    if platform.system == System::Wsl && remote.is_dir() {
        return one(user(remote.join("data")));
    }
    one(user(desktop_config(platform)?.join(name)).on_windows_side(platform))
}

pub(super) fn devin(platform: &Platform) -> Files {
    let folder = match platform.system {
        System::Windows | System::Wsl => platform.app_data()?.join("devin"),
        System::Linux | System::Macos => platform.home.join(".config/devin"),
    };
    let mut files =
        vec![ConfigurationFile::inside(folder, "mcp_config.json").on_windows_side(platform)];
    // The file from before June 2026, when it was called Windsurf.
    let mut old =
        ConfigurationFile::in_dot_folder(platform, ".codeium/windsurf", "mcp_config.json");
    old.remote = Some(RemoteShape::url("serverUrl"));
    if old.path.exists() {
        files.push(old);
    }
    Ok(files)
}

pub(super) fn zed(platform: &Platform) -> Files {
    let folder = match platform.system {
        System::Linux => path_variable("FLATPAK_XDG_CONFIG_HOME")
            .unwrap_or_else(|| platform.xdg_config())
            .join("zed"),
        System::Macos => platform.home.join(".config/zed"),
        System::Windows | System::Wsl => platform.app_data()?.join("Zed"),
    };
    one(ConfigurationFile::inside(folder, "settings.json").on_windows_side(platform))
}

pub(super) fn codex(platform: &Platform) -> Files {
    if let Some(folder) = path_variable("CODEX_HOME").filter(|folder| !folder.is_dir()) {
        bail!(
            "CODEX_HOME names {}, which is no folder, and Codex does not start then: create it or unset the variable",
            folder.display()
        );
    }
    let folder = platform.folder("CODEX_HOME", ".codex");
    one(ConfigurationFile::inside(folder, "config.toml"))
}

pub(super) fn gemini(platform: &Platform) -> Files {
    let home = platform.folder("GEMINI_CLI_HOME", "");
    one(ConfigurationFile::inside(
        home.join(".gemini"),
        "settings.json",
    ))
}

pub(super) fn goose(platform: &Platform) -> Files {
    let folder = match (path_variable("GOOSE_PATH_ROOT"), platform.system) {
        (Some(root), _) => root.join("config"),
        (None, System::Windows) => platform.app_data()?.join("Block/goose/config"),
        (None, _) => platform.xdg_config().join("goose"),
    };
    one(ConfigurationFile::inside(folder, "config.yaml"))
}

pub(super) fn lm_studio(platform: &Platform) -> Files {
    desktop_dot_folder(platform, ".lmstudio", "mcp.json")
}

pub(super) fn junie(platform: &Platform) -> Files {
    let folder = platform.home.join(".junie");
    one(ConfigurationFile::new(folder.join("mcp/mcp.json"), folder))
}

pub(super) fn cline(platform: &Platform) -> Files {
    const NAME: &str = "cline_mcp_settings.json";
    if let Some(path) = path_variable("CLINE_MCP_SETTINGS_PATH") {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return one(ConfigurationFile::new(path, folder));
    }
    let cline = platform.folder("CLINE_DIR", ".cline");
    let (data, folder) = match path_variable("CLINE_DATA_DIR") {
        Some(data) => (data.clone(), data),
        None => (cline.join("data"), cline),
    };
    one(ConfigurationFile::new(
        data.join("settings").join(NAME),
        folder,
    ))
}

pub(super) fn opencode(platform: &Platform) -> Files {
    if let Some(path) = path_variable("OPENCODE_CONFIG") {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return one(ConfigurationFile::new(path, folder));
    }
    let folder = path_variable("OPENCODE_CONFIG_DIR")
        .unwrap_or_else(|| platform.xdg_config().join("opencode"));
    let name =
        match !folder.join("opencode.jsonc").exists() && folder.join("opencode.json").exists() {
            true => "opencode.json",
            false => "opencode.jsonc",
        };
    one(ConfigurationFile::inside(folder, name))
}

pub(super) fn amp(platform: &Platform) -> Files {
    one(ConfigurationFile::inside(
        platform.xdg_config().join("amp"),
        "settings.json",
    ))
}

pub(super) fn warp(platform: &Platform) -> Files {
    desktop_dot_folder(platform, ".warp", ".mcp.json")
}

pub(super) fn copilot(platform: &Platform) -> Files {
    let folder = platform.folder("COPILOT_HOME", ".copilot");
    one(ConfigurationFile::inside(folder, "mcp-config.json"))
}

pub(super) fn kiro(platform: &Platform) -> Files {
    desktop_dot_folder(platform, ".kiro", "settings/mcp.json")
}

pub(super) fn antigravity(platform: &Platform) -> Files {
    desktop_dot_folder(platform, ".gemini/config", "mcp_config.json")
}

/// A client whose settings are no documented file.
pub(super) fn none(_: &Platform) -> Files {
    Ok(Vec::new())
}
