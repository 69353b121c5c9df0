//! Mail by a mail server.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use sluice_config::{ExposeSecret, SecretString};

use super::{Mail, Mailer, Undelivered, letter};

/// Longest wait for any one answer of the mail server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands mail to the server of `SMTP_URL`.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Prepares for the server at `url`; connects only when there is mail.
    pub fn new(url: &SecretString, from: Mailbox) -> Result<Self, Undelivered> {
        // The error is not passed on: it may quote the address, and with it the password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|_| Undelivered("SMTP_URL cannot be read as a mail server's address".to_owned()))?;
        Ok(Self {
            transport: builder.timeout(Some(PATIENCE)).build(),
            from,
        })
    }
}

impl Mailer for Smtp {
    fn carry<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>> {
        Box::pin(async move {
            let letter = letter(mail, &self.from)?;
            let carried = self.transport.send(letter).await;
            carried.map(drop).map_err(|error| Undelivered(error.to_string()))
        })
    }
}
