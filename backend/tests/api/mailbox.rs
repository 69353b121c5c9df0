//! Where the tests read the mail that the application sends: the outbox, and a mail server of ours.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluice_testkit::{App, wait_for};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const BOUND: Duration = Duration::from_secs(30);

/// Mail in the outbox to an address, oldest first.
pub(crate) fn outbox(app: &App, to: &str) -> Vec<String> {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(app.config().outbox_dir()) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    let mails = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    mails.filter(|mail| mail.contains(&format!("To: {to}\r\n"))).collect()
}

/// The text of the `n`th mail in the outbox to an address, once it is there; counts from 1.
pub(crate) async fn nth_in_outbox(app: &App, to: &str, n: usize) -> String {
    wait_for(BOUND, "a mail in the outbox", async || {
        outbox(app, to).get(n - 1).cloned()
    })
    .await
}

/// The token of the link in a mail.
pub(crate) fn token(mail: &str) -> String {
    let from = mail.find("token=").expect("a link with a token") + "token=".len();
    mail[from..].chars().take_while(|c| !c.is_whitespace()).collect()
}

/// A mail server that takes everything.
pub(crate) struct MailServer {
    address: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mails: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&kept)));
            }
        });
        Self { address, mails }
    }

    /// The setting that sends mail here.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Mail to an address, oldest first.
    pub(crate) fn mails(&self, to: &str) -> Vec<String> {
        let mails = self.mails.lock().unwrap();
        mails
            .iter()
            .filter(|mail| mail.contains(&format!("To: {to}\r\n")))
            .cloned()
            .collect()
    }

    /// The `n`th mail to an address, once it is there; counts from 1.
    pub(crate) async fn nth(&self, to: &str, n: usize) -> String {
        wait_for(BOUND, "a mail at the mail server", async || {
            self.mails(to).get(n - 1).cloned()
        })
        .await
    }
}

/// RFC 5321, as little of it as a client needs.
async fn converse(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push_str("\r\n");
                }
                mails.lock().unwrap().push(mail);
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await.ok()?;
    }
    Some(())
}
