//! Where a request comes from: the peer's address, or behind proxies the host names, the last hop it cannot vouch for.
//!
//! `X-Forwarded-For` is a list that every proxy appends to, and that a client can begin with whatever it likes. So it
//! is read from its end, for as long as each hop is a proxy of the host's own; the first that is not is the client.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use http::request::Parts;

/// A range of addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// How many leading bits must agree.
    bits: u32,
}

/// A text that is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no range of addresses; write one as `10.0.0.0/8`, `2001:db8::/32` or `192.0.2.7`")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |it| it.trim().parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let agree = |one: u128, other: u128, width: u32| {
            // A shift by the whole width is no shift; a range of zero bits holds everything.
            (one ^ other).checked_shr(width - self.bits).unwrap_or(0) == 0
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => agree(u32::from(own).into(), u32::from(other).into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => agree(own.into(), other.into(), 128),
            _ => false,
        }
    }
}

/// The host's own proxies. Empty: there are none, and nobody's `X-Forwarded-For` is believed.
#[derive(Clone, Default)]
pub(crate) struct Proxies(Arc<[Network]>);

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|it| format!("{}/{}", it.address, it.bits))).finish()
    }
}

impl Proxies {
    pub(crate) fn parse<T: AsRef<str>>(networks: impl IntoIterator<Item = T>) -> Result<Self, NetworkError> {
        networks.into_iter().map(|it| it.as_ref().parse()).collect::<Result<Arc<[_]>, _>>().map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|it| it.contains(address))
    }

    /// Whether the request was handed over by one of them.
    pub(crate) fn forwarded(&self, parts: &Parts) -> bool {
        !self.0.is_empty() && peer(parts).is_some_and(|it| self.trust(it))
    }

    /// The client's address; `None` where the host does not provide the peer's.
    pub(crate) fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let mut client = peer(parts)?;
        if self.0.is_empty() || !self.trust(client) {
            return Some(client);
        }
        // Several headers are one list, in their order.
        let headers: Vec<_> = parts.headers.get_all("x-forwarded-for").iter().collect();
        let hops = headers.iter().rev().flat_map(|it| it.to_str().unwrap_or("?").rsplit(','));
        for hop in hops {
            // What cannot be read cannot be vouched for; whoever passed it on is the last one known.
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.trust(client) {
                break;
            }
        }
        Some(client)
    }
}

fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip().to_canonical())
}

/// An address with or without a port, in brackets or not.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse::<SocketAddr>().map(|it| it.ip())).ok()?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut request = Request::new(());
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        request.extensions_mut().insert(ConnectInfo(peer));
        for list in forwarded {
            request.headers_mut().append("x-forwarded-for", list.parse().unwrap());
        }
        let parts = request.into_parts().0;
        Proxies::parse(proxies).unwrap().client(&parts).map(|it| it.to_string())
    }

    #[test]
    fn without_named_proxies_the_peer_is_the_client_whatever_it_claims() {
        assert_eq!(client(&[], "203.0.113.9", &["10.0.0.1"]).as_deref(), Some("203.0.113.9"));
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["10.0.0.1"]).as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_is_the_client() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for (forwarded, expected) in [
            (&["198.51.100.4"][..], "198.51.100.4"),
            (&["6.6.6.6, 198.51.100.4, 10.1.1.1"], "198.51.100.4"),
            (&["6.6.6.6", "198.51.100.4 ,10.1.1.1"], "198.51.100.4"),
            (&["198.51.100.4:8080"], "198.51.100.4"),
            (&["[2001:db9::7]:443, 2001:db8::1"], "2001:db9::7"),
            (&["::ffff:198.51.100.4"], "198.51.100.4"),
            (&["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            (&["198.51.100.4, not an address, 10.1.1.1"], "10.1.1.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client(&proxies, "10.0.0.1", forwarded).as_deref(), Some(expected), "{forwarded:?}");
        }
    }

    #[test]
    fn a_range_holds_the_addresses_that_agree_in_its_leading_bits() {
        for (network, address, holds) in [
            ("0.0.0.0/0", "255.1.2.3", true),
            ("::/0", "2001:db8::1", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("2001:db8::/33", "2001:db8:8000::", false),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), holds, "{network:?} {address}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_by_name() {
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/x", "localhost"] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError(text.to_owned())));
        }
    }
}
