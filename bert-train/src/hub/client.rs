//! Requests to the hub.
//!
//! The token goes to the hub's own scheme, host and port and to no other: the hub's files are often on another server, to
//! which it redirects with a link that needs no token.

use std::io;
use std::time::Duration;

use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::redirect::{origin, target};

/// Redirects in a row that are followed.
const REDIRECTS: usize = 10;

/// Sends requests to the hub, and to where it redirects.
#[derive(Clone, Debug)]
pub(super) struct Client {
    agent: Agent,
    origin: Option<String>,
    token: Option<String>,
}

/// A request without a usable response.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// The server refuses it.
    #[error("http status: {0}")]
    Status(u16),
    /// The server sent no data in time.
    #[error("the server sent no data in time")]
    Timeout,
    /// The connection failed, or the response has no meaning.
    #[error("{0}")]
    Failed(String),
}

impl From<ureq::Error> for RequestError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => RequestError::Timeout,
            error => RequestError::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for RequestError {
    fn from(error: io::Error) -> Self {
        // Errors of a response's body are wrapped.
        ureq::Error::from(error).into()
    }
}

impl Client {
    /// A client of the hub at `endpoint`, which may stay silent for `timeout`.
    pub(super) fn new(endpoint: &str, token: Option<&str>, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            // Followed here, one by one, since each may lead to another server.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("bert/", env!("CARGO_PKG_VERSION")))
            // Offsets within a compressed body would not be those of the file.
            .accept_encoding("identity")
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout));
        Self {
            agent: config.build().into(),
            origin: origin(endpoint),
            token: token.map(str::to_owned),
        }
    }

    /// The response for `url`, or for where it is redirected; `range` are the bytes to send. `enough` may accept a
    /// redirect as the response.
    ///
    /// # Errors
    /// If there is none, or its status is not one of success.
    pub(super) fn get(
        &self,
        url: &str,
        range: Option<&str>,
        enough: impl Fn(&Response<Body>) -> bool,
    ) -> Result<Response<Body>, RequestError> {
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTS {
            let mut request = self.agent.get(&url);
            if let Some(range) = range {
                request = request.header("Range", range);
            }
            if let Some(token) = self.token_for(&url) {
                request = request.header("Authorization", format!("Bearer {token}"));
            }
            let response = request.call()?;
            if !is_redirect(response.status()) || enough(&response) {
                let status = response.status();
                return match status.is_success() || is_redirect(status) {
                    true => Ok(response),
                    false => Err(RequestError::Status(status.as_u16())),
                };
            }
            let location = header(&response, "location").unwrap_or_default();
            url = target(&url, &location)
                .ok_or_else(|| RequestError::Failed(format!("a redirect to {location:?}")))?;
        }
        Err(RequestError::Failed(format!("more than {REDIRECTS} redirects")))
    }

    /// The token, if `url` is one of the hub.
    fn token_for(&self, url: &str) -> Option<&str> {
        let same = self.origin.is_some() && origin(url) == self.origin;
        self.token.as_deref().filter(|_| same)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The text of a response's header.
pub(super) fn header(response: &Response<Body>, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(|value| value.trim().to_owned())
}
