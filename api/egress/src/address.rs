//! What sort of place an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What sort of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the internet.
    Global,
    /// In a private network.
    Private,
    /// This machine.
    Loopback,
    /// Nothing that is read from: link-local (cloud metadata), multicast, documentation, reserved.
    Never,
}

/// The networks that are not global: RFC 6890 and its registries.
const V4: &[(Ipv4Addr, u32, Place)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, Place::Never),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Place::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Place::Private),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Place::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Place::Never),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Place::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Place::Never),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Place::Never),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Place::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Place::Never),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Place::Never),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Place::Never),
    (Ipv4Addr::new(224, 0, 0, 0), 3, Place::Never),
];

const V6: &[(Ipv6Addr, u32, Place)] = &[
    (Ipv6Addr::LOCALHOST, 128, Place::Loopback),
    // Amazon's metadata, within the private networks.
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32, Place::Never),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Place::Private),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Place::Private),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32, Place::Never),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Place::Never),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Place::Global),
];

/// What sort of place an address is; an IPv4 address within an IPv6 one counts as itself.
pub(crate) fn place(address: IpAddr) -> Place {
    match address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            let found = V4.iter().find(|(network, length, _)| (bits ^ network.to_bits()) >> (32 - length) == 0);
            found.map_or(Place::Global, |(.., place)| *place)
        }
        IpAddr::V6(address) => {
            if let Some(inner) = embedded(address) {
                return place(IpAddr::V4(inner));
            }
            let bits = address.to_bits();
            let found = V6.iter().find(|(network, length, _)| (bits ^ network.to_bits()) >> (128 - length) == 0);
            // Whatever is not handed out yet leads nowhere.
            found.map_or(Place::Never, |(.., place)| *place)
        }
    }
}

/// The IPv4 address within: mapped `::ffff:a.b.c.d`, translated `64:ff9b::a.b.c.d` and 6to4 `2002:…`.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_the_same_place() {
        for (address, expected) in [
            ("8.8.8.8", Place::Global),
            ("2606:4700::1111", Place::Global),
            ("::ffff:8.8.8.8", Place::Global),
            ("127.0.0.1", Place::Loopback),
            ("127.255.0.3", Place::Loopback),
            ("::1", Place::Loopback),
            ("::ffff:127.0.0.1", Place::Loopback),
            ("64:ff9b::7f00:1", Place::Loopback),
            ("2002:7f00:1::", Place::Loopback),
            ("10.1.2.3", Place::Private),
            ("172.31.255.255", Place::Private),
            ("172.32.0.0", Place::Global),
            ("192.168.0.1", Place::Private),
            ("100.64.0.1", Place::Private),
            ("100.128.0.0", Place::Global),
            ("fd12::1", Place::Private),
            ("::ffff:10.0.0.1", Place::Private),
            ("169.254.169.254", Place::Never),
            ("::ffff:169.254.169.254", Place::Never),
            ("64:ff9b::a9fe:a9fe", Place::Never),
            ("fd00:ec2::254", Place::Never),
            ("fe80::1", Place::Never),
            ("0.0.0.0", Place::Never),
            ("::", Place::Never),
            ("::127.0.0.1", Place::Never),
            ("224.0.0.1", Place::Never),
            ("255.255.255.255", Place::Never),
            ("ff02::1", Place::Never),
        ] {
            assert_eq!(place(address.parse().unwrap()), expected, "{address}");
        }
    }
}
