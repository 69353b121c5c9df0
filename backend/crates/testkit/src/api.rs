//! A client of the JSON API that knows a story's usual beginnings.

use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// The password of every account a test makes.
pub const PASSWORD: &str = "correct horse battery";

/// So much of a body is shown where it is not the expected one, in characters.
const SHOWN: usize = 2_000;

/// A client of one backend, signed in or not. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    http: Client,
    token: Option<String>,
    address: Option<String>,
}

/// A stream key as it was shown once.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, to revoke it by.
    pub id: String,
    /// The secret itself.
    pub key: String,
    /// What an encoder publishes to: the address the API gave, with the key.
    pub rtmp: String,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked: method and path.
    pub request: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub text: String,
}

/// An error as the API tells it (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable word.
    pub code: String,
    /// The sentence.
    pub detail: String,
    /// The fields that were refused, in the answer's order.
    pub fields: Vec<String>,
}

impl Api {
    /// A client that is nobody yet, of a server such as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> Self {
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self {
            base: base.into(),
            http: http.build().expect("a client can be made"),
            token: None,
            address: None,
        }
    }

    /// The same client as whoever holds `token`.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The same client at another address, as the site's own proxy would tell it.
    #[must_use]
    pub fn at(&self, address: impl Into<String>) -> Self {
        Self {
            address: Some(address.into()),
            ..self.clone()
        }
    }

    /// Signs up `name` as `name@example.org` and logs in.
    pub async fn signed_up(&self, name: &str) -> Self {
        let account = json!({"email": email(name), "password": PASSWORD, "display_name": name});
        self.post("/api/v1/accounts", account).await.is(201);
        self.logged_in(&email(name), PASSWORD).await
    }

    /// Logs in.
    pub async fn logged_in(&self, email: &str, password: &str) -> Self {
        let login = json!({"email": email, "password": password});
        let answer = self.post("/api/v1/login", login).await.is(200).json();
        self.with_token(text(&answer, "token"))
    }

    /// Makes a channel.
    pub async fn channel(&self, slug: &str) -> Value {
        let channel = json!({"slug": slug, "title": format!("Channel {slug}")});
        self.post("/api/v1/channels", channel).await.is(201).json()
    }

    /// Makes a stream key.
    pub async fn key(&self, slug: &str) -> Key {
        let path = format!("/api/v1/channels/{slug}/stream-keys");
        let made = self.post(&path, json!({"label": "testkit"})).await.is(201).json();
        let key = text(&made, "key");
        Key {
            id: text(&made, "id"),
            rtmp: format!("{}/{key}", text(&made["ingest"], "rtmp")),
            key,
        }
    }

    /// The channel as the API shows it now.
    pub async fn show(&self, slug: &str) -> Value {
        self.get(&format!("/api/v1/channels/{slug}")).await.is(200).json()
    }

    /// The channel's publish sessions, newest first.
    pub async fn sessions(&self, slug: &str) -> Vec<Value> {
        let answer = self
            .get(&format!("/api/v1/channels/{slug}/sessions"))
            .await
            .is(200)
            .json();
        answer["items"].as_array().expect("a list").clone()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// PATCH of a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    /// Any request to `path`, for what the verbs above do not cover.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, self.url(path));
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The whole address of a path; what is whole already stays.
    pub fn url(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => format!("{}{path}", self.base),
            false => path.to_owned(),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let request_line = format!("{method} {path}");
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{request_line}: {error:?}"));
        Answer::of(&request_line, answer).await
    }
}

impl Answer {
    /// The whole answer to a request that [`Api::request`] began.
    ///
    /// # Panics
    /// When it breaks off.
    pub async fn of(request: &str, answer: reqwest::Response) -> Self {
        Self {
            request: request.to_owned(),
            status: answer.status(),
            headers: answer.headers().clone(),
            text: String::from_utf8_lossy(&answer.bytes().await.expect("a whole answer")).into_owned(),
        }
    }

    /// Expects a status.
    ///
    /// # Panics
    /// When it is another, with the body.
    pub fn is(self, status: u16) -> Self {
        let text: String = self.text.chars().take(SHOWN).collect();
        assert_eq!(self.status.as_u16(), status, "{}: {text}", self.request);
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}: no JSON: {}", self.request, self.text))
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// How often a header is there.
    pub fn count(&self, name: &str) -> usize {
        self.headers.get_all(name).iter().count()
    }

    /// The body as the API's error.
    ///
    /// # Panics
    /// When the answer is not problem details, or its status differs from the one in the body.
    pub fn problem(&self) -> Problem {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}: {}",
            self.request,
            self.text
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{}: {}", self.request, self.text);
        let fields = body["fields"].as_array().into_iter().flatten();
        Problem {
            status: self.status.as_u16(),
            code: text(&body, "code"),
            detail: text(&body, "detail"),
            fields: fields.map(|field| text(field, "field")).collect(),
        }
    }
}

/// The address under which [`Api::signed_up`] signs a name up.
pub fn email(name: &str) -> String {
    format!("{name}@example.org")
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{field}` in {value}"))
        .to_owned()
}
