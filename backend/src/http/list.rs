//! Lists, page by page.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::{Deserialize, Serialize};
use sluice_store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::error::Error;

/// Items a page when nothing else is asked for.
const DEFAULT_LIMIT: u32 = 25;
/// The most items a page. A page of everything is a way to make a server slow.
const MAX_LIMIT: u32 = 100;
/// Longer searches find nothing that people call their things.
const LONGEST_QUERY: usize = 100;

/// Which page of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Items a page.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page as it is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items a page, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// What is on this page.
    items: Vec<T>,
    /// Asks for the next page as `cursor`; null on the last one.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The page that shows each of the store's items as `show` does.
    pub fn of<S>(page: Page<S>, show: impl FnMut(S) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(show).collect(),
            next_cursor: page.next_cursor,
        }
    }

    /// All there is, on one page.
    pub fn whole<S>(items: Vec<S>, show: impl FnMut(S) -> T) -> Self {
        Self {
            items: items.into_iter().map(show).collect(),
            next_cursor: None,
        }
    }
}

impl FromRequest for Paging {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<PageQuery>::from_query(request.query_string());
        ready(match query {
            Ok(query) => query.into_inner().read(),
            Err(error) => Err(Error::InvalidRequest(
                format!("The query cannot be read: {error}.").into(),
            )),
        })
    }
}

impl PageQuery {
    fn read(self) -> Result<Paging, Error> {
        if self.cursor.as_deref().is_some_and(|cursor| !is_id(cursor)) {
            return Err(bad_cursor());
        }
        Ok(Paging {
            limit: limit(self.limit)?,
            cursor: self.cursor,
        })
    }
}

/// Items a page, where so many are asked for.
pub fn limit(asked: Option<u32>) -> Result<u32, Error> {
    let limit = asked.unwrap_or(DEFAULT_LIMIT);
    match (1..=MAX_LIMIT).contains(&limit) {
        true => Ok(limit),
        false => Err(Error::InvalidRequest("limit must be from 1 to 100.".into())),
    }
}

/// The answer to a cursor that no page gave.
pub fn bad_cursor() -> Error {
    Error::InvalidRequest("cursor is not one that a page gave.".into())
}

/// The shape of every id: 32 hexadecimal digits. What has another shape is not looked up.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

/// The text to search for; nothing where it is blank.
pub fn search(query: Option<&str>) -> Result<Option<&str>, Error> {
    let query = query.map(str::trim).filter(|query| !query.is_empty());
    match query {
        Some(text) if text.len() > LONGEST_QUERY || text.contains(char::is_control) => Err(Error::InvalidRequest(
            "q must have at most 100 bytes and no control characters.".into(),
        )),
        _ => Ok(query),
    }
}
