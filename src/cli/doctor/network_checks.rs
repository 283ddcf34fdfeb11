//! Network checks: proxy, DNS, TCP, TLS, clock, and what answers at the address.

use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::check_outcomes::Check;
use super::tls_check::check_tls;
use crate::saki::spaces::ListSpaces;
use crate::saki::{BaseUrl, Client, Error, ErrorResponse, NetworkFailure, Reply};

/// How long one step may take.
const STEP: Duration = Duration::from_secs(3);
/// The clock may be off by this many seconds: posts are planned by the minute.
const SMALL_SKEW: i64 = 60;
const LARGE_SKEW: i64 = 300;

pub(super) const CLOCK_FIX: &str =
    "set the clock of this machine, best by switching on automatic time";

/// What the network let through.
pub(super) struct Reached {
    pub(super) checks: Vec<Check>,
    /// The list of spaces, if Saki gave it.
    pub(super) spaces: Option<Reply>,
}

/// Checks the way to Saki, step by step, and asks for the spaces. Without a key, it only looks who answers.
///
/// `replacement` says how a person replaces the key of `client`; there is none where it has no key.
pub(super) async fn check(client: &Client, base: &BaseUrl, replacement: Option<&str>) -> Reached {
    let mut checks = Vec::new();
    let url = base.to_string();
    let Some((url, host, port)) = Url::parse(&url).ok().and_then(|url| {
        let host = url.host_str()?.to_owned();
        let port = url.port_or_known_default()?;
        Some((url, host, port))
    }) else {
        let finding = "the base URL names no host";
        checks.push(Check::problem("address", finding, "correct SAKI_BASE_URL"));
        return Reached {
            checks,
            spaces: None,
        };
    };
    let proxy = match base.is_loopback() {
        true => None,
        false => proxy_for(&url),
    };
    let way = match &proxy {
        Some(proxy) => check_proxy(proxy, &host, port).await,
        None => {
            checks.push(unused_proxy(base));
            check_connection(&host, port).await
        }
    };
    let is_open = way.is_ok();
    checks.extend(way.unwrap_or_else(|checks| checks));
    if !is_open {
        checks.push(Check::skipped(
            "saki",
            "not asked, because the connection failed",
        ));
        return Reached {
            checks,
            spaces: None,
        };
    }
    let started = Instant::now();
    let answer = match replacement.is_some() {
        true => client.send(&ListSpaces {}).await,
        false => client.probe().await,
    };
    let latency = started.elapsed();
    if url.scheme() == "https" {
        checks.extend(check_tls(&answer));
    }
    checks.extend(check_clock(&answer));
    checks.push(check_answer(&answer, base, replacement, latency));
    Reached {
        checks,
        spaces: answer.ok().filter(|_| replacement.is_some()),
    }
}

fn proxy_for(url: &Url) -> Option<Intercept> {
    let address: http::Uri = url.as_str().parse().ok()?;
    // The client finds its proxy by the same rules.
    Matcher::from_env().intercept(&address)
}

/// Variables of a proxy, where none is used.
fn unused_proxy(base: &BaseUrl) -> Check {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let Some(set) = set else {
        return Check::ok("proxy", "none is set");
    };
    let finding = |why: &str| format!("{set} is set, but not used: {why}");
    if base.is_loopback() {
        Check::ok("proxy", finding("Saki's address is on this machine"))
    } else if ["NO_PROXY", "no_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    {
        Check::ok("proxy", finding("NO_PROXY exempts Saki's address"))
    } else {
        Check::warning(
            "proxy",
            finding("it is no address of a proxy"),
            "write it as http://user:password@host:port; special characters percent-encoded",
        )
    }
}

/// The steps to a host without a proxy. An error holds the step that failed, too.
async fn check_connection(host: &str, port: u16) -> Result<Vec<Check>, Vec<Check>> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = match timeout(STEP, tokio::net::lookup_host((bare, port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        outcome => {
            let why = match outcome {
                Ok(Err(error)) => error.to_string(),
                _ => "no name server answered".to_owned(),
            };
            return Err(vec![Check::problem(
                "dns",
                format!("{host} could not be resolved: {why}"),
                "check the network and SAKI_BASE_URL; in a company network, set HTTPS_PROXY",
            )]);
        }
    };
    let finding = match addresses.len() {
        1 => format!("{host} has one address"),
        count => format!("{host} has {count} addresses"),
    };
    let dns = Check::ok("dns", finding);
    match timeout(STEP, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(_)) => Ok(vec![
            dns,
            Check::ok("tcp", format!("connected to port {port}")),
        ]),
        outcome => {
            let why = match outcome {
                Ok(Err(error)) => error.to_string(),
                _ => format!("no answer within {} seconds", STEP.as_secs()),
            };
            let problem = Check::problem(
                "tcp",
                format!("no connection to {host}, port {port}: {why}"),
                "check the network, a firewall and SAKI_BASE_URL; in a company network, set HTTPS_PROXY",
            );
            Err(vec![dns, problem])
        }
    }
}

/// The steps to a host through a proxy.
async fn check_proxy(proxy: &Intercept, host: &str, port: u16) -> Result<Vec<Check>, Vec<Check>> {
    let uri = proxy.uri();
    let (name, proxy_port) = (uri.host().unwrap_or_default(), uri.port_u16());
    let shown = match proxy_port {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let problem = |finding: String, fix: &str| Err(vec![Check::problem("proxy", finding, fix)]);
    if uri.scheme_str() != Some("http") {
        // Its own handshake is the client's matter.
        let scheme = uri.scheme_str().unwrap_or("other").to_owned();
        return Ok(vec![Check::ok("proxy", format!("{shown} ({scheme})"))]);
    }
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let connected = timeout(STEP, TcpStream::connect((bare, proxy_port.unwrap_or(80)))).await;
    let mut stream = match connected {
        Ok(Ok(stream)) => stream,
        outcome => {
            let why = match outcome {
                Ok(Err(error)) => error.to_string(),
                _ => format!("no answer within {} seconds", STEP.as_secs()),
            };
            return problem(
                format!("no connection to the proxy {shown}: {why}"),
                "correct HTTPS_PROXY, or exempt Saki's address with NO_PROXY",
            );
        }
    };
    let status = timeout(STEP, connect_status(&mut stream, proxy, host, port)).await;
    match status {
        Ok(Ok(200..=299)) => Ok(vec![Check::ok(
            "proxy",
            format!("{shown} lets requests through"),
        )]),
        Ok(Ok(407)) => {
            let finding = match proxy.basic_auth() {
                Some(_) => "refuses these credentials (407)",
                None => "wants credentials (407)",
            };
            problem(
                format!("the proxy {shown} {finding}"),
                "write them into HTTPS_PROXY, as http://user:password@host:port, special characters percent-encoded",
            )
        }
        Ok(Ok(status)) => problem(
            format!("the proxy {shown} refuses to connect to {host} ({status})"),
            "ask its administrator to allow this host, or exempt it with NO_PROXY",
        ),
        Ok(Err(error)) => problem(
            format!("the proxy {shown} gave no HTTP answer: {error}"),
            "correct HTTPS_PROXY: it may be the address of something else",
        ),
        Err(_) => problem(
            format!("the proxy {shown} did not answer"),
            "correct HTTPS_PROXY, or exempt Saki's address with NO_PROXY",
        ),
    }
}

/// The status that the proxy answers to a CONNECT.
async fn connect_status(
    stream: &mut TcpStream,
    proxy: &Intercept,
    host: &str,
    port: u16,
) -> std::io::Result<u16> {
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(credentials) = proxy.basic_auth().and_then(|value| value.to_str().ok()) {
        request.push_str(&format!("Proxy-Authorization: {credentials}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status
        .filter(|_| line.starts_with("HTTP/"))
        .ok_or_else(|| std::io::Error::other("its answer has no status line"))
}

/// How far this machine's clock is from Saki's.
fn check_clock(answer: &Result<Reply, Error>) -> Option<Check> {
    let date = match answer {
        Ok(reply) => reply.date,
        Err(error) => error.response().and_then(|response| response.date),
    }?;
    let skew = jiff::Timestamp::now().as_second() - date;
    let text = || {
        let (length, side) = (skew.abs(), if skew > 0 { "ahead of" } else { "behind" });
        let length = match length {
            ..120 => format!("{length} seconds"),
            120..5400 => format!("{} minutes", length / 60),
            _ => format!("{:.1} hours", length as f64 / 3600.0),
        };
        format!("this machine's clock is {length} {side} Saki's")
    };
    Some(if skew.abs() <= SMALL_SKEW {
        Check::ok("clock", "agrees with Saki's")
    } else if skew.abs() <= LARGE_SKEW {
        Check::warning("clock", text(), CLOCK_FIX)
    } else {
        let finding = format!("{}, so posts would be planned for wrong times", text());
        Check::problem("clock", finding, CLOCK_FIX)
    })
}

/// Who answered, and what it thinks of the key.
fn check_answer(
    answer: &Result<Reply, Error>,
    base: &BaseUrl,
    replacement: Option<&str>,
    latency: Duration,
) -> Check {
    const SUBJECT: &str = "saki";
    let milliseconds = latency.as_millis();
    let error = match answer {
        Ok(_) if replacement.is_some() => {
            return Check::ok(
                SUBJECT,
                format!("the key is accepted, in {milliseconds} ms"),
            );
        }
        Ok(_) => {
            let finding = format!("{base} answers in {milliseconds} ms");
            return Check::ok(SUBJECT, finding);
        }
        Err(error) => error,
    };
    let problem = |finding: String, fix: &str| Check::problem(SUBJECT, finding, fix);
    let new_key = |create: &str| {
        let replacement = replacement.unwrap_or("then: saki-mcp auth set");
        format!("{create} in Saki under Settings > API, {replacement}")
    };
    let wrong_address = |status: u16, what: &str| {
        problem(
            format!("{base} answers {status} with {what}, so it is not the address of Saki's API"),
            "correct SAKI_BASE_URL; it is https://app.usesaki.com/api for most",
        )
    };
    match error {
        Error::NotJson(response) => wrong_address(response.status, "a web page or text, not JSON"),
        Error::Status(response) if replacement.is_none() && matches!(response.status, 401 | 403) && is_json(response) => {
            Check::skipped(
                SUBJECT,
                format!("{base} answers in {milliseconds} ms; not asked for more without a key"),
            )
        }
        Error::Status(response) => match response.status {
            401 if is_json(response) => problem(
                "Saki does not know this key (401): it is wrong, incomplete or revoked".to_owned(),
                &new_key("create a new key"),
            ),
            403 if is_json(response) => problem(
                "Saki knows this key, but it has no right to list spaces (403)".to_owned(),
                &new_key("create a key with access to your spaces"),
            ),
            403 => problem(
                "something in front of Saki, such as a bot check, refuses calls from this machine (403)".to_owned(),
                "ask Saki's support to let API calls from this machine through",
            ),
            status @ 300..=399 => wrong_address(status, "a redirect"),
            status @ (404 | 405 | 401) => wrong_address(status, "no list of spaces"),
            429 => Check::warning(
                SUBJECT,
                "Saki asks to wait: too many calls (429)",
                "try again in a minute",
            ),
            status @ 500.. => problem(
                format!("Saki has a fault of its own ({status})"),
                "try again later; if it stays, ask Saki's support",
            ),
            status => problem(
                format!("Saki refuses the list of spaces ({status})"),
                "try again later; if it stays, ask Saki's support",
            ),
        },
        Error::RefusedInBody(response) => problem(
            format!("Saki answers {} and refuses the list of spaces in its body", response.status),
            &new_key("create a new key"),
        ),
        Error::Network {
            failure: NetworkFailure::Tls,
            ..
        } => Check::skipped(SUBJECT, "not asked, because the TLS connection failed"),
        Error::Network { reason, .. } => problem(
            format!("{base} gave no whole answer: {reason}"),
            "try again; if it stays, check the network, a firewall and HTTPS_PROXY",
        ),
        Error::ClientSetup(why) => problem(
            format!("the HTTP client could not be set up: {why}"),
            "correct SSL_CERT_FILE or --ca-cert, or install the system's CA certificates",
        ),
        other => problem(other.to_string(), "see the checks above"),
    }
}

fn is_json(response: &ErrorResponse) -> bool {
    response.body.trim_start().starts_with(['{', '['])
}
