//! When a post goes out: from what an agent wrote to one instant, or a sentence why not.
//!
//! Nothing here does I/O: the present time and the zones come in with [`Reading`], the time zone rules are bundled.

mod messages;
mod parse;
mod resolve;
mod zones;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use zones::zone;

/// How far ahead a time must lie: what is missing, past or too near may be published at once.
const LEAD: SignedDuration = SignedDuration::from_secs(60);

/// Years ahead from which a time is taken but remarked on.
const FAR_YEARS: i64 = 2;

/// Years ahead from which a time is surely a slip in the year.
const MOST_YEARS: i64 = 100;

/// What a time is read against.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The call's own `timezone` as it was written; blank counts as left out.
    pub timezone: Option<&'a str>,
    /// The zone of a local time when the call names none.
    pub default: Option<&'a TimeZone>,
    /// The space's own zone as Saki gives it; it never decides, it is only named in a refusal.
    pub space_zone: Option<&'a str>,
    /// The present time.
    pub now: Timestamp,
}

/// One instant a post goes out at, in whole seconds, and the zone to show it in.
#[derive(Debug, Clone)]
pub struct When {
    at: Timestamp,
    zone: TimeZone,
    warnings: Vec<String>,
}

/// When posts go out, as a result shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeFacts {
    /// When they go out, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<String>,
    /// The same time as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#in: Option<String>,
}

/// Reads `given` as the instant a post goes out at, at least 60 seconds after `reading.now`.
///
/// Understood are RFC 3339 with an offset, RFC 9557 with a zone in brackets, a local time with a zone from `reading`, and Unix seconds or milliseconds in digits.
/// Parts of a second are dropped, because whole Unix seconds are what Saki takes.
///
/// # Errors
///
/// One to three sentences for an agent that say what was given and what is allowed; they do not name the field.
pub fn read(given: &str, reading: &Reading<'_>) -> Result<When, String> {
    let text = given.trim();
    let named = match reading.timezone.map(str::trim) {
        None | Some("") => None,
        Some(name) => Some(zone(name).map_err(|why| format!("`timezone` cannot be used: {why}"))?),
    };
    let context = resolve::Context {
        text,
        named,
        default: reading.default.cloned(),
        space: reading.space_zone.and_then(|name| zone(name).ok()),
    };
    let mut when = match parse::parse(text) {
        Ok(written) => resolve::resolve(written, &context)?,
        Err(why) => {
            let home = match (context.known(), context.space) {
                (Some(zone), _) => messages::Home::Known(zone),
                (None, Some(zone)) => messages::Home::Space(zone),
                (None, None) => messages::Home::Unknown,
            };
            return Err(messages::not_understood(text, &why, reading.now, home));
        }
    };
    when.judge(text, reading.now)?;
    Ok(when)
}

/// Whether a text is an instant by itself, whatever the zone it is read in.
pub fn is_exact(given: &str) -> bool {
    given.trim().parse::<Timestamp>().is_ok()
}

impl When {
    /// An instant that is already settled, shown in `zone`; parts of a second are dropped.
    pub fn at_instant(at: Timestamp, zone: TimeZone) -> When {
        // Downwards also before 1970, so that no instant ever moves towards the future.
        let seconds = at.as_nanosecond().div_euclid(1_000_000_000);
        let whole = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        When {
            at: whole.unwrap_or(at),
            zone,
            warnings: Vec::new(),
        }
    }

    /// The instant, in whole seconds.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The instant in Unix seconds.
    pub fn unix(&self) -> i64 {
        self.at.as_second()
    }

    /// The instant in UTC: `2027-04-10T07:00:00Z`.
    pub fn utc(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The instant for a person, in the zone to show it in: `Sat 10 Apr 2027, 09:00 (Europe/Berlin)`.
    /// Seconds are shown only when there are some.
    pub fn local(&self) -> String {
        messages::local(self.at, &self.zone)
    }

    /// How long after `now`, in the two largest units: `3 d 4 h`, `2 h 5 min`, `40 min`.
    /// Days are 24 hours; a passed instant reads `40 min ago`.
    pub fn ahead(&self, now: Timestamp) -> String {
        let left = self.at.duration_since(now);
        if left.is_negative() {
            format!("{} ago", messages::span(left))
        } else {
            messages::span(left)
        }
    }

    /// The three ways to say it that leave no doubt: UTC, local, and how long until then.
    pub fn facts(&self, now: Timestamp) -> TimeFacts {
        TimeFacts {
            scheduled_at: Some(self.utc()),
            local: Some(self.local()),
            r#in: Some(self.ahead(now)),
        }
    }

    /// What an agent should look at again although the time is taken; whole sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether it is past, or so near that Saki may have published before a change arrives.
    pub fn is_near(&self, now: Timestamp) -> bool {
        is_near(self.at, now)
    }

    /// Refuses what is past, too near or absurdly far; remarks on what is far.
    fn judge(&mut self, text: &str, now: Timestamp) -> Result<(), String> {
        let left = self.at.duration_since(now);
        if self.is_near(now) {
            return Err(messages::too_early(text, left, now, &self.zone));
        }
        if is_beyond(self.at, now, MOST_YEARS) {
            return Err(messages::too_far(text, MOST_YEARS, now, &self.zone));
        }
        if is_beyond(self.at, now, FAR_YEARS) {
            self.warnings.push(format!(
                "This is more than two years ahead: {}. Check that the year is meant.",
                self.local()
            ));
        }
        Ok(())
    }
}

/// Whether an instant is past, or so near that Saki may have published before a change arrives.
pub fn is_near(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) < LEAD
}

/// Whether `at` is more than `years` calendar years after `now`.
fn is_beyond(at: Timestamp, now: Timestamp, years: i64) -> bool {
    now.to_zoned_datetime(TimeZone::UTC)
        .checked_add(years.years())
        .is_ok_and(|limit| at > limit.timestamp())
}
