//! What every connection to `PostgreSQL` is told beside its URL.

/// Time limits of a connection, for servers that vanish without a word.
///
/// libpq waits for an answer without end; these let the kernel notice a peer
/// that is gone. Over a unix socket they have no effect and do no harm.
const LIMITS: &[(&str, &str)] = &[
    ("connect_timeout", "2"),
    ("keepalives_idle", "3"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "5000"),
];

/// The URL (or `key=value` list) with the limits that it does not set itself.
pub fn limited(url: &str) -> String {
    let is_url = url.starts_with("postgresql://") || url.starts_with("postgres://");
    let missing = LIMITS.iter().filter(|(name, _)| !names(url, name));
    missing.fold(url.to_owned(), |limited, (name, value)| match (is_url, limited.contains('?')) {
        (true, true) => format!("{limited}&{name}={value}"),
        (true, false) => format!("{limited}?{name}={value}"),
        (false, _) => format!("{limited} {name}={value}"),
    })
}

fn names(url: &str, name: &str) -> bool {
    url.split(['?', '&', ' ']).any(|part| part.trim().split('=').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "connect_timeout=2&keepalives_idle=3&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=5000";

    #[test]
    fn limits_are_added_in_the_form_of_the_url() {
        assert_eq!(limited("postgresql://u@h/d"), format!("postgresql://u@h/d?{ALL}"));
        assert_eq!(limited("postgres://u@h/d?sslmode=require"), format!("postgres://u@h/d?sslmode=require&{ALL}"));
        assert_eq!(limited("host=h dbname=d"), format!("host=h dbname=d {}", ALL.replace('&', " ")));
    }

    #[test]
    fn what_the_url_says_itself_stands() {
        let url = limited("postgresql://u@h/d?tcp_user_timeout=900&connect_timeout=7");
        assert_eq!(url.matches("tcp_user_timeout").count(), 1);
        assert!(url.contains("tcp_user_timeout=900") && url.contains("connect_timeout=7"), "{url}");
    }
}
