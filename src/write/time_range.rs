//! Time range of a search: `from` and `to` as dates or times, whole days inclusive.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::quote_text::truncate;

/// From an instant up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first instant in the range.
    pub from: Option<Timestamp>,
    /// The first instant after the range.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Parses both bounds in `zone`: dates such as `2027-04-10`, times with or without an offset.
    ///
    /// # Errors
    ///
    /// The field and a sentence about it.
    pub fn parse(
        from: Option<&str>,
        to: Option<&str>,
        zone: &TimeZone,
    ) -> Result<Self, (&'static str, String)> {
        let from = from
            .map(|from| parse_bound(from, zone, 0))
            .transpose()
            .map_err(|why| ("from", why))?;
        let until = to
            .map(|to| parse_bound(to, zone, 1))
            .transpose()
            .map_err(|why| ("to", why))?;
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            return Err(("to", "it is before `from`.".to_owned()));
        }
        Ok(Self { from, until })
    }

    /// Whether an instant is in the range.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// Whether the range has no bound.
    pub fn is_unbounded(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }
}

/// The start of the day `days` after a date; a time is taken as it is.
fn parse_bound(given: &str, zone: &TimeZone, days: i64) -> Result<Timestamp, String> {
    let text = given.trim();
    let as_date = (text.len() == 10)
        .then(|| text.parse::<Date>().ok())
        .flatten();
    let found = if let Some(date) = as_date {
        let day = date.checked_add(days.days()).ok();
        // If daylight saving skips midnight, the day begins with its first instant.
        day.and_then(|day| day.to_zoned_datetime(zone.clone()).ok())
            .map(|start| start.timestamp())
    } else if let Ok(instant) = text.parse::<Timestamp>() {
        Some(instant)
    } else {
        text.parse::<DateTime>()
            .ok()
            .filter(|_| text.contains(':'))
            .and_then(|time| time.to_zoned_datetime(zone.clone()).ok())
            .map(|at| at.timestamp())
    };
    found.ok_or_else(|| {
        format!("{:?} is neither a date such as \"2027-04-10\" nor a time such as \"2027-04-10T18:00\"; work out the date first.", truncate(text, 60))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(from: &str, to: &str, zone: &str) -> Result<(String, String), String> {
        let zone = TimeZone::get(zone).unwrap();
        let range = TimeRange::parse(Some(from), Some(to), &zone)
            .map_err(|(field, why)| format!("{field}: {why}"))?;
        Ok((
            range.from.unwrap().to_string(),
            range.until.unwrap().to_string(),
        ))
    }

    #[rstest]
    #[case(
        "2027-04-10",
        "2027-04-10",
        "Europe/Berlin",
        "2027-04-09T22:00:00Z",
        "2027-04-10T22:00:00Z"
    )]
    #[case(
        "2027-03-28",
        "2027-03-28",
        "Europe/Berlin",
        "2027-03-27T23:00:00Z",
        "2027-03-28T22:00:00Z"
    )]
    #[case(
        "2027-10-31",
        "2027-10-31",
        "Europe/Berlin",
        "2027-10-30T22:00:00Z",
        "2027-10-31T23:00:00Z"
    )]
    #[case(
        "2027-04-10T09:00",
        "2027-04-10T18:00",
        "America/New_York",
        "2027-04-10T13:00:00Z",
        "2027-04-10T22:00:00Z"
    )]
    #[case(
        "2027-04-10T09:00:00+02:00",
        "2027-04-12",
        "UTC",
        "2027-04-10T07:00:00Z",
        "2027-04-13T00:00:00Z"
    )]
    fn whole_days_are_inclusive_in_their_zone(
        #[case] from: &str,
        #[case] to: &str,
        #[case] zone: &str,
        #[case] first: &str,
        #[case] end: &str,
    ) {
        assert_eq!(read(from, to, zone), Ok((first.into(), end.into())));
    }

    #[rstest]
    #[case("next week", "2027-04-10", "from: \"next week\"")]
    #[case("2027-04-10", "2027-02-30", "to: \"2027-02-30\"")]
    #[case("2027-04-10", "2027-04-09", "to: it is before")]
    #[case("2027-W15", "2027-04-10", "from: ")]
    fn a_wrong_bound_is_refused_by_its_name(
        #[case] from: &str,
        #[case] to: &str,
        #[case] message: &str,
    ) {
        let text = read(from, to, "Europe/Berlin").unwrap_err();
        assert!(text.starts_with(message), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_refused_or_is_a_bound_that_comes_back(
            from in ".*|[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](Z|[+-][01][0-9]:[0-5][0-9])?)?",
            to in ".*|9[0-9]{3}-[01][0-9]-[0-3][0-9]",
        ) {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            if let Ok(range) = TimeRange::parse(Some(&from), Some(&to), &zone) {
                proptest::prop_assert!(range.from < range.until);
                let [from, to] = [range.from, range.until].map(|bound| bound.map(|at| at.to_string()));
                let again = TimeRange::parse(from.as_deref(), to.as_deref(), &TimeZone::UTC);
                proptest::prop_assert_eq!(again, Ok(range));
            }
        }
    }
}
