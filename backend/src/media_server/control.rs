//! Asking a running nginx-rtmp for its state, and telling it to drop a client.

use std::{path::Path, time::Duration};

use thiserror::Error;

use super::stat::{self, Snapshot};

/// A busy nginx answers `/stat` for a thousand clients in 7 ms; a second without an answer means it is not there.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A client of the internal server that nginx listens with on its unix socket.
#[derive(Clone, Debug)]
pub struct MediaServer {
    http: reqwest::Client,
}

/// The media server did not answer, or not in its own language.
#[derive(Debug, Error)]
pub enum Error {
    /// No connection, a time-out, or a status other than 200.
    #[error("the media server does not answer: {0}")]
    Away(#[from] reqwest::Error),
    /// The answer is no statistics document.
    #[error("the media server's statistics cannot be read: {0}")]
    Garbled(#[from] stat::Error),
}

impl MediaServer {
    /// A client for the server behind `socket`; nothing is connected yet.
    pub fn new(socket: &Path) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .unix_socket(socket)
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(1)
            .build()?;
        Ok(Self { http })
    }

    /// What the server says of itself and its streams now.
    pub async fn stat(&self) -> Result<Snapshot, Error> {
        let text = self.get("/stat").await?;
        Ok(stat::parse(&text)?)
    }

    /// Disconnects the publisher of `session`, named also by its connection so that nobody else is hit.
    ///
    /// Dropping what is not there is no error.
    pub async fn drop_publisher(&self, session: &str, client_id: u64) -> Result<(), Error> {
        let path = format!("/control/drop/client?srv=0&app=live&name={session}&clientid={client_id}");
        self.get(&path).await.map(drop)
    }

    async fn get(&self, path_and_query: &str) -> Result<String, Error> {
        let url = format!("http://media-server{path_and_query}");
        let answer = self.http.get(url).send().await?.error_for_status()?;
        Ok(answer.text().await?)
    }
}
