//! Which network addresses a message may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What lies behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The internet.
    Public,
    /// This machine or its own network: only on the operator's word.
    Private,
    /// Nothing that takes messages: cloud metadata, broadcast, what is reserved.
    Never,
}

use Reach::{Never, Private, Public};

/// Blocks that are not public, by the IANA registries of special-purpose addresses.
const V4: [(Ipv4Addr, u32, Reach); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8, Never),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Private),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Private),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Never),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Never),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Never),
    (Ipv4Addr::new(192, 31, 196, 0), 24, Never),
    (Ipv4Addr::new(192, 52, 193, 0), 24, Never),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Never),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Never),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Never),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Never),
    (Ipv4Addr::new(224, 0, 0, 0), 3, Never),
];

/// The same for version 6. Of the rest only `2000::/3` is given out.
const V6: [(Ipv6Addr, u32, Reach); 6] = [
    (Ipv6Addr::LOCALHOST, 128, Private),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Private),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Never),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Never),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Never),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Public),
];

/// What lies behind `address`. One of version 6 that carries one of version 4 is judged by that.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(v4) => v4_reach(v4),
        IpAddr::V6(v6) => match carried(v6) {
            Some(v4) => v4_reach(v4),
            None => v6_reach(v6),
        },
    }
}

fn v4_reach(address: Ipv4Addr) -> Reach {
    let inside = |&&(block, bits, _): &&(Ipv4Addr, u32, Reach)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= bits
    };
    V4.iter().find(inside).map_or(Public, |&(_, _, reach)| reach)
}

fn v6_reach(address: Ipv6Addr) -> Reach {
    let inside = |&&(block, bits, _): &&(Ipv6Addr, u32, Reach)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= bits
    };
    V6.iter().find(inside).map_or(Never, |&(_, _, reach)| reach)
}

/// The address of version 4 to which `address` leads: mapped, translated (NAT64) or tunnelled (6to4).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_judged_at_both_its_ends() {
        let table = "
            0.0.0.0 never, 0.255.255.255 never, 1.0.0.0 public, 9.255.255.255 public
            10.0.0.0 private, 10.255.255.255 private, 11.0.0.0 public
            100.63.255.255 public, 100.64.0.0 private, 100.127.255.255 private, 100.128.0.0 public
            126.255.255.255 public, 127.0.0.0 private, 127.255.255.255 private, 128.0.0.0 public
            169.253.255.255 public, 169.254.0.0 never, 169.254.169.254 never, 169.255.0.0 public
            172.15.255.255 public, 172.16.0.0 private, 172.31.255.255 private, 172.32.0.0 public
            191.255.255.255 public, 192.0.0.0 never, 192.0.0.255 never, 192.0.1.0 public
            192.0.2.0 never, 192.0.2.255 never, 192.0.3.0 public, 192.88.99.1 never
            192.167.255.255 public, 192.168.0.0 private, 192.168.255.255 private, 192.169.0.0 public
            198.17.255.255 public, 198.18.0.0 never, 198.19.255.255 never, 198.20.0.0 public
            198.51.100.7 never, 203.0.113.7 never, 8.8.8.8 public, 162.159.128.233 public
            223.255.255.255 public, 224.0.0.0 never, 239.255.255.255 never, 240.0.0.0 never
            255.255.255.255 never
            :: never, ::1 private, ::2 never, ::127.0.0.1 never, 100::1 never
            fbff:: never, fc00:: private, fdff:ffff:: private, fe00:: never
            fe80::1 never, febf::1 never, fec0::1 never, ff02::1 never, 4000::1 never, 5f00::1 never
            2000::1 public, 2001:: never, 2001:1ff:: never, 2001:200:: public, 2606:4700::1111 public
            2001:db8::1 never, 2001:db9::1 public, 3fff::1 never, 3fff:1000::1 public
            ::ffff:127.0.0.1 private, ::ffff:169.254.169.254 never, ::ffff:8.8.8.8 public, ::fffe:8.8.8.8 never
            64:ff9b::7f00:1 private, 64:ff9b::a9fe:a9fe never, 64:ff9b::808:808 public, 64:ff9b:1::808:808 never
            2002:7f00:1::1 private, 2002:a9fe:a9fe:: never, 2002:808:808:: public";
        for case in table.split([',', '\n']).map(str::trim).filter(|case| !case.is_empty()) {
            let (address, wanted) = case.split_once(' ').unwrap();
            let wanted = match wanted {
                "public" => Public,
                "private" => Private,
                _ => Never,
            };
            assert_eq!(reach(address.parse().unwrap()), wanted, "{address}");
        }
    }
}
