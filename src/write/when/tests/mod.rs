//! Time strings as agents write them, all messages in one snapshot, and properties that hold for any text.

#[rustfmt::skip] // one row, one line: a table is read down its columns
mod table;

use std::fmt::Write as _;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};
use proptest::prelude::*;

use super::*;

/// Friday, 12:00:15 in Berlin.
const NOW: &str = "2027-04-09T10:00:15Z";

/// The zone that a row of the table gives with the text.
#[derive(Debug, Clone, Copy)]
enum With {
    Nothing,
    Timezone(&'static str),
    Default(&'static str),
    Space(&'static str),
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn read_with(given: &str, with: With) -> Result<When, String> {
    let mut context = TimeContext {
        timezone: None,
        default: None,
        space_zone: None,
        now: now(),
    };
    let default = match with {
        With::Default("+02:00") => Some(Offset::constant(2).to_time_zone()),
        With::Default(name) => Some(zone(name).unwrap()),
        _ => None,
    };
    context.default = default.as_ref();
    match with {
        With::Timezone(name) => context.timezone = Some(name),
        With::Space(name) => context.space_zone = Some(name),
        With::Nothing | With::Default(_) => {}
    }
    read(given, &context)
}

#[test]
fn every_row_of_the_table_becomes_the_instant_or_the_refusal_beside_it() {
    for (given, with, expected) in table::ROWS {
        match (read_with(given, *with), expected) {
            (Ok(when), Ok(utc)) => assert_eq!(when.utc(), *utc, "{given:?} {with:?}"),
            (Err(message), Err(part)) => {
                assert!(message.contains(part), "{given:?} {with:?}: {message}")
            }
            (outcome, _) => panic!("{given:?} {with:?} became {outcome:?}"),
        }
    }
}

#[test]
fn all_messages_of_the_table_are_in_one_snapshot() {
    let mut all = String::new();
    for (given, with, _) in table::ROWS {
        writeln!(all, "{given:?}  {with:?}").unwrap();
        match read_with(given, *with) {
            Ok(when) => {
                writeln!(
                    all,
                    "  = {}, {}, in {}",
                    when.utc(),
                    when.local(),
                    when.ahead(now())
                )
                .unwrap();
                for warning in when.warnings() {
                    writeln!(all, "  ! {warning}").unwrap();
                }
            }
            Err(message) => writeln!(all, "  x {message}").unwrap(),
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn both_times_offered_for_a_skipped_or_repeated_time_are_accepted() {
    for (given, with, _) in table::ROWS {
        let Err(message) = read_with(given, *with) else {
            continue;
        };
        if !message.contains("does not exist") && !message.contains("happens twice") {
            continue;
        }
        let offered: Vec<When> = message
            .split('`')
            .filter(|part| part.len() == "2027-10-31T02:30:00+02:00".len())
            .map(|part| read_with(part, With::Nothing).unwrap())
            .collect();
        let [first, second] = offered.as_slice() else {
            panic!("{message}")
        };
        assert!(first.at() < second.at(), "{message}");
    }
}

#[test]
fn a_wrong_zone_name_is_answered_with_the_nearest_valid_one() {
    let cases = [
        ("Europe/Berln", "`Europe/Berlin`?"),
        ("berlin", "`Europe/Berlin`?"),
        ("New York", "`America/New_York`?"),
        ("US/New_York", "`America/New_York`?"),
        ("Europe/Istambul", "`Europe/Istanbul`?"),
        ("Asia/Calcuta", "`Asia/Calcutta`?"),
        ("Sao Paulo", "`America/Sao_Paulo`?"),
        ("PST", "`America/Los_Angeles`?"),
        ("Eastern Standard Time", "`America/New_York`?"),
        ("US Pacific", "`America/Los_Angeles`?"),
        ("CST", "`America/Chicago` or `Asia/Shanghai`?"),
        ("UTC+2", "is an offset"),
        ("+02:00", "is an offset"),
        ("Z", "is an offset"),
        ("Germany", "Name it by area and city"),
        ("Mars", "Name it by area and city"),
        ("Factory", "Name it by area and city"),
        ("\u{7}", "`\\u{7}` is not"),
        ("  ", "nothing was given"),
    ];
    for (given, part) in cases {
        let message = zone(given).unwrap_err();
        assert!(message.contains(part), "{given:?}: {message}");
    }
    for valid in [
        "CET",
        "EST5EDT",
        "utc",
        "Europe/Kiev",
        " Europe/Berlin ",
        "GMT",
    ] {
        assert!(zone(valid).is_ok(), "{valid}");
    }
}

#[test]
fn only_a_time_with_an_offset_needs_no_zone() {
    assert!(is_exact(" 2027-04-10T09:00:00+02:00 "));
    assert!(!is_exact("2027-04-10T09:00:00"));
}

#[test]
fn a_zone_without_daylight_saving_time_names_the_city_that_has_it() {
    for (name, city) in [("EST", "America/New_York"), ("MST", "America/Denver")] {
        let summer = "2027-07-01T12:00:00Z".parse().unwrap();
        let warning = zone_names::misleading_name(summer, &zone(name).unwrap()).unwrap();
        assert!(warning.contains(city), "{warning}");
        let winter = "2027-12-01T12:00:00Z".parse().unwrap();
        assert_eq!(
            zone_names::misleading_name(winter, &zone(name).unwrap()),
            None
        );
    }
}

#[test]
fn every_zone_that_is_suggested_for_an_abbreviation_exists() {
    for (_, suggestion) in zone_names::ABBREVIATIONS {
        for name in suggestion.split('`').filter(|part| part.contains('/')) {
            assert!(zone(name).is_ok(), "{name}");
        }
    }
}

#[test]
fn the_time_left_is_shown_in_two_units() {
    let when = When::at_instant(now(), TimeZone::UTC);
    let cases = [
        (0, "0 s"),
        (59, "59 s"),
        (40 * 60 + 59, "40 min"),
        (2 * 3600 + 5 * 60, "2 h 5 min"),
        (2 * 3600, "2 h"),
        (76 * 3600 + 59 * 60, "3 d 4 h"),
        (-40 * 60, "40 min ago"),
    ];
    for (seconds, expected) in cases {
        let present = now() - SignedDuration::from_secs(seconds);
        assert_eq!(when.ahead(present), expected);
    }
}

#[test]
fn a_known_instant_loses_its_fraction_and_keeps_its_zone() {
    let at = "2027-04-10T07:00:00.999Z".parse().unwrap();
    let when = When::at_instant(at, zone("Europe/Berlin").unwrap());
    assert_eq!(when.unix(), 1_807_340_400);
    assert_eq!(when.utc(), "2027-04-10T07:00:00Z");
    assert_eq!(when.local(), "Sat 10 Apr 2027, 09:00 (Europe/Berlin)");
    let before_1970 = When::at_instant("1969-12-31T23:59:59.5Z".parse().unwrap(), TimeZone::UTC);
    assert_eq!(before_1970.unix(), -1);
}

/// Any text, and texts that are nearly a time.
fn texts() -> impl Strategy<Value = String> {
    let nearly = "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,12})?)?( ?Z|[+-][01][0-9](:?[0-7][0-9])?)?(\\[!?(Europe/Berlin|Australia/Lord_Howe|[+-]0[0-9]:00|[a-zA-Z/=]{0,12})\\]){0,2}";
    let numbers = "[+-]?[0-9]{1,20}(\\.[0-9]{0,3})?";
    let soon = "202[78]-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-5][0-9](\\.[0-9]{1,3})?)?(Z|[+-][01][0-9]:[0-5][0-9])?";
    prop_oneof![any::<String>(), ".*", nearly, numbers, soon]
}

fn instants() -> impl Strategy<Value = Timestamp> {
    let seconds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    (seconds, 0..=999_999_999).prop_map(|(s, n)| Timestamp::new(s, n).unwrap_or(Timestamp::MAX))
}

proptest! {
    #[test]
    fn any_text_is_refused_in_plain_words_or_is_a_minute_ahead_in_whole_seconds(
        given in texts(),
        timezone in proptest::option::of(prop_oneof![Just("Europe/Berlin".to_owned()), any::<String>()]),
        now in instants(),
        near in any::<bool>(),
    ) {
        let now = if near { NOW.parse().unwrap() } else { now };
        let berlin = zone("Europe/Berlin").unwrap();
        let context = TimeContext { timezone: timezone.as_deref(), default: Some(&berlin), space_zone: None, now };
        match read(&given, &context) {
            Ok(when) => {
                prop_assert!(when.at().duration_since(now) >= MIN_AHEAD);
                prop_assert_eq!(when.at().subsec_nanosecond(), 0);
                let again = TimeContext { timezone: None, default: None, ..context };
                prop_assert_eq!(read(&when.utc(), &again).unwrap().at(), when.at());
                // It is the moment that is written, and without an offset it is in the zone that was asked for.
                let asked = timezone.as_deref().and_then(|name| zone(name).ok()).unwrap_or_else(|| berlin.clone());
                let written = given.trim().parse::<Timestamp>().ok();
                let written = written.or_else(|| {
                    let clock = given.trim().parse::<DateTime>().ok().filter(|_| !given.contains('['))?;
                    Some(clock.to_zoned_datetime(asked).ok()?.timestamp())
                });
                let fraction = written.map(|written| written.duration_since(when.at()));
                let is_whole = fraction.is_none_or(|fraction| (0..1000).contains(&fraction.as_millis()));
                prop_assert!(is_whole, "{} is not {written:?}", when.utc());
                prop_assert_eq!(when.local().is_empty() || when.ahead(now).is_empty(), false);
            }
            Err(message) => {
                prop_assert!(message.chars().count() < 500, "{}", message);
                prop_assert!(!message.chars().any(char::is_control), "{message:?}");
            }
        }
    }

    #[test]
    fn a_local_time_in_any_zone_comes_back_as_the_instant_it_was_made_from(
        pick in any::<prop::sample::Selector>(),
        ahead in 60_i64..63_000_000,
    ) {
        let names = TimeZoneDatabase::bundled();
        let names = names.available().filter(|name| name.as_str() != "Factory");
        let name = pick.select(names);
        let name = name.as_str();
        let there = zone(name).unwrap();
        let at = now() + SignedDuration::from_secs(ahead);
        let clock = at.to_zoned_datetime(there.clone());
        let local = clock.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let exact = format!("{local}{}[{name}]", clock.strftime("%:z"));
        let context = TimeContext { timezone: Some(name), default: None, space_zone: None, now: now() };
        prop_assert_eq!(read(&exact, &context).unwrap().at(), at);
        prop_assert_eq!(read(&messages::rfc3339(at, &there), &context).unwrap().at(), at);
        match (read(&local, &context), there.to_ambiguous_timestamp(clock.datetime()).offset()) {
            (Ok(when), AmbiguousOffset::Unambiguous { .. }) => prop_assert_eq!(when.at(), at),
            (Err(message), AmbiguousOffset::Fold { .. }) => prop_assert!(message.contains(&messages::rfc3339(at, &there))),
            (outcome, offset) => prop_assert!(false, "{outcome:?} {offset:?}"),
        }
    }
}
