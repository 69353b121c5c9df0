//! `GET /api/v1/channels/{slug}/shows`: what was on a channel, by day or by any stretch of time.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_domain::Millis;
use sluice_store::Page;
use utoipa::IntoParams;

use super::catalogue::{Catalogue, number};
use super::show::Show;
use crate::channels::access::visible;
use crate::channels::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::MaybeCaller;
use crate::http::list::{List, bad_cursor, limit};
use crate::http::time::parsed;
use crate::state::AppState;

/// Which shows are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only those that went on after this moment (RFC 3339).
    #[param(example = "2026-11-20T00:00:00Z")]
    from: Option<String>,
    /// Only those that began before this moment (RFC 3339).
    #[param(example = "2026-11-21T00:00:00Z")]
    to: Option<String>,
    /// Items a page, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The same, read.
struct Wanted {
    from: Millis,
    to: Option<Millis>,
    limit: usize,
    cursor: Option<i64>,
}

/// A channel's shows, newest first
///
/// For whoever may rewind the channel: all that the rewind window has not passed over, and what is kept beyond it.
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}/shows", tag = "shows",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage"), Query),
    responses(
        (status = 200, body = List<Show>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "dvr_not_allowed", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    slug: web::Path<String>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> Result<web::Json<List<Show>>, Error> {
    let wanted = query.into_inner().read()?;
    let channel = visible(&state, &slug).await?;
    let reader = Reader::of(&state, &request, caller.0.as_ref());
    let catalogue = Catalogue::open(&reader, &channel).await?;
    Ok(web::Json(List::of(page(&catalogue, wanted).await?, |show| show)))
}

/// Shows until the page is full. Those whose time is over, but not gone yet, are passed over.
async fn page(catalogue: &Catalogue<'_>, wanted: Wanted) -> Result<Page<Show>, Error> {
    let recordings = catalogue.reader.state.store.recordings();
    let (mut items, mut cursor, mut last) = (Vec::new(), wanted.cursor, None);
    loop {
        let asked = u32::try_from(wanted.limit + 1 - items.len()).unwrap_or(u32::MAX);
        let rows = recordings.list(&catalogue.channel.id, wanted.to, cursor, asked).await?;
        let are_all = rows.len() < asked as usize;
        for row in rows {
            let (first_msn, is_live) = (row.first_msn, catalogue.is_live(&row));
            cursor = Some(first_msn);
            let Some(extent) = catalogue.extent(&row).await? else {
                continue;
            };
            // Shows follow one another: those before it ended earlier still.
            if extent.ended_at <= wanted.from && !is_live {
                return Ok(Page {
                    items,
                    next_cursor: None,
                });
            }
            if items.len() == wanted.limit {
                let next_cursor = last.map(|last: i64| last.to_string());
                return Ok(Page { items, next_cursor });
            }
            last = Some(first_msn);
            items.push(catalogue.show(row, extent).await?);
        }
        if are_all {
            return Ok(Page {
                items,
                next_cursor: None,
            });
        }
    }
}

impl Query {
    fn read(self) -> Result<Wanted, Error> {
        let from = moment("from", self.from.as_deref())?;
        let cursor = match &self.cursor {
            Some(cursor) => Some(number(cursor).ok_or_else(bad_cursor)?),
            None => None,
        };
        Ok(Wanted {
            from: from.unwrap_or(Millis(i64::MIN)),
            to: moment("to", self.to.as_deref())?,
            limit: limit(self.limit)? as usize,
            cursor,
        })
    }
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<Millis>, Error> {
    let Some(text) = text else { return Ok(None) };
    let at = parsed(text).ok_or_else(|| {
        let sentence = format!("{name} must be a time with its offset (RFC 3339), such as 2026-11-21T20:00:00Z.");
        Error::InvalidRequest(sentence.into())
    });
    at.map(Some)
}
