use std::net::SocketAddr;

use super::*;
use rstest::rstest;

/// A resolver with a fixed table; a dot at the end of a name changes nothing.
#[derive(Debug)]
struct Names(Vec<(&'static str, Vec<&'static str>)>);

impl Resolver for Names {
    fn addresses(&self, host: &str) -> LookupFuture {
        let host = host.trim_end_matches('.');
        let found = self.0.iter().find(|(name, _)| *name == host);
        let addresses = found.into_iter().flat_map(|(_, addresses)| addresses);
        let addresses: Vec<SocketAddr> = addresses
            .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
            .collect();
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

fn fetcher(scope: NetworkScope) -> Fetcher {
    let names = Names(vec![
        ("cdn.test", vec!["93.184.216.34", "2606:2800:220:1::34"]),
        ("localhost", vec!["127.0.0.1", "::1"]),
        ("trap.test", vec!["93.184.216.34", "10.0.0.7"]),
        ("inside.test", vec!["192.168.1.1"]),
        ("metadata.google.internal", vec!["169.254.169.254"]),
        ("mapped.test", vec!["::ffff:10.0.0.1"]),
        ("unique.test", vec!["fd12::1"]),
    ]);
    Fetcher::new(FetchOptions {
        scope,
        resolver: Arc::new(names),
        ..FetchOptions::default()
    })
}

/// Each hostile URL beside a harmless one of the same form.
#[rstest]
#[case::loopback("http://127.0.0.1/", "loopback", "http://93.184.216.34/")]
#[case::far_loopback("http://127.8.9.10/a.png", "loopback", "http://126.8.9.10/a.png")]
#[case::decimal("http://2130706433/", "127.0.0.1", "http://1572395042/")]
#[case::octal("http://0177.0.0.1/", "127.0.0.1", "http://0135.0270.0330.042/")]
#[case::hexadecimal("http://0x7f000001/", "127.0.0.1", "http://0x5db8d822/")]
#[case::hexadecimal_parts("http://0x7f.0.0x0.1/", "127.0.0.1", "http://0x5d.184.0xd8.34/")]
#[case::short("http://127.1/", "127.0.0.1", "http://93.12113954/")]
#[case::trailing_dot("http://127.0.0.1./", "127.0.0.1", "http://93.184.216.34./")]
#[case::percent("http://%31%32%37.0.0.1/", "127.0.0.1", "http://%39%33.184.216.34/")]
#[case::wide_digits("http://１２７.0.0.1/", "127.0.0.1", "http://９３.184.216.34/")]
#[case::circled("http://①②⑦.0.0.1/", "127.0.0.1", "http://⑨③.184.216.34/")]
#[case::other_dots("http://127。0。0。1/", "127.0.0.1", "http://93。184。216。34/")]
#[case::tab("http://127.0\t.0.1/", "127.0.0.1", "http://93.184\t.216.34/")]
#[case::one_slash("http:/127.0.0.1/", "127.0.0.1", "http:/93.184.216.34/")]
#[case::backslashes("http:\\\\127.0.0.1\\", "127.0.0.1", "http:\\\\93.184.216.34\\")]
#[case::port("https://127.0.0.1:8443/", "loopback", "https://93.184.216.34:8443/")]
#[case::nothing("http://0/", "unspecified", "http://1.0.0.1/")]
#[case::unspecified("http://0.0.0.0/", "unspecified", "http://1.1.1.1/")]
#[case::ten("http://10.1.2.3/", "private", "http://11.1.2.3/")]
#[case::sixteen("http://172.16.0.1/", "private", "http://172.15.255.255/")]
#[case::thirty_one("http://172.31.255.255/", "private", "http://172.32.0.0/")]
#[case::home("http://192.168.0.1/", "private", "http://192.169.0.1/")]
#[case::carrier("http://100.64.0.1/", "provider", "http://100.63.255.255/")]
#[case::carrier_end("http://100.127.255.255/", "provider", "http://100.128.0.0/")]
#[case::link_local("http://169.254.1.1/", "link-local", "http://169.253.1.1/")]
#[case::amazon(
    "http://169.254.169.254/latest/",
    "metadata",
    "http://169.253.169.254/latest/"
)]
#[case::tasks("http://169.254.170.2/v2/", "metadata", "http://170.254.170.2/v2/")]
#[case::azure("http://168.63.129.16/", "metadata", "http://168.63.129.17/")]
#[case::alibaba("http://100.100.100.200/", "metadata", "http://101.100.100.200/")]
#[case::oracle("http://192.0.0.192/opc/", "metadata", "http://192.0.1.192/opc/")]
#[case::metadata_as_decimal("http://2852039166/", "metadata", "http://2851973630/")]
#[case::protocols("http://192.0.0.8/", "reserved", "http://191.0.0.8/")]
#[case::documentation("http://192.0.2.1/", "documentation", "http://192.0.3.1/")]
#[case::documentation_2("http://198.51.100.1/", "documentation", "http://198.51.101.1/")]
#[case::documentation_3("http://203.0.113.9/", "documentation", "http://203.0.114.9/")]
#[case::benchmarks("http://198.19.0.1/", "reserved", "http://198.20.0.1/")]
#[case::multicast("http://224.0.0.1/", "multicast", "http://223.0.0.1/")]
#[case::reserved("http://240.0.0.1/", "reserved", "http://223.255.255.255/")]
#[case::broadcast("http://255.255.255.255/", "broadcast", "http://8.8.8.8/")]
#[case::loopback_6("http://[::1]/", "loopback", "http://[2606:4700::1111]/")]
#[case::unspecified_6("http://[::]/", "unspecified", "http://[2606:4700::]/")]
#[case::mapped(
    "http://[::ffff:127.0.0.1]/",
    "written as IPv6",
    "http://[2606:4700::7f00:1]/"
)]
#[case::mapped_hex(
    "http://[::ffff:7f00:1]/",
    "written as IPv6",
    "http://[2606::ffff:7f00:1]/"
)]
#[case::mapped_cloud("http://[::ffff:a9fe:a9fe]/", "metadata", "http://[2606::a9fe:a9fe]/")]
#[case::compatible("http://[::10.0.0.1]/", "written as IPv6", "http://[2606::10.0.0.1]/")]
#[case::nat64("http://[64:ff9b::10.0.0.1]/", "private", "http://[64:ff9b::8.8.8.8]/")]
#[case::nat64_cloud(
    "http://[64:ff9b::a9fe:a9fe]/",
    "metadata",
    "http://[64:ff9b::101:101]/"
)]
#[case::nat64_local("http://[64:ff9b:1::1]/", "reserved", "http://[64:ff9b::1.1.1.1]/")]
#[case::six_to_four("http://[2002:7f00:1::]/", "loopback", "http://[2002:808:808::]/")]
#[case::teredo("http://[2001:0:a00:1::1]/", "reserved", "http://[2001:200::1]/")]
#[case::unique_local("http://[fd00::1]/", "private", "http://[2a00:1450::1]/")]
#[case::link_local_6("http://[fe80::1]/", "link-local", "http://[2a00:fe80::1]/")]
#[case::multicast_6("http://[ff02::1]/", "multicast", "http://[2a00:ff02::1]/")]
#[case::documentation_6("http://[2001:db8::1]/", "documentation", "http://[2001:db7::1]/")]
#[case::amazon_6("http://[fd00:ec2::254]/", "metadata", "http://[2600:ec2::254]/")]
#[case::zone("http://[fe80::1%25eth0]/", "can be read", "http://[2a00::1]/")]
#[case::name("http://localhost/", "loopback", "http://cdn.test/")]
#[case::name_with_dot("http://localhost./", "loopback", "http://cdn.test./")]
#[case::name_in_capitals("HTTP://LOCALHOST/", "loopback", "HTTP://CDN.TEST/")]
#[case::private_name("http://inside.test/", "192.168.1.1", "http://cdn.test/")]
#[case::one_of_two("http://trap.test/", "10.0.0.7", "http://cdn.test/")]
#[case::mapped_name("http://mapped.test/", "written as IPv6", "https://cdn.test/")]
#[case::unique_name("http://unique.test/", "private", "https://cdn.test/")]
#[case::cloud_name("http://metadata.google.internal/", "metadata", "https://cdn.test/")]
#[case::no_name("http://nowhere.test/", "no such host", "http://cdn.test/")]
#[case::user("http://user@cdn.test/", "before the host", "http://cdn.test/user@")]
#[case::password("http://a:b@cdn.test/", "before the host", "http://cdn.test/a:b@c")]
#[case::only_password("http://:b@cdn.test/", "before the host", "http://cdn.test/:b@")]
#[case::host_as_user("http://cdn.test@127.0.0.1/", "before", "http://cdn.test/@127.0.0.1")]
#[case::port_as_user("http://cdn.test:80@127.0.0.1/", "before", "http://cdn.test:80/")]
#[case::behind_hash(
    "http://127.0.0.1#@cdn.test/",
    "loopback",
    "http://cdn.test#@127.0.0.1/"
)]
#[case::behind_slash(
    "http://127.0.0.1\\@cdn.test/",
    "loopback",
    "http://cdn.test\\@127.0.0.1/"
)]
#[case::file("file:///etc/passwd", "as `path`", "http://cdn.test/etc/passwd")]
#[case::file_of_host("file://cdn.test/a.png", "as `path`", "http://cdn.test/a.png")]
#[case::ftp(
    "ftp://cdn.test/a.png",
    "only http: and https:",
    "https://cdn.test/a.png"
)]
#[case::gopher("gopher://cdn.test/_x", "only http: and https:", "https://cdn.test/_x")]
#[case::script(
    "javascript:alert(1)",
    "only http: and https:",
    "https://cdn.test/alert(1)"
)]
#[case::nested("view-source:http://cdn.test/", "only http:", "http://cdn.test/")]
#[case::no_scheme("cdn.test/a.png", "can be read", "https://cdn.test/a.png")]
#[case::no_host("http://", "can be read", "http://cdn.test")]
#[case::bad_port("http://cdn.test:99999/", "can be read", "http://cdn.test:9999/")]
#[case::bad_number("http://256.1.1.1/", "can be read", "http://25.1.1.1/")]
#[case::empty("", "can be read", " http://cdn.test ")]
#[tokio::test]
async fn a_hostile_address_is_refused_before_anything_is_fetched_and_its_twin_is_not(
    #[case] hostile: &str,
    #[case] why: &str,
    #[case] benign: &str,
) {
    let fetcher = fetcher(NetworkScope::Public);
    let refusal = fetcher.check_url(hostile).await.unwrap_err();
    assert!(refusal.contains(why), "{refusal}");
    fetcher.check_url(benign).await.unwrap();
}

#[tokio::test]
async fn a_lab_reaches_private_addresses_but_never_the_metadata_of_a_cloud() {
    let lab = fetcher(NetworkScope::Everywhere);
    for open in [
        "http://127.0.0.1:9/",
        "http://inside.test/",
        "http://[fd00::1]/",
    ] {
        lab.check_url(open).await.unwrap();
    }
    for closed in [
        "http://169.254.169.254/",
        "http://metadata.google.internal/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
    ] {
        assert!(
            lab.check_url(closed).await.unwrap_err().contains("never"),
            "{closed}"
        );
    }
    assert!(lab.check_url("http://a:b@inside.test/").await.is_err());
}

#[tokio::test]
async fn a_url_that_is_too_long_is_refused() {
    let long = |length: usize| format!("http://cdn.test/{}", "a".repeat(length));
    let fetcher = fetcher(NetworkScope::Public);
    assert!(fetcher.check_url(&long(9000)).await.is_err());
    fetcher.check_url(&long(8000)).await.unwrap();
}
