//! From which address a request comes.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;

/// Reverse proxies whose word about their caller is believed.
#[derive(Clone, Debug)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// Part of an IPv6 address that one subscriber holds as a whole. **Units**: bits.
const SUBSCRIBER_BITS: u32 = 64;

impl TrustedProxies {
    /// The address that a request comes from; of an IPv6 address the network, because a caller owns all of it.
    pub fn caller_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        network(self.caller(peer, &hops))
    }

    /// The last address that no trusted proxy stands for; what it says itself may be made up.
    fn caller(&self, peer: IpAddr, hops: &[&str]) -> IpAddr {
        let mut caller = peer.to_canonical();
        for hop in hops.iter().rev() {
            if !self.0.contains(&caller) {
                break;
            }
            let Ok(address) = hop.parse::<IpAddr>() else { break };
            caller = address.to_canonical();
        }
        caller
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> SUBSCRIBER_BITS << SUBSCRIBER_BITS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_a_trusted_proxy_names_its_caller() {
        let proxies = TrustedProxies(vec![ip("10.0.0.1"), ip("10.0.0.2")]);
        for (peer, hops, caller) in [
            ("203.0.113.9", &[][..], "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.66", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1", "unknown"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(proxies.caller(ip(peer), hops), ip(caller), "{peer} {hops:?}");
        }
    }

    #[test]
    fn a_caller_cannot_wander_within_its_own_network() {
        assert_eq!(network(ip("2001:db8:1:2:aaaa::1")), network(ip("2001:db8:1:2:bbbb::2")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
    }
}
