//! Networks of companies: an authority of their own, a proxy, a proxy with credentials, and hosts that need none.

use std::fs;

use rstest::rstest;

use crate::cli::settings::stopped;
use crate::support::child_process::{Alone, Ended, run};
use crate::support::corporate_proxy::{CorporateProxy, ProxyAnswer};

const KEY: (&str, &str) = ("SAKI_API_KEY", "sk-1");

fn list_spaces(environment: &[(&str, &str)]) -> Ended {
    let quick = [KEY, ("SAKI_TIMEOUT", "5s")];
    run(
        &["call", "list_spaces"],
        &[&quick[..], environment].concat(),
    )
}

fn went_well(ended: &Ended) {
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.stdout.contains("Acme Coffee"), "{ended:#?}");
}

#[test]
fn a_site_of_an_unknown_authority_is_refused_until_the_authority_is_named() {
    let saki = Alone::start(&[]);
    let network = CorporateProxy::before(&saki.base_url, ProxyAnswer::Tunnel);
    let base_url = format!("https://localhost:{}/api", network.site_port);
    let base = ("SAKI_BASE_URL", base_url.as_str());
    let unknown = list_spaces(&[base]);
    assert_eq!(unknown.code, 1, "{unknown:#?}");
    assert!(unknown.stderr.contains("TLS"), "{unknown:#?}");
    assert!(unknown.stderr.contains("SAKI_CA_CERT"), "{unknown:#?}");
    for (variable, file) in [
        ("SAKI_CA_CERT", &network.authority),
        ("SAKI_CA_CERT", &network.authority_der),
        ("SSL_CERT_FILE", &network.authority),
    ] {
        went_well(&list_spaces(&[base, (variable, file.to_str().unwrap())]));
    }
    let path = network.authority.to_str().unwrap();
    let flag = run(&["--ca-cert", path, "call", "list_spaces"], &[KEY, base]);
    went_well(&flag);
    assert!(
        network.requests().is_empty(),
        "no proxy is used for this machine"
    );
}

#[test]
fn an_authority_of_another_network_does_not_help() {
    let saki = Alone::start(&[]);
    let network = CorporateProxy::before(&saki.base_url, ProxyAnswer::Tunnel);
    let other = CorporateProxy::before(&saki.base_url, ProxyAnswer::Tunnel);
    let base_url = format!("https://localhost:{}/api", network.site_port);
    let authority = ("SAKI_CA_CERT", other.authority.to_str().unwrap());
    let ended = list_spaces(&[("SAKI_BASE_URL", &base_url), authority]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.stderr.contains("TLS"), "{ended:#?}");
}

#[rstest]
#[case::open(ProxyAnswer::Tunnel, "")]
// "me:p@ss" in Base64.
#[case::with_credentials(ProxyAnswer::TunnelFor("Basic bWU6cEBzcw=="), "me:p%40ss@")]
fn requests_go_through_the_proxy_with_its_credentials(
    #[case] answer: ProxyAnswer,
    #[case] credentials: &str,
) {
    let saki = Alone::start(&[]);
    let network = CorporateProxy::before(&saki.base_url, answer);
    let proxy = format!("http://{credentials}{}", network.proxy);
    let authority = network.authority.to_str().unwrap();
    let base = [
        ("SAKI_BASE_URL", "https://saki.test/api"),
        ("SAKI_CA_CERT", authority),
    ];
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let environment = [&base[..], &[(variable, proxy.as_str())]].concat();
        went_well(&list_spaces(&environment));
    }
    let requests = network.requests();
    assert!(requests.len() >= 3, "{requests:?}");
    for request in requests {
        assert!(request.starts_with("CONNECT saki.test:443"), "{request}");
    }
    // Without the proxy, nothing has this name.
    let bypassed = [
        &base[..],
        &[("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "saki.test")],
    ]
    .concat();
    let before = network.requests().len();
    assert_eq!(list_spaces(&bypassed).code, 1);
    assert_eq!(network.requests().len(), before);
}

#[rstest]
#[case::without_credentials("", "proxy authorization required")]
#[case::wrong_credentials("me:planted-guess@", "proxy authorization required")]
fn a_proxy_that_wants_other_credentials_is_named(#[case] credentials: &str, #[case] said: &str) {
    let saki = Alone::start(&[]);
    let answer = ProxyAnswer::TunnelFor("Basic bWU6cEBzcw==");
    let network = CorporateProxy::before(&saki.base_url, answer);
    let proxy = format!("http://{credentials}{}", network.proxy);
    let ended = list_spaces(&[
        ("SAKI_BASE_URL", "https://saki.test/api"),
        ("HTTPS_PROXY", &proxy),
    ]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.stderr.contains(said), "{ended:#?}");
    assert!(ended.stderr.contains("HTTPS_PROXY"), "{ended:#?}");
    assert!(!ended.stderr.contains("planted"), "{ended:#?}");
}

#[test]
fn a_file_that_holds_no_authority_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let empty = file("empty.pem", "");
    let text = file("text.pem", "this is no certificate");
    let cut = file("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let no_certificate = file(
        "other.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let der = file("cut.der", "0\u{1}abc");
    let directory = folder.path().to_str().unwrap();
    for (path, said) in [
        ("/no/such/ca.pem", "cannot be read"),
        (directory, "cannot be read"),
        (&empty, "holds no certificate"),
        (&text, "holds no certificate"),
        (&cut, "damaged"),
        (&no_certificate, "cannot be read"),
        (&der, "cannot be read"),
    ] {
        stopped(&["--ca-cert", path, "call", "list_spaces"], &[KEY], said);
        stopped(
            &["call", "list_spaces"],
            &[KEY, ("SAKI_CA_CERT", path)],
            path,
        );
    }
}

#[test]
fn a_wrong_ssl_cert_file_is_said_and_does_not_stop_the_start() {
    let environment = [("SAKI_SANDBOX", "1"), ("SSL_CERT_FILE", "/no/such/ca.pem")];
    let ended = run(&["call", "list_spaces"], &environment);
    went_well(&ended);
    assert!(ended.stderr.contains("SSL_CERT_FILE"), "{ended:#?}");
}
