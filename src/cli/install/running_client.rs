//! Running clients: one that writes its own state over its configuration has to be quit first.

use std::io::{self, IsTerminal, Write};

use anyhow::bail;

use crate::cli::clients::{McpClient, Platform, System};

/// Waits on a terminal until the client was quit, or refuses.
pub(super) fn ask_to_quit(client: &McpClient, platform: &Platform) -> anyhow::Result<()> {
    let Some(overwrites) = client.overwrites_while_running else {
        return Ok(());
    };
    let is_running =
        || !platform.is_simulated && is_any_running(overwrites.processes, platform.system);
    let is_interactive = io::stdin().is_terminal() && io::stderr().is_terminal();
    let mut is_asked = false;
    while is_running() {
        if !is_interactive {
            bail!(
                "{} is running and would write its own state over the file. Quit it first. {}. Nothing was changed",
                client.title,
                overwrites.how_to_quit
            );
        }
        let again = if is_asked { "still " } else { "" };
        let mut stderr = io::stderr().lock();
        write!(
            stderr,
            "{} is {again}running and would write its own state over the file. Quit it now. {}.\nPress Enter when it is quit, Ctrl-C to stop: ",
            client.title, overwrites.how_to_quit
        )?;
        stderr.flush()?;
        is_asked = true;
        if io::stdin().read_line(&mut String::new())? == 0 {
            bail!("{} is running. Nothing was changed", client.title);
        }
    }
    Ok(())
}

fn is_any_running(names: &[&str], system: System) -> bool {
    match system {
        System::Linux => {
            let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
            let name =
                |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("comm")).ok();
            processes
                .filter_map(name)
                .any(|name| names.contains(&name.trim()))
        }
        System::Macos => names.iter().any(|name| {
            output_of("pgrep", &["-x", name]).is_some_and(|pids| !pids.trim().is_empty())
        }),
        // From WSL, programs of Windows can be called too.
        System::Windows | System::Wsl => output_of("tasklist.exe", &["/FO", "CSV", "/NH"])
            .is_some_and(|list| {
                names
                    .iter()
                    .any(|name| list.contains(&format!("\"{name}\"")))
            }),
    }
}

/// What a program of the system prints; `None` if it cannot be asked.
fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = std::process::Command::new(program)
        .args(args)
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
