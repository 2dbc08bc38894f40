//! Where a redirect leads, and whether that is still the same server.

/// Scheme, host and port of a URL, in lower case and with the port that the scheme implies; what may receive a token.
///
/// A user name before the host is part of it: `http://hub@elsewhere` is not the origin of `hub`.
pub(super) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (scheme, authority) = (scheme.to_ascii_lowercase(), rest[..end].to_ascii_lowercase());
    if authority.is_empty() {
        return None;
    }
    // An IPv6 address has colons within its brackets.
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = match (has_port, scheme.as_str()) {
        (false, "http") => ":80",
        (false, "https") => ":443",
        _ => "",
    };
    Some(format!("{scheme}://{authority}{port}"))
}

/// The URL that the `Location` header of a response to `url` means.
pub(super) fn target(url: &str, location: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..host_end];
    let path = rest[host_end..].split(['?', '#']).next().unwrap_or_default();
    Some(match location {
        _ if is_absolute(location) => location.to_owned(),
        _ if location.starts_with("//") => format!("{scheme}:{location}"),
        _ if location.starts_with('/') => format!("{scheme}://{host}{location}"),
        _ if location.starts_with('?') => format!("{scheme}://{host}{path}{location}"),
        _ => {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{host}{folder}/{location}")
        }
    })
}

fn is_absolute(location: &str) -> bool {
    let scheme = location.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let hub = origin("https://hub.example").unwrap();
        for same in [
            "https://hub.example/a/b",
            "HTTPS://Hub.Example:443?q",
            "https://hub.example#x",
        ] {
            assert_eq!(origin(same).as_ref(), Some(&hub), "{same}");
        }
        for other in [
            "http://hub.example/a",
            "https://hub.example:8443/a",
            "https://hub.example.evil/a",
            "https://hub.example@evil/a",
            "https://hub.example:443@evil/a",
            "https://evil/hub.example",
            r"https://evil\hub.example",
        ] {
            assert_ne!(origin(other).as_ref(), Some(&hub), "{other}");
        }
        assert_eq!(origin("http://[::1]/a").as_deref(), Some("http://[::1]:80"));
        assert_eq!(origin("hub.example"), None);
        assert_eq!(origin("https:///a"), None);
    }

    #[test]
    fn locations_are_absolute_or_relative() {
        let from = |location| target("http://hub:1/a/b?x=1", location).unwrap();
        assert_eq!(from("https://cdn/c"), "https://cdn/c");
        assert_eq!(from("//cdn/c"), "http://cdn/c");
        assert_eq!(from("/c?d=http://e"), "http://hub:1/c?d=http://e");
        assert_eq!(from("c"), "http://hub:1/a/c");
        assert_eq!(from("?y=2"), "http://hub:1/a/b?y=2");
    }
}
