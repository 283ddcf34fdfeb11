//! IP ranges: which addresses are private, reserved or cloud metadata, and which are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 ranges that are not public, each with a description: the special-purpose registry of IANA (RFC 6890 and its updates).
const V4: [(Ipv4Addr, u32, &str); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "an unspecified address"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address"),
    (
        Ipv4Addr::new(100, 64, 0, 0),
        10,
        "an address inside a provider's network",
    ),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback address"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local address"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 0, 2, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(192, 31, 196, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 52, 193, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 88, 99, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, RESERVED),
    (Ipv4Addr::new(198, 51, 100, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(203, 0, 113, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (
        Ipv4Addr::new(240, 0, 0, 0),
        4,
        "a reserved or broadcast address",
    ),
];

const RESERVED: &str = "an address reserved for networks themselves";
const DOCUMENTATION: &str = "an address for documentation only";
const METADATA: &str = "the metadata service of a cloud";

/// IPv6 ranges that are not public although they are part of the global range (2000::/3).
const V6: [(Ipv6Addr, u32, &str); 4] = [
    // This includes Teredo, which embeds an IPv4 address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, RESERVED),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        DOCUMENTATION,
    ),
    (
        Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0),
        48,
        RESERVED,
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        DOCUMENTATION,
    ),
];

/// Metadata services, where clouds hand out credentials to any caller inside; one of them has a public address.
const CLOUD_METADATA: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Describes an address that is not public.
pub(super) fn describe_non_public(address: IpAddr) -> Option<&'static str> {
    if is_cloud_metadata(address) {
        return Some(METADATA);
    }
    match address {
        IpAddr::V4(address) => describe_v4(address),
        IpAddr::V6(address) => describe_v6(address),
    }
}

/// Whether it is a cloud's metadata service, also when embedded in an IPv6 address.
pub(super) fn is_cloud_metadata(address: IpAddr) -> bool {
    let embedded = match address {
        IpAddr::V6(address) => embedded_ipv4(address).or(address.to_ipv4()),
        IpAddr::V4(_) => None,
    };
    CLOUD_METADATA.contains(&address)
        || embedded.is_some_and(|embedded| CLOUD_METADATA.contains(&embedded.into()))
}

fn describe_v4(address: Ipv4Addr) -> Option<&'static str> {
    let is_in = |start: &Ipv4Addr, length: u32| {
        (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
    };
    V4.iter()
        .find(|(start, length, _)| is_in(start, *length))
        .map(|(.., description)| *description)
}

fn describe_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(embedded) = embedded_ipv4(address) {
        return describe_v4(embedded);
    }
    let is_in = |start: &Ipv6Addr, length: u32| {
        (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
    };
    let [first, ..] = address.segments();
    match first {
        0x2000..=0x3fff => V6
            .iter()
            .find(|(start, length, _)| is_in(start, *length))
            .map(|(.., description)| *description),
        _ if address.is_unspecified() => Some("an unspecified address"),
        _ if address.is_loopback() => Some("a loopback address"),
        0 if address.to_ipv4().is_some() => Some("an IPv4 address written as IPv6"),
        0xfc00..=0xfdff => Some("a private address"),
        0xfe80..=0xfeff => Some("a link-local address"),
        0xff00.. => Some("a multicast address"),
        _ => Some(RESERVED),
    }
}

/// The IPv4 address that is embedded by NAT64 (64:ff9b::/96) or 6to4 (2002::/16).
fn embedded_ipv4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let pair = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(pair(high, low)),
        [0x2002, high, low, ..] => Some(pair(high, low)),
        _ => None,
    }
}
