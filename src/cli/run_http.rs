//! `saki-mcp http`: serves MCP clients over HTTP, by default only those on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use super::audit_log::AuditFlags;
use super::auth_flags::{AuthFlags, AuthSetup};
use super::build_server::{ClientLocation, Server};
use super::call_observer::CallObserver;
use super::global_flags::{GlobalFlags, boolean, path};
use super::http_limit_flags::HttpLimitFlags;
use super::listen_address;
use super::page_content::home_page;
use super::policy_flags::PolicyFlags;
use super::prometheus_metrics::Metrics;
use super::server_readiness::ServerReadiness;
use super::shared_pauses::share_pauses;
use super::span_exporter::TracingFlags;
use super::store_flags::StoreFlags;
use crate::saki::release_memory::{give_large_blocks_own_pages, release_after_work};
use crate::transport::http::{HttpOptions, serve};
use crate::transport::shutdown::cancel_on_signal;
use crate::transport::{
    AllowedHost, AllowedOrigin, PublicUrl, ReloadSignal, RenderMetrics, TlsCertificate,
    TrustedProxy, serve_metrics,
};

#[derive(Debug, Args)]
pub(super) struct RunHttp {
    /// Address of this machine to listen on, or only a port
    ///
    /// By default, only this machine is served, and whoever reaches the port may call.
    /// Any other address needs one of the ways to log in below.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = listen_address::DEFAULT_BIND,
        value_parser = listen_address::parse_any
    )]
    bind: SocketAddr,
    /// Additional host name that requests may use, e.g. "saki.internal"
    ///
    /// For a server that is reached under another name, as through a proxy or from other machines. localhost, 127.0.0.1 and [::1] are always allowed. Repeatable, or separate several with commas.
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "SAKI_ALLOWED_HOST",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<AllowedHost>,
    /// Additional web origin whose pages may call, e.g. "https://inspector.internal"
    ///
    /// For clients in a browser. Pages of localhost are always allowed. Repeatable, or separate several with commas.
    #[arg(
        long = "allowed-origin",
        value_name = "ORIGIN",
        env = "SAKI_ALLOWED_ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<AllowedOrigin>,
    /// Address under which clients reach the server, e.g. "https://mcp.example.com"
    ///
    /// For a server behind a proxy. Its host name is then allowed, as with --allowed-host.
    #[arg(long, value_name = "URL", env = "SAKI_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Certificate for TLS, as a PEM file: the server's own first, then those that lead to its authority
    ///
    /// It is read again when the file changes, and at SIGHUP.
    #[arg(long, value_name = "PATH", env = "SAKI_TLS_CERT", value_parser = path(), requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, as a PEM file
    #[arg(long, value_name = "PATH", env = "SAKI_TLS_KEY", value_parser = path(), requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Proxy whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id count, e.g. "10.0.0.0/8"
    ///
    /// From any other address these headers have no effect. Repeatable, or separate several with commas.
    #[arg(
        long = "trusted-proxy",
        value_name = "CIDR",
        env = "SAKI_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    trusted_proxies: Vec<TrustedProxy>,
    /// Address for Prometheus, which then finds metrics at /metrics, e.g. "127.0.0.1:9790"
    ///
    /// Anyone who reaches it can read them. They hold no keys, no names and no texts.
    #[arg(long, value_name = "ADDRESS", env = "SAKI_METRICS_BIND", value_parser = listen_address::parse_any)]
    metrics_bind: Option<SocketAddr>,
    /// Give a session at /mcp to clients that begin with initialize, which are those of the revisions before 2026-07-28
    ///
    /// Within one, a stream that was cut can be resumed, a call can be cancelled, and the client can be asked for a confirmation.
    /// Requests without a session go on as before. A session lives in the memory of one server: where there are several, as with --store-url,
    /// the balancer must send every request with the same Mcp-Session-Id to the server that gave it.
    #[arg(long, env = "SAKI_SESSIONS", value_parser = boolean)]
    sessions: bool,
    #[command(flatten)]
    http_limits: HttpLimitFlags,
    #[command(flatten)]
    audit_flags: AuditFlags,
    #[command(flatten)]
    tracing_flags: TracingFlags,
    #[command(flatten)]
    auth_flags: AuthFlags,
    #[command(flatten)]
    store_flags: StoreFlags,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
}

impl RunHttp {
    /// Refuses flags that together would let in whom nobody meant to.
    pub(super) fn check(&self) -> Result<(), String> {
        self.auth_flags.check(self.bind, self.public_url.as_ref())
    }

    pub(super) async fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let limits = self.http_limits.limits()?;
        let store = self.store_flags.store()?;
        let call_timeout = self.http_limits.call_timeout;
        let location = ClientLocation::HttpClient { call_timeout };
        let server = match store.clone() {
            Some(store) => Server::build_with(flags, location, store).await?,
            None => Server::build(flags, location).await?,
        };
        let shutdown = server.handler.shutdown_token().clone();
        // Not the stop token, which would end calls that read: over HTTP there is time to finish them.
        cancel_on_signal(&shutdown);
        server.prepare_for_clients(self.auth_flags.gives_keys_to_callers());
        give_large_blocks_own_pages();
        tokio::spawn(release_after_work());
        if let Some(store) = store.clone() {
            tokio::spawn(share_pauses(server.connection_pool.clone(), store));
        }
        let reload = ReloadSignal::from_sighup();
        let audit_log = self.audit_flags.open(reload.clone())?;
        let span_exporter = self.tracing_flags.exporter()?.map(Arc::new);
        let tls = match self.tls_cert.zip(self.tls_key) {
            Some((certificate, key)) => {
                Some(TlsCertificate::load(certificate, key, reload.clone())?)
            }
            None => None,
        };
        let metrics = Arc::new(Metrics::new());
        if let Some(address) = self.metrics_bind {
            let listener = listen_address::listen(address, "--metrics-bind").await?;
            let address = listener.local_addr().context("the address of metrics")?;
            tracing::info!("metrics at http://{address}/metrics");
            let metrics = Arc::clone(&metrics);
            let metrics = RenderMetrics(Arc::new(move || metrics.text()));
            // It ends with the process, so that the end of calls is seen too.
            tokio::spawn(serve_metrics(listener, metrics, CancellationToken::new()));
        }
        let listener = listen_address::listen(self.bind, "--bind").await?;
        let address = listener.local_addr().context("the listening address")?;
        let scheme = match tls {
            Some(_) => "https",
            None => "http",
        };
        server.handler.observe_calls(Arc::new(CallObserver {
            metrics,
            audit_log,
            span_exporter: span_exporter.clone(),
        }));
        let base = match &self.public_url {
            Some(url) => url.to_string(),
            None => format!("{scheme}://{address}"),
        };
        self.auth_flags.warn(address, self.public_url.as_ref());
        let AuthSetup {
            auth_methods,
            handlers,
        } = self.auth_flags.set_up(&server, &base, &reload)?;
        let readiness = ServerReadiness {
            saki: server.saki.clone(),
            store,
        };
        // This notes since when the store remembers, and tells the log if it is away.
        readiness.look_at_store().await;
        let sse = match auth_methods.serve_sse() {
            true => format!(", HTTP+SSE at {scheme}://{address}/sse"),
            false => String::new(),
        };
        tracing::info!(
            "listening: Streamable HTTP at {scheme}://{address}/mcp{sse}. Ctrl-C stops the server"
        );
        let info = server.handler.get_info().server_info;
        let title = info.title.as_deref().unwrap_or(&info.name);
        let home_page = home_page(&info.name, title, flags.sandbox, &auth_methods);
        let options = HttpOptions {
            auth_methods,
            allowed_hosts: self.allowed_hosts,
            allowed_origins: self.allowed_origins,
            readiness: Some(Arc::new(readiness)),
            limits,
            sessions: self.sessions,
            tls,
            trusted_proxies: self.trusted_proxies,
            public_url: self.public_url,
            home_page: Some(home_page),
        };
        serve(listener, handlers, options, shutdown).await;
        server.finish_writes().await;
        if let Some(exporter) = span_exporter {
            exporter.flush().await;
        }
        Ok(ExitCode::SUCCESS)
    }
}
