//! When something happens.

/// A day or a season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// How an article dates it.
    pub written: &'static [&'static str],
    /// How somebody asks for it.
    pub asked: &'static [&'static str],
    /// The number of the season that it belongs to.
    pub season: Option<usize>,
}

const WINTER: usize = 0;
const SPRING: usize = 1;
const AUTUMN: usize = 3;

const fn day(written: &'static [&'static str], asked: &'static [&'static str], season: Option<usize>) -> Day {
    Day {
        written,
        asked,
        season,
    }
}

/// The seasons, then days.
pub const DAYS: [Day; 12] = [
    day(
        &["in January", "in February", "on 9 January", "on 20 February"],
        &["in winter", "last winter"],
        None,
    ),
    day(
        &["in March", "in April", "on 7 March", "on 18 April"],
        &["in spring", "last spring"],
        None,
    ),
    day(
        &["in June", "in July", "in August", "on 12 July"],
        &["in summer", "last summer"],
        None,
    ),
    day(
        &["in September", "in November", "on 3 September", "on 16 November"],
        &["in autumn", "last autumn"],
        None,
    ),
    day(
        &["on Saturday", "on Sunday"],
        &["at the weekend", "this weekend"],
        None,
    ),
    day(&["on Monday"], &["early in the week", "after the weekend"], None),
    day(&["on Wednesday"], &["midweek", "in mid-week"], None),
    day(
        &["on 24 December", "on 25 December"],
        &["at Christmas", "over Christmas"],
        Some(WINTER),
    ),
    day(
        &["on 1 January", "on 31 December"],
        &["at New Year", "on New Year's Eve"],
        Some(WINTER),
    ),
    day(&["on 14 February"], &["on Valentine's Day"], Some(WINTER)),
    day(&["on 1 May"], &["on Labour Day"], Some(SPRING)),
    day(&["on 31 October"], &["at Halloween"], Some(AUTUMN)),
];

/// Whether a question about one of two days, by their numbers, may mean the other.
pub fn overlap(one: usize, other: usize) -> bool {
    one == other || DAYS[one].season == Some(other) || DAYS[other].season == Some(one)
}
