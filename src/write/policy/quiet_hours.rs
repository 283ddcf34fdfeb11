//! Quiet hours: a part of every day in which nothing goes public; `enforcement` checks them.

use std::fmt::{self, Display};
use std::str::FromStr;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::write::when::When;

/// A part of the day between two times: `22:00-07:00`; the start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyHours {
    from: Time,
    until: Time,
}

/// Daily hours in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct QuietHours {
    hours: DailyHours,
    zone: TimeZone,
}

impl FromStr for DailyHours {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        const EXPECTED: &str = "say two times of day, e.g. \"22:00-07:00\"";
        let (from, until) = given.split_once('-').ok_or(EXPECTED)?;
        let from = parse_time(from.trim()).ok_or(EXPECTED)?;
        let until = match until.trim() {
            "24:00" => Time::midnight(),
            until => parse_time(until).ok_or(EXPECTED)?,
        };
        if from == until {
            return Err(
                "the two times are the same, which could mean all day or never; to let nothing go public, use --mode drafts-only".to_owned(),
            );
        }
        Ok(Self { from, until })
    }
}

/// Parses `07:30`, and nothing shorter or longer.
fn parse_time(given: &str) -> Option<Time> {
    let (hour, minute) = given.split_once(':')?;
    let number = |digits: &str| {
        let fits = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i8>().ok().filter(|_| fits)
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

impl Display for DailyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{}-{}", from.strftime("%H:%M"), until.strftime("%H:%M"))
    }
}

impl QuietHours {
    /// These hours in `zone`.
    pub fn new(hours: DailyHours, zone: TimeZone) -> Self {
        Self { hours, zone }
    }

    /// The hours alone.
    pub fn hours(&self) -> DailyHours {
        self.hours
    }

    /// The name of their zone.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("its own zone")
    }

    /// Whether an instant is within them.
    pub fn contains(&self, at: Timestamp) -> bool {
        let time = at.to_zoned_datetime(self.zone.clone()).time();
        let DailyHours { from, until } = self.hours;
        match from < until {
            true => from <= time && time < until,
            false => from <= time || time < until,
        }
    }

    /// An instant as a person reads it in their zone.
    pub(super) fn local(&self, at: Timestamp) -> String {
        When::at_instant(at, self.zone.clone()).local()
    }

    /// When the quiet hours that contain `at` end.
    pub(super) fn end(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned_datetime(self.zone.clone());
        let day = match local.time() < self.hours.until {
            true => local.date(),
            false => local.date().checked_add(1.day()).ok()?,
        };
        let end = day.to_datetime(self.hours.until);
        let end = self.zone.to_ambiguous_zoned_datetime(end);
        // In the hour that is repeated in autumn, the end can be its second occurrence.
        let first = end.clone().compatible().ok()?.timestamp();
        match first > at {
            true => Some(first),
            false => Some(end.later().ok()?.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn berlin(hours: &str) -> QuietHours {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        QuietHours::new(hours.parse().unwrap(), zone)
    }

    #[rstest]
    #[case("22:00-07:00", "2027-04-10T19:59:59Z", false)]
    #[case("22:00-07:00", "2027-04-10T20:00:00Z", true)]
    #[case("22:00-07:00", "2027-04-11T04:59:59Z", true)]
    #[case("22:00-07:00", "2027-04-11T05:00:00Z", false)]
    #[case("12:00-13:30", "2027-04-10T10:00:00Z", true)]
    #[case("12:00-13:30", "2027-04-10T11:30:00Z", false)]
    #[case("22:00-24:00", "2027-04-10T21:59:00Z", true)]
    #[case("22:00-24:00", "2027-04-10T22:00:00Z", false)]
    #[case::in_winter("22:00-07:00", "2027-01-10T20:30:00Z", false)]
    fn the_first_minute_is_quiet_and_the_last_is_not(
        #[case] hours: &str,
        #[case] at: Timestamp,
        #[case] quiet: bool,
    ) {
        assert_eq!(berlin(hours).contains(at), quiet);
    }

    #[rstest]
    #[case("22:00-07:00", "2027-04-10T21:00:00Z", "2027-04-11T05:00:00Z")]
    #[case("22:00-07:00", "2027-04-10T23:00:00Z", "2027-04-11T05:00:00Z")]
    #[case("12:00-13:30", "2027-04-10T10:00:00Z", "2027-04-10T11:30:00Z")]
    #[case("22:00-24:00", "2027-04-10T20:00:00Z", "2027-04-10T22:00:00Z")]
    #[case::in_the_hour_that_is_repeated(
        "22:00-02:30",
        "2027-10-31T01:15:00Z",
        "2027-10-31T01:30:00Z"
    )]
    #[case::skipped_by_summer_time("22:00-02:30", "2027-03-27T22:00:00Z", "2027-03-28T01:30:00Z")]
    fn they_end_at_an_instant_that_is_no_longer_quiet(
        #[case] hours: &str,
        #[case] at: Timestamp,
        #[case] end: Timestamp,
    ) {
        let hours = berlin(hours);
        assert_eq!(hours.end(at), Some(end));
        assert!(hours.contains(at) && !hours.contains(end));
    }

    #[rstest]
    #[case("22-07")]
    #[case("22:00")]
    #[case("22:00-7:00")]
    #[case("10pm-7am")]
    #[case("22:00-25:00")]
    #[case("24:00-07:00")]
    #[case("22:00-07:00-08:00")]
    #[case("07:00-07:00")]
    #[case("")]
    fn anything_but_two_times_is_refused(#[case] given: &str) {
        assert!(given.parse::<DailyHours>().is_err());
    }

    #[test]
    fn hours_are_printed_as_they_were_given() {
        assert_eq!(berlin("22:00-07:00").hours().to_string(), "22:00-07:00");
    }
}
