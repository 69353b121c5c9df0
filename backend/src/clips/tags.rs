//! What a clip's page tells those who do not run it: Open Graph (ogp.me) and Twitter tags. Pure.

use std::fmt::Write;

use sluice_domain::clip::State;
use sluice_store::clips::{Clip, Made};

use super::clip::Places;
use crate::http::time::rfc3339;

/// The size that a player is given where the film's own is not known.
const USUAL_SIZE: (i64, i64) = (1280, 720);

/// The site's page with what is told of a clip in its head, title included.
pub(super) fn with_tags(page: &str, clip: &Clip, places: &Places) -> String {
    let Some((head, body)) = page.split_once("</head>") else {
        return page.to_owned();
    };
    let head = without_title(head);
    format!("{head}{}</head>{body}", tags(clip, places))
}

/// The tags, each on a line of its own.
fn tags(clip: &Clip, places: &Places) -> String {
    let channel = &clip.channel_title;
    let title = clip.title.as_ref().unwrap_or(channel);
    let text = format!("A clip of {channel}, {}.", rfc3339(clip.start_at));
    let mut tags = Tags(String::new());
    tags.line(&format!("<title>{} · {}</title>", escaped(title), escaped(channel)));
    tags.line(&format!(
        "<link rel=\"canonical\" href=\"{}\" />",
        escaped(&places.page)
    ));
    tags.property("og:site_name", "Sluice");
    tags.property("og:type", "video.other");
    tags.property("og:title", title);
    tags.property("og:description", &text);
    tags.property("og:url", &places.page);
    tags.name("twitter:title", title);
    tags.name("twitter:description", &text);
    match clip.state {
        State::Ready => film(&mut tags, clip, places),
        State::Queued | State::Running | State::Failed => tags.name("twitter:card", "summary"),
    }
    tags.0
}

/// What can be said once there is something to be played.
fn film(tags: &mut Tags, clip: &Clip, places: &Places) {
    let made = clip.made.as_ref();
    let size = made.and_then(|made| made.width.zip(made.height)).unwrap_or(USUAL_SIZE);
    let (width, height) = (size.0.to_string(), size.1.to_string());
    if made.is_some_and(Made::has_picture) {
        tags.property("og:image", &places.poster);
        tags.property("og:image:type", "image/jpeg");
        tags.property("og:image:width", &width);
        tags.property("og:image:height", &height);
        tags.name("twitter:image", &places.poster);
    }
    tags.property("og:video", &places.film);
    if places.film.starts_with("https://") {
        tags.property("og:video:secure_url", &places.film);
    }
    tags.property("og:video:type", "video/mp4");
    tags.property("og:video:width", &width);
    tags.property("og:video:height", &height);
    if let Some(made) = made {
        tags.property("video:duration", &(made.duration_ms / 1000).max(1).to_string());
    }
    tags.name("twitter:card", "player");
    tags.name("twitter:player", &places.embed);
    tags.name("twitter:player:width", &width);
    tags.name("twitter:player:height", &height);
    tags.name("twitter:player:stream", &places.film);
    tags.name("twitter:player:stream:content_type", "video/mp4");
}

struct Tags(String);

impl Tags {
    fn property(&mut self, property: &str, content: &str) {
        self.line(&format!(
            "<meta property=\"{property}\" content=\"{}\" />",
            escaped(content)
        ));
    }

    fn name(&mut self, name: &str, content: &str) {
        self.line(&format!("<meta name=\"{name}\" content=\"{}\" />", escaped(content)));
    }

    fn line(&mut self, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "  {line}");
    }
}

/// A head without the site's own title.
fn without_title(head: &str) -> String {
    let parts = head
        .split_once("<title>")
        .and_then(|(before, rest)| Some((before, rest.split_once("</title>")?.1)));
    parts.map_or_else(|| head.to_owned(), |(before, behind)| format!("{before}{behind}"))
}

/// Text that cannot leave an attribute or an element.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place() {
        assert_eq!(escaped("a & b"), "a &amp; b");
        assert_eq!(
            escaped("\"><script>alert('x')</script>"),
            "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn the_sites_own_title_gives_way_and_nothing_else_does() {
        assert_eq!(without_title("<meta/><title>Sluice</title><link/>"), "<meta/><link/>");
        assert_eq!(without_title("<meta/>"), "<meta/>");
        assert_eq!(without_title("<title>open"), "<title>open");
    }
}
