//! Listening, and where to reach what listens.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};

use super::CliError;

/// Binds the address of the settings.
pub(super) fn bind(address: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => CliError::AddressInUse(address.to_owned()),
        _ => CliError::Listen(address.to_owned(), error),
    })
}

/// Where a program on this machine reaches a service that listens on `address`.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        // "Every address" is one to listen on, not one to call.
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// As [`reachable`], from the text of a setting.
pub(super) fn reachable_text(address: &str) -> Result<SocketAddr, CliError> {
    let listen = |error| CliError::Listen(address.to_owned(), error);
    let mut found = address.to_socket_addrs().map_err(listen)?;
    let first = found.next().ok_or_else(|| listen(ErrorKind::AddrNotAvailable.into()))?;
    Ok(reachable(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_every_address_is_called_on_the_local_one() {
        for (listen, call) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("10.1.2.3:8080", "10.1.2.3:8080"),
        ] {
            assert_eq!(reachable_text(listen).expect("an address").to_string(), call, "{listen}");
        }
        assert!(reachable_text("8080").is_err());
    }
}
