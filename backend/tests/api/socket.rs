//! A browser's end of the socket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use sluice_testkit::App;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const BOUND: Duration = Duration::from_secs(30);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens `/ws` with a query, as the holder of `token` if it is not empty.
    pub(crate) async fn open(app: &App, query: &str, token: &str) -> Self {
        Self::try_open(app, query, &[("cookie", &format!("sluice_login={token}"))])
            .await
            .expect("the socket opens")
    }

    /// The same with headers of one's own; the status where it is refused.
    pub(crate) async fn try_open(app: &App, query: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let url = format!("{}/ws{query}", app.base().replace("http:", "ws:"));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match timeout(BOUND, connect_async(request)).await.expect("an answer in time") {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Value {
        timeout(BOUND, self.event()).await.expect("an event in time")
    }

    /// The next events, as many as asked for.
    pub(crate) async fn take(&mut self, n: usize) -> Vec<Value> {
        let mut events = Vec::with_capacity(n);
        for _ in 0..n {
            events.push(self.next().await);
        }
        events
    }

    /// The code with which the server closes; 0 where it just goes.
    pub(crate) async fn closed(&mut self) -> u16 {
        timeout(BOUND, self.end()).await.expect("an end in time")
    }

    pub(crate) async fn say(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    async fn event(&mut self) -> Value {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no event but {other:?}"),
            }
        }
    }

    async fn end(&mut self) -> u16 {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map_or(0, |frame| frame.code.into()),
                Some(Ok(_)) => {}
                _ => return 0,
            }
        }
    }
}
