//! Rewordings: ways to write the body of a request otherwise, learned from a refusal or suggested by what Saki shows.

use serde_json::{Map, Value};

use super::field_errors::FieldError;
use super::weekday_numbers::WeekdayNumbers;

/// Fields of a body, each with the other names that Saki may have for it.
pub type OtherNames = &'static [(&'static str, &'static [&'static str])];

/// One way in which a body is written otherwise; a later one of the same kind replaces an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewording {
    /// Our field `ours`, or another name of it, goes under the name `theirs`.
    Name {
        /// Our name.
        ours: &'static str,
        /// Saki's name.
        theirs: &'static str,
    },
    /// The time of a slot goes as `hour` and `minute`.
    HourAndMinute,
    /// The day of a slot goes in this form.
    Day(DayForm),
}

impl Rewording {
    /// The form of the day, where it is about that.
    pub(super) fn day_form(self) -> Option<DayForm> {
        match self {
            Self::Day(form) => Some(form),
            _ => None,
        }
    }
}

/// The form of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayForm {
    /// A word as it was given, where Saki shows words in lower case.
    AsGiven,
    /// `monday`
    Lowercase,
    /// `Monday`
    Capitalized,
    /// Saki's number, where it is known.
    Number(WeekdayNumbers),
}

/// Renames a field, whichever of its names it has, where the body does not have the new name already.
pub(super) fn rename(
    body: &mut Map<String, Value>,
    other_names: OtherNames,
    ours: &str,
    theirs: &str,
) {
    if body.contains_key(theirs) {
        return;
    }
    let others = other_names.iter().find(|(name, _)| *name == ours);
    let others = others.map_or(&[][..], |(_, others)| others);
    let sent = [ours]
        .into_iter()
        .chain(others.iter().copied())
        .find(|name| body.contains_key(*name));
    let value = sent.and_then(|name| body.shift_remove(name));
    body.extend(value.map(|value| (theirs.to_owned(), value)));
}

/// The names that a resource shows for fields of ours.
pub(super) fn shown_names(
    other_names: OtherNames,
    shown: &Map<String, Value>,
) -> impl Iterator<Item = Rewording> {
    let unknown = other_names
        .iter()
        .filter(|(ours, _)| !shown.contains_key(*ours));
    unknown.filter_map(|(ours, others)| {
        let theirs = others.iter().find(|name| shown.contains_key(**name))?;
        Some(Rewording::Name { ours, theirs })
    })
}

/// Renames the fields that a refusal asks for under another name than they were `sent`.
pub(super) fn rename_asked(
    other_names: OtherNames,
    sent: &Map<String, Value>,
    errors: &[FieldError],
    wording: &mut Vec<Rewording>,
) {
    for field in errors
        .iter()
        .map(FieldError::root)
        .filter(|field| !sent.contains_key(*field))
    {
        for (name, others) in other_names {
            let mut names = [*name].into_iter().chain(others.iter().copied());
            if names.clone().any(|name| sent.contains_key(name))
                && let Some(theirs) = names.find(|name| *name == field)
            {
                wording
                    .retain(|known| !matches!(known, Rewording::Name { ours, .. } if ours == name));
                wording.push(Rewording::Name { ours: name, theirs });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_that_is_asked_for_goes_before_the_refusal_of_the_one_that_was_sent() {
        const NAMES: OtherNames = &[("weekday", &["day", "day_of_week"])];
        let body = json!({"weekday": "monday", "time": "09:00"});
        let errors = ["weekday", "day"].map(|field| FieldError {
            field: field.into(),
            message: "no".into(),
        });
        let mut wording = Vec::new();
        rename_asked(NAMES, body.as_object().unwrap(), &errors, &mut wording);
        let asked = Rewording::Name {
            ours: "weekday",
            theirs: "day",
        };
        assert_eq!(wording, [asked]);
    }

    #[test]
    fn a_field_is_renamed_whichever_of_its_names_it_has_unless_the_new_one_is_there() {
        const NAMES: OtherNames = &[("weekday", &["day", "day_of_week"])];
        for (body, renamed) in [
            (json!({"weekday": 1}), json!({"day": 1})),
            (json!({"day_of_week": 1}), json!({"day": 1})),
            (json!({"day": 1}), json!({"day": 1})),
            (
                json!({"day": 1, "weekday": 2}),
                json!({"day": 1, "weekday": 2}),
            ),
            (json!({"time": "09:00"}), json!({"time": "09:00"})),
        ] {
            let Value::Object(mut fields) = body else {
                continue;
            };
            rename(&mut fields, NAMES, "weekday", "day");
            assert_eq!(Value::Object(fields), renamed);
        }
    }
}
