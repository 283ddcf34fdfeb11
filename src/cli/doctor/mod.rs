//! `saki-mcp doctor`: checks the installation, the key, the network, the account and the clients. It changes nothing.

mod account_checks;
mod check_outcomes;
mod child_server;
mod client_checks;
mod key_check;
mod network_checks;
mod setting_checks;
mod tls_check;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::time::timeout;

use super::build_server::SANDBOX_KEY;
use super::clients::{McpClient, Platform, PlatformFlag, named};
use super::environment_findings::EnvironmentFindings;
use super::global_flags::GlobalFlags;
use super::policy_flags::{self, PolicyFlags};
use super::{certificate_authorities, console_output};
use crate::saki::{BaseUrl, Client, ClientOptions, ConnectionPool, Key, RetryPolicy};
use crate::sandbox::{Sandbox, SandboxOptions};
use check_outcomes::{Check, CheckList};
use key_check::UsableKey;

/// How long all network checks together may take.
const NETWORK_LIMIT: Duration = Duration::from_secs(6);
/// How long one request may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(4);

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print the findings as JSON, e.g. for a report about a fault; it holds no key and no text of a post
    #[arg(long)]
    json: bool,
    /// Check only this MCP client, e.g. "cursor"
    ///
    /// By default, all clients on this machine are checked. Repeatable, or separate several with commas.
    #[arg(long = "client", value_name = "NAME", value_delimiter = ',')]
    clients: Vec<String>,
    #[command(flatten)]
    platform: PlatformFlag,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
}

impl Doctor {
    pub(super) async fn run(
        self,
        flags: &GlobalFlags,
        findings: EnvironmentFindings,
    ) -> anyhow::Result<ExitCode> {
        let clients = match self.clients.as_slice() {
            [] => Vec::new(),
            names => named(names)?,
        };
        let mut checks = vec![setting_checks::check_installation()];
        checks.extend(setting_checks::check_environment(findings));
        checks.push(setting_checks::check_policy(flags).await);
        checks.push(setting_checks::check_time_zone(flags));
        checks.extend(setting_checks::check_media_directories(flags));
        checks.push(setting_checks::check_http_port());
        let (key, key_checks) = find_key(flags);
        checks.extend(key_checks);
        let clients = check_clients(
            &clients,
            &self.platform,
            key.as_ref().map(|usable| &usable.key),
        );
        // Both wait for others most of the time.
        let (saki, clients) = futures::future::join(check_saki(flags, key.clone()), clients).await;
        checks.extend(saki?);
        checks.extend(clients);
        let list = CheckList::new(checks);
        let text = match self.json {
            true => serde_json::to_string_pretty(&list)?,
            false => list.text(),
        };
        console_output::print_result(&text)?;
        Ok(match list.has_problem() {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}

/// The key that the server would use.
fn find_key(flags: &GlobalFlags) -> (Option<UsableKey>, Vec<Check>) {
    match flags.sandbox {
        true => {
            let key = Key::new(SANDBOX_KEY).ok().map(|key| UsableKey {
                key,
                replacement: String::new(),
            });
            (key, vec![Check::ok("key", "none is needed in the sandbox")])
        }
        false => key_check::check(flags.api_key_file.as_deref()),
    }
}

/// The clients, where their configurations can be found.
async fn check_clients(
    named: &[&'static McpClient],
    platform: &PlatformFlag,
    key: Option<&Key>,
) -> Vec<Check> {
    match Platform::new(platform) {
        Ok(platform) => client_checks::check(named, &platform, key).await,
        Err(error) => {
            let fix = "without it, no client's configuration can be found";
            vec![Check::warning("clients", format!("{error:#}"), fix)]
        }
    }
}

/// The network and the account.
async fn check_saki(flags: &GlobalFlags, key: Option<UsableKey>) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    let sandbox = match flags.sandbox {
        true => Some(
            Sandbox::start(SandboxOptions::default())
                .await
                .context("the sandbox could not be started")?,
        ),
        false => None,
    };
    let base = match &sandbox {
        Some(running) => BaseUrl::new(&running.base_url)?,
        None => flags.base_url.clone(),
    };
    let (authorities, check) = check_authorities(flags);
    checks.extend(check);
    let pool = ConnectionPool::new(ClientOptions {
        timeout: REQUEST_LIMIT,
        bypass_proxies: base.is_loopback(),
        extra_authorities: authorities,
        retry: RetryPolicy {
            max_retries: 0,
            ..RetryPolicy::default()
        },
        ..ClientOptions::default()
    });
    let client = Client::new(pool, base.clone());
    let replacement = key.as_ref().map(|usable| usable.replacement.clone());
    let client = match key {
        Some(usable) => client.with_key(Ok(usable.key)),
        None => client,
    };
    let timezone = flags.timezone_or_system();
    let policy = policy_flags::policy(&flags.policy_flags, timezone.as_ref()).ok();
    let network = async {
        let reached = network_checks::check(&client, &base, replacement.as_deref()).await;
        let mut checks = reached.checks;
        if let Some(spaces) = reached.spaces {
            checks.extend(account_checks::check(&client, spaces, policy.as_ref()).await);
        }
        checks
    };
    checks.extend(timeout(NETWORK_LIMIT, network).await.unwrap_or_else(|_| {
        let finding = format!(
            "{base} did not answer everything within {} seconds",
            NETWORK_LIMIT.as_secs()
        );
        let fix = "check the network; if it is slow only now, try again";
        vec![Check::problem("saki", finding, fix)]
    }));
    Ok(checks)
}

/// The authorities to trust in addition, and what is wrong with them.
fn check_authorities(flags: &GlobalFlags) -> (Vec<crate::saki::CertificateAuthority>, Vec<Check>) {
    const SUBJECT: &str = "certificates";
    let mut checks = Vec::new();
    if let Some(Err(error)) = certificate_authorities::ssl_cert_file() {
        let fix = "correct SSL_CERT_FILE, or unset it";
        checks.push(Check::problem(SUBJECT, format!("{error:#}"), fix));
    }
    let authorities = match certificate_authorities::read(flags.ca_cert.as_deref()) {
        Ok(authorities) => authorities,
        Err(error) => {
            let fix = "correct --ca-cert or SAKI_CA_CERT; until then the server does not start";
            checks.push(Check::problem(SUBJECT, format!("{error:#}"), fix));
            Vec::new()
        }
    };
    if let (Some(path), false) = (&flags.ca_cert, authorities.is_empty()) {
        let finding = format!("{} more from {}", authorities.len(), path.display());
        checks.push(Check::ok(SUBJECT, finding));
    }
    (authorities, checks)
}
