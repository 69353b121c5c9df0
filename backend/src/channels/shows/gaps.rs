//! Where a show has nothing to be seen. Pure.

use sluice_domain::Millis;
use sluice_store::recordings::Span;

/// Shorter silences are no gap: an encoder that comes back at once, or two segments that touch.
const SHORTEST: Millis = Millis::from_secs(1);

/// The gaps that breaks make, in their order; what touches is one.
pub(super) fn of(mut breaks: Vec<Span>) -> Vec<Span> {
    breaks.sort_by_key(|span| (span.from, span.to));
    let mut gaps: Vec<Span> = Vec::new();
    for span in breaks {
        match gaps.last_mut().filter(|gap| span.from.0 <= gap.to.0.saturating_add(1)) {
            Some(gap) => gap.to = gap.to.max(span.to),
            None => gaps.push(span),
        }
    }
    gaps.retain(|gap| gap.to.since(gap.from) >= SHORTEST);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(breaks: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let span = |(from, to): &(i64, i64)| Span {
            from: Millis(*from),
            to: Millis(*to),
        };
        let gaps = of(breaks.iter().map(span).collect());
        gaps.into_iter().map(|gap| (gap.from.0, gap.to.0)).collect()
    }

    #[test]
    fn breaks_that_touch_are_one_gap_and_short_ones_are_none() {
        assert_eq!(gaps(&[]), []);
        assert_eq!(gaps(&[(5_000, 5_999), (9_000, 10_000)]), [(9_000, 10_000)]);
        // Two lost segments in front of a pause, rounded apart by a millisecond; and clocks that overlap.
        assert_eq!(gaps(&[(4_001, 9_000), (2_000, 4_000), (0, 2_000)]), [(0, 9_000)]);
        assert_eq!(gaps(&[(3_000, 2_000)]), []);
    }
}
