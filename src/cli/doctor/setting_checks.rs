//! Setting checks: environment, limits, time zone, media directories and the port of `saki-mcp http`.

use std::net::TcpListener;

use super::check_outcomes::Check;
use crate::cli::build_server::{ClientLocation, Server};
use crate::cli::environment_findings::EnvironmentFindings;
use crate::cli::global_flags::GlobalFlags;
use crate::cli::{environment_checks, listen_address, policy_flags};

/// Version and build.
pub(super) fn check_installation() -> Check {
    let path = std::env::current_exe().map(|path| path.display().to_string());
    let path = path.unwrap_or_else(|_| "an unknown path".to_owned());
    let keyring = match cfg!(feature = "keyring") {
        true => "with keyring support",
        false => "without keyring support",
    };
    let build = format!(
        "{} for {} on {}, {keyring}, at {path}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS,
    );
    Check::ok("saki-mcp", build)
}

/// Variables that are unfilled, misspelled or unknown.
pub(super) fn check_environment(findings: EnvironmentFindings) -> Vec<Check> {
    let EnvironmentFindings { problems, warnings } = findings;
    let problems = problems.into_iter().map(|problem| {
        Check::problem(
            "environment",
            problem,
            "correct or remove this variable; until then the server does not start",
        )
    });
    let warnings = warnings
        .into_iter()
        .map(|warning| Check::warning("environment", warning, "correct or remove it"));
    problems.chain(warnings).collect()
}

/// Whether the server starts with these limits, and what they allow.
pub(super) async fn check_policy(flags: &GlobalFlags) -> Check {
    const SUBJECT: &str = "limits";
    const FIX: &str = "correct the limits; until then the server does not start";
    let timezone = flags.timezone_or_system();
    let policy = match policy_flags::policy(&flags.policy_flags, timezone.as_ref()) {
        Ok(policy) => policy,
        Err(error) => return Check::problem(SUBJECT, format!("{error:#}"), FIX),
    };
    // The limits are the same, and neither a key nor a certificate is needed.
    let in_sandbox = GlobalFlags {
        sandbox: true,
        ca_cert: None,
        ..flags.clone()
    };
    let server = match Server::build(&in_sandbox, ClientLocation::LocalUser).await {
        Ok(server) => server,
        Err(error) => return Check::problem(SUBJECT, format!("{error:#}"), FIX),
    };
    let tools = server.handler.catalogue().len();
    let limits = match policy.flags().as_slice() {
        [] => "no limit is set".to_owned(),
        flags => format!("in force: {}", flags.join(", ")),
    };
    Check::ok(
        SUBJECT,
        format!(
            "{limits}; {tools} tools; confirmation {}",
            flags.confirm.word()
        ),
    )
}

/// The zone of times without one.
pub(super) fn check_time_zone(flags: &GlobalFlags) -> Check {
    match flags.timezone_or_system() {
        Some(zone) => {
            let name = zone.iana_name().unwrap_or("a fixed offset").to_owned();
            Check::ok("time zone", name)
        }
        None => Check::warning(
            "time zone",
            "there is no default: the system's zone is UTC or unknown, so times need a zone in each call",
            "set yours, e.g. --timezone Europe/Berlin or SAKI_TIMEZONE",
        ),
    }
}

/// The directories whose files may be uploaded.
pub(super) fn check_media_directories(flags: &GlobalFlags) -> Vec<Check> {
    const SUBJECT: &str = "media";
    let directories = flags.media_dirs_or_home();
    if directories.is_empty() {
        let finding = "no file is read by path";
        return vec![Check::warning(
            SUBJECT,
            finding,
            "name a directory with --media-dir",
        )];
    }
    let check = |directory: &std::path::PathBuf| {
        let name = directory.display();
        match std::fs::read_dir(directory) {
            Ok(_) => Check::ok(SUBJECT, format!("files below {name} may be uploaded")),
            Err(error) => Check::warning(
                SUBJECT,
                format!("no file is read from {name}: {error}"),
                "create it, or name another directory with --media-dir",
            ),
        }
    };
    directories.iter().map(check).collect()
}

/// Whether `saki-mcp http` could listen.
pub(super) fn check_http_port() -> Check {
    const SUBJECT: &str = "http port";
    let given = std::env::var("SAKI_BIND")
        .ok()
        .filter(|text| !text.is_empty() && !environment_checks::is_unfilled(text.as_ref()));
    let address =
        match listen_address::parse_any(given.as_deref().unwrap_or(listen_address::DEFAULT_BIND)) {
            Ok(address) => address,
            Err(why) => {
                return Check::warning(SUBJECT, format!("SAKI_BIND: {why}"), "correct SAKI_BIND");
            }
        };
    match TcpListener::bind(address) {
        Ok(_) => Check::ok(SUBJECT, format!("{address} is free for saki-mcp http")),
        Err(error) => Check::warning(
            SUBJECT,
            format!("{address} cannot be used by saki-mcp http: {error}"),
            "stop the program that uses it, or choose another port with --bind; without saki-mcp http it does not matter",
        ),
    }
}
