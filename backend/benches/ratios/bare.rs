//! The measure of all things: actix handlers that do nothing but what is asked of them.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::header, web};
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::wait::wait_here;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};

use crate::cores::SERVER_PREFIX;

/// Makes this program the bare server, on the port that follows.
pub(crate) const ARG: &str = "bare";
/// In the server's working directory: the bytes of its playlists.
pub(crate) const PLAIN: &str = "live.m3u8";
/// The same in gzip.
pub(crate) const GZIP: &str = "live.m3u8.gz";
/// In the same place: a copy of the backend's database.
pub(crate) const DATABASE: &str = "bare.db";

/// Starts it as a process of its own, on the server's core.
pub(crate) fn start(port: u16, dir: &std::path::Path) -> Child {
    let this = std::env::current_exe().expect("a program knows its own path");
    let [program, rest @ ..] = SERVER_PREFIX;
    let server = Launch::new(program, dir.join("bare.log"))
        .args(rest)
        .args([this])
        .args([ARG, &port.to_string()]);
    let server = server.start();
    wait_here(std::time::Duration::from_secs(20), "the bare server listens", || {
        std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
    });
    server
}

/// Serves from the working directory until it is killed. What is not there is not served.
pub(crate) fn serve(port: u16) -> io::Result<()> {
    let body = |name: &str| std::fs::read(name).map(web::Bytes::from).unwrap_or_default();
    let bodies = (body(PLAIN), body(GZIP));
    actix_web::rt::System::new().block_on(async move {
        let pool = web::Data::new(database());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(pool.clone())
                .app_data(web::Data::new(bodies.clone()))
                .route("/update", web::post().to(update))
                .route("/read", web::post().to(read))
                .route("/live.m3u8", web::get().to(plain))
                .route("/live.m3u8.gz", web::get().to(gzip))
        });
        server.bind((Ipv4Addr::LOCALHOST, port))?.run().await
    })
}

type Bodies = web::Data<(web::Bytes, web::Bytes)>;

/// The body is taken, as actix closes the connection of one that is not.
async fn update(_: web::Bytes) -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// One read by a unique index; the key's hash is the query.
async fn read(request: HttpRequest, _: web::Bytes, pool: web::Data<SqlitePool>) -> HttpResponse {
    let sql = "SELECT id, channel_id FROM stream_keys WHERE key_hash = ?";
    let row: (String, String) = sqlx::query_as(sql)
        .bind(request.query_string())
        .fetch_one(pool.as_ref())
        .await
        .expect("the key is there");
    HttpResponse::Found().insert_header((header::LOCATION, row.0)).finish()
}

async fn plain(bodies: Bodies) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/vnd.apple.mpegurl")
        .body(bodies.0.clone())
}

async fn gzip(bodies: Bodies) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/vnd.apple.mpegurl")
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(bodies.1.clone())
}

fn database() -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(PathBuf::from(DATABASE))
        .journal_mode(SqliteJournalMode::Wal);
    SqlitePool::connect_lazy_with(options)
}
