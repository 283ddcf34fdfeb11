//! Which addresses belong to the public internet, and what the others are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 that are not public, with what they are: the special-purpose registry of IANA (RFC 6890 and its updates).
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

/// Ranges of IPv6 that are not public although they lie among the global ones (2000::/3).
const V6: [(Ipv6Addr, u32, &str); 4] = [
    // Teredo, which hides an IPv4 address, is among these.
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

/// Where clouds hand out credentials to whoever asks from inside; one of them lies among public addresses.
const CLOUDS: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// What an address is, unless anyone on the internet reaches it.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    if is_cloud(address) {
        return Some(METADATA);
    }
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

/// Whether it is a cloud's metadata service, however it is wrapped.
pub(super) fn is_cloud(address: IpAddr) -> bool {
    let inside = match address {
        IpAddr::V6(address) => inside(address).or(address.to_ipv4()),
        IpAddr::V4(_) => None,
    };
    CLOUDS.contains(&address) || inside.is_some_and(|inside| CLOUDS.contains(&inside.into()))
}

fn v4(address: Ipv4Addr) -> Option<&'static str> {
    let is_in = |start: &Ipv4Addr, length: u32| {
        (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
    };
    V4.iter()
        .find(|(start, length, _)| is_in(start, *length))
        .map(|(.., what)| *what)
}

fn v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inside) = inside(address) {
        return v4(inside);
    }
    let is_in = |start: &Ipv6Addr, length: u32| {
        (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
    };
    let [first, ..] = address.segments();
    match first {
        0x2000..=0x3fff => V6
            .iter()
            .find(|(start, length, _)| is_in(start, *length))
            .map(|(.., what)| *what),
        _ if address.is_unspecified() => Some("an unspecified address"),
        _ if address.is_loopback() => Some("a loopback address"),
        0 if address.to_ipv4().is_some() => Some("an IPv4 address in the clothes of IPv6"),
        0xfc00..=0xfdff => Some("a private address"),
        0xfe80..=0xfeff => Some("a link-local address"),
        0xff00.. => Some("a multicast address"),
        _ => Some(RESERVED),
    }
}

/// The IPv4 address that NAT64 (64:ff9b::/96) or 6to4 (2002::/16) leads to.
fn inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let pair = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(pair(high, low)),
        [0x2002, high, low, ..] => Some(pair(high, low)),
        _ => None,
    }
}
