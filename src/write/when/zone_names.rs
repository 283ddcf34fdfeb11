//! IANA time zones by name, and the nearest valid name for a wrong one.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::messages::quote;
use crate::write::edit_distance::edit_distance;

/// Abbreviations and common names that are not IANA zones, and the zones that they can mean.
pub(super) const ABBREVIATIONS: [(&str, &str); 24] = [
    ("et", "`America/New_York`"),
    ("edt", "`America/New_York`"),
    ("eastern", "`America/New_York`"),
    ("ct", "`America/Chicago`"),
    ("cst", "`America/Chicago` or `Asia/Shanghai`"),
    ("cdt", "`America/Chicago`"),
    ("central", "`America/Chicago`"),
    ("mt", "`America/Denver`"),
    ("mdt", "`America/Denver`"),
    ("mountain", "`America/Denver`"),
    ("pt", "`America/Los_Angeles`"),
    ("pst", "`America/Los_Angeles`"),
    ("pdt", "`America/Los_Angeles`"),
    ("pacific", "`America/Los_Angeles`"),
    ("bst", "`Europe/London` or `Asia/Dhaka`"),
    ("cest", "`Europe/Berlin` or another city of Central Europe"),
    ("mez", "`Europe/Berlin`"),
    ("mesz", "`Europe/Berlin`"),
    ("eest", "`Europe/Athens` or another city of Eastern Europe"),
    ("ist", "`Asia/Kolkata`, `Europe/Dublin` or `Asia/Jerusalem`"),
    ("jst", "`Asia/Tokyo`"),
    ("kst", "`Asia/Seoul`"),
    ("aest", "`Australia/Sydney` or `Australia/Brisbane`"),
    ("aedt", "`Australia/Sydney`"),
];

/// Finds a zone by its IANA name; case and surrounding whitespace do not matter.
///
/// # Errors
///
/// A sentence for an agent that names what was given and, if there is one, the nearest valid name.
pub fn zone(given: &str) -> Result<TimeZone, String> {
    let name = given.trim();
    let normalized = normalize(name);
    // Both are placeholders of the database for "no zone known", and would behave as UTC.
    let is_placeholder = matches!(normalized.as_str(), "etc/unknown" | "factory");
    if let Ok(zone) = TimeZoneDatabase::bundled().get(name)
        && !is_placeholder
    {
        return Ok(zone);
    }
    let text = quote(name);
    if name.is_empty() {
        return Err(
            "A time zone is an IANA name such as `Europe/Berlin`; nothing was given.".into(),
        );
    }
    if is_offset(&normalized) {
        return Err(format!(
            "{text} is an offset, not an IANA time zone. Write the offset after the time, as in `2027-04-10T09:00:00+02:00`, or name a zone such as `Europe/Berlin`."
        ));
    }
    let suggestion = from_abbreviation(&normalized).map(str::to_owned);
    let suggestion =
        suggestion.or_else(|| nearest_name(&normalized).map(|name| format!("`{name}`")));
    Err(match suggestion {
        Some(name) => format!("{text} is not an IANA time zone; did you mean {name}?"),
        None => format!(
            "{text} is not an IANA time zone. Name it by area and city, such as `Europe/Berlin` or `America/New_York`."
        ),
    })
}

/// A warning about a valid name that often means something other than its writer thinks.
pub(super) fn misleading_name(at: Timestamp, zone: &TimeZone) -> Option<String> {
    let name = zone.iana_name()?;
    let reversed = match (name.strip_prefix("Etc/GMT+"), name.strip_prefix("Etc/GMT-")) {
        (Some("0"), _) | (_, Some("0")) | (None, None) => None,
        (Some(hours), _) => Some((hours, "behind")),
        (_, Some(hours)) => Some((hours, "ahead of")),
    };
    if let Some((hours, side)) = reversed {
        return Some(format!(
            "`{name}` is {hours} h {side} UTC: the sign of such names is reversed."
        ));
    }
    let city = match name {
        "EST" => "America/New_York",
        "MST" => "America/Denver",
        _ => return None,
    };
    let local = TimeZoneDatabase::bundled().get(city).ok()?;
    (local.to_offset(at) != zone.to_offset(at)).then(|| {
        format!("`{name}` has no daylight saving time, but {city} has it then. For local time there, use `{city}`.")
    })
}

fn normalize(name: &str) -> String {
    name.to_ascii_lowercase().replace([' ', '-'], "_")
}

fn from_abbreviation(normalized: &str) -> Option<&'static str> {
    let word = ["_standard_time", "_daylight_time", "_time"]
        .iter()
        .find_map(|end| normalized.strip_suffix(end))
        .unwrap_or(normalized);
    let word = word
        .strip_prefix("us_")
        .or_else(|| word.strip_prefix("us/"))
        .unwrap_or(word);
    let found = ABBREVIATIONS.iter().find(|(name, _)| *name == word);
    found.map(|(_, zones)| *zones)
}

/// Whether a name is `+02:00`, `-3`, `UTC+2`, `GMT-03:00`, as [`normalize`] writes it.
fn is_offset(normalized: &str) -> bool {
    let bare = ["utc", "gmt"]
        .iter()
        .find_map(|start| normalized.strip_prefix(start))
        .unwrap_or(normalized);
    let bare = bare.trim_start_matches('_');
    !bare.is_empty()
        && bare
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '_' | ':'))
        || normalized == "z"
}

/// The valid name with the smallest edit distance, if that is small for the length of the given name.
fn nearest_name(given: &str) -> Option<String> {
    let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let max_distance = match given.len() {
        length @ 4..=40 => (length / 4).min(3),
        _ => return None,
    };
    let database = TimeZoneDatabase::bundled();
    let names = database.available().map(|name| name.as_str().to_owned());
    // Never suggest a name such as Etc/GMT-2, whose sign is reversed.
    let names = names.filter(|name| !name.starts_with("Etc/") && name != "Factory");
    let scored = names.map(|name| {
        let full = normalize(&name);
        let distance = edit_distance(given, &full)
            .min(edit_distance(given, &city(&full)))
            // The right city under a wrong area.
            .min(1 + edit_distance(&city(given), &city(&full)));
        (distance, name)
    });
    let best = scored.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= max_distance).then_some(best.1)
}
