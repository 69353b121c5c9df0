//! Lists, page by page.

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on this page, in the list's order.
    pub items: Vec<T>,
    /// Asks for the next page; none on the last one. Opaque to clients.
    pub next_cursor: Option<String>,
}

/// How many rows to ask for, so that a page of `limit` knows whether another follows.
pub(crate) fn rows_wanted(limit: u32) -> i64 {
    i64::from(limit) + 1
}

impl<T> Page<T> {
    /// The page of `limit` items at the head of `rows`, of which there are more than `limit` if another page follows.
    pub(crate) fn cut(mut rows: Vec<T>, limit: u32, id: impl Fn(&T) -> &str) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| id(last).to_owned());
        Self {
            items: rows,
            next_cursor,
        }
    }
}
