//! Mail: who carries it, how it is retried, and what it says.
//!
//! Enter by [`Postbox::send`]: it takes a mail and returns at once, so that how long an answer takes tells nobody
//! whether there was something to send.

mod outbox;
mod postbox;
mod smtp;
pub mod texts;

use std::future::Future;
use std::pin::Pin;

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox};
use sluice_config::Config;
use sluice_domain::Email;
use thiserror::Error;

pub use outbox::Outbox;
pub use postbox::Postbox;
pub use smtp::Smtp;

/// A mail to a person.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// Its subject, one line.
    pub subject: &'static str,
    /// What it says, plain text. May hold a link that is a secret: never logged.
    pub text: String,
}

/// Why a mail was not carried. Says nothing of what is in it.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Undelivered(pub String);

/// Carries one mail, once.
pub trait Mailer: Send + Sync {
    /// Carries a mail as far as the next post office, or says why it could not.
    fn carry<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>>;
}

/// The carrier that the configuration asks for: a mail server, or the outbox where there is none.
pub fn mailer(config: &Config) -> Result<Box<dyn Mailer>, Undelivered> {
    let from = config
        .mail_from
        .parse::<Mailbox>()
        .map_err(|error| Undelivered(format!("MAIL_FROM: {error}")))?;
    if config.smtp_url.is_some() && config.public_url.is_none() {
        tracing::warn!("PUBLIC_URL is not set: links in mail lead to localhost");
    }
    Ok(match &config.smtp_url {
        Some(url) => Box::new(Smtp::new(url, from)?),
        None => Box::new(Outbox::new(config.outbox_dir(), from)),
    })
}

/// The mail as it goes over the wire (RFC 5322).
fn letter(mail: &Mail, from: &Mailbox) -> Result<Message, Undelivered> {
    let to = mail
        .to
        .as_str()
        .parse()
        .map_err(|_| Undelivered("the address is none that mail servers take".to_owned()))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject)
        .message_id(None)
        .header(ContentType::TEXT_PLAIN)
        .body(plain(&mail.text)?)
        .map_err(|error| Undelivered(error.to_string()))
}

/// Our texts are ASCII in short lines (RFC 5322, section 2.1.1: up to 998 bytes): sent as they stand, a link can be
/// copied from the file of the outbox too.
fn plain(text: &str) -> Result<Body, Undelivered> {
    let fits = text.is_ascii() && text.lines().all(|line| line.len() <= 998);
    let body = || Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into(), ContentTransferEncoding::SevenBit);
    fits.then(body)
        .ok_or_else(|| Undelivered("the text is not ASCII in short lines".to_owned()))
}
