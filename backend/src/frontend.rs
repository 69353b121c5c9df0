//! The built site, for whatever is at no other address: files as they are, and its one page for every other path.
//!
//! Usually nginx serves these; the backend does too, so that it is a complete server by itself.

use std::path::{Component, Path, PathBuf};

use actix_files::NamedFile;
use actix_web::http::{Method, header};
use actix_web::{Either, HttpRequest, HttpResponse, Responder, web};

use crate::error::Error;
use crate::state::AppState;

/// What is not the site's to answer for: an unknown address there is an error, not a page.
const NOT_PAGES: [&str; 6] = ["api", "live", "clips", "hooks", "ws", "metrics"];
/// Where the build puts files whose names change with their content.
const HASHED: &str = "assets";

/// Serves a file of the site, or its page.
pub async fn handle(state: web::Data<AppState>, request: HttpRequest) -> Result<impl Responder, Error> {
    let path = inside(request.path()).ok_or(Error::NotFound)?;
    let first = path.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
    if NOT_PAGES.contains(&first) || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Error::NotFound);
    }
    let dir = &state.config.frontend_dir;
    if let Some(file) = open(&dir.join(&path)).await {
        let lasts = if first == HASHED {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        return Ok(Either::Left(
            file.customize().insert_header((header::CACHE_CONTROL, lasts)),
        ));
    }
    // A path that looks like a file is one that is missing: a page in its place would only confuse.
    if first == HASHED || path.extension().is_some() {
        return Err(Error::NotFound);
    }
    match open(&dir.join("index.html")).await {
        Some(page) => Ok(Either::Left(
            page.customize().insert_header((header::CACHE_CONTROL, "no-cache")),
        )),
        None => Ok(Either::Right(
            HttpResponse::NotFound().body("The site is not built: see FRONTEND_DIR.\n"),
        )),
    }
}

async fn open(path: &Path) -> Option<NamedFile> {
    let path = path.to_owned();
    let file = web::block(move || path.is_file().then(|| NamedFile::open(path)));
    let file = file.await.ok()??.ok()?;
    Some(file.prefer_utf8(true).disable_content_disposition())
}

/// The path below the site's directory; nothing for whatever could lead out of it or to a hidden file.
fn inside(path: &str) -> Option<PathBuf> {
    let decoded = percent_decoded(path.trim_start_matches('/'))?;
    let path = PathBuf::from(decoded);
    let plain = |part: Component<'_>| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    };
    path.components().all(plain).then_some(path)
}

/// Names of the built site are ASCII: what decodes to anything else, or to a separator, is none of them.
fn percent_decoded(path: &str) -> Option<String> {
    let mut text = String::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16)
                    .ok()
                    .filter(|byte| *byte != b'/')?
            }
            other => other,
        };
        let plain = byte.is_ascii_graphic() || byte == b' ';
        text.push(char::from(Some(byte).filter(|_| plain && byte != b'\\')?));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_sites_directory() {
        for bad in [
            "/../etc/passwd",
            "/%2e%2e/x",
            "/a/../../x",
            "/..%2fx",
            "/%2fetc/passwd",
            "/.env",
            "/a/.git/config",
            "/a%00b",
            "/a\\b",
            "/%zz",
            "/%",
        ] {
            assert_eq!(inside(bad), None, "{bad}");
        }
    }

    #[test]
    fn plain_paths_name_files_below_it() {
        assert_eq!(inside("/assets/index-1a.js"), Some(PathBuf::from("assets/index-1a.js")));
        assert_eq!(inside("/a%20b.png"), Some(PathBuf::from("a b.png")));
        assert_eq!(inside("/"), Some(PathBuf::new()));
    }
}
