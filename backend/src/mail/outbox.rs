//! Mail where there is no mail server: files that the operator can read.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use lettre::message::Mailbox;
use tokio::fs;
use uuid::Uuid;

use super::{Mail, Mailer, Undelivered, letter};

/// Writes each mail as a file `<id>.eml`; ids sort by time.
pub struct Outbox {
    dir: PathBuf,
    from: Mailbox,
}

impl Outbox {
    /// Writes into `dir`, which is made when the first mail comes.
    pub fn new(dir: PathBuf, from: Mailbox) -> Self {
        Self { dir, from }
    }

    async fn write(&self, mail: &Mail) -> Result<PathBuf, Undelivered> {
        let letter = letter(mail, &self.from)?.formatted();
        let id = Uuid::now_v7().simple().to_string();
        let file = self.dir.join(format!("{id}.eml"));
        put(&self.dir, &file, &letter)
            .await
            .map_err(|error| Undelivered(format!("cannot write {}: {error}", file.display())))?;
        Ok(file)
    }
}

impl Mailer for Outbox {
    fn carry<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>> {
        Box::pin(async move {
            let file = self.write(mail).await?;
            // The file holds a link that opens an account: its name is for the log, its text is not.
            tracing::info!(subject = mail.subject, file = %file.display(), "mail written to the outbox, as SMTP_URL is not set");
            Ok(())
        })
    }
}

/// Nobody ever sees half a mail: it gets its name when it is whole.
async fn put(dir: &Path, file: &Path, letter: &[u8]) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(dir).await?;
    let unfinished = file.with_extension("tmp");
    fs::write(&unfinished, letter).await?;
    fs::rename(&unfinished, file).await
}
