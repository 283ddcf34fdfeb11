//! A model that corrects a refused call by what the refusal names.

use serde_json::{Value, json};

/// The call once more, with the fields that the refusal asks for; nothing where it names none that helps.
pub(super) fn corrected(arguments: &Value, refusal: &str) -> Option<Value> {
    let mut corrected = arguments.clone();
    let spoken = refusal.replace('_', " ");
    let words: Vec<&str> = spoken.split(|c: char| !c.is_alphanumeric()).collect();
    let names = |field: &str| {
        let field: Vec<&str> = field.split('_').collect();
        words.windows(field.len()).any(|words| words == field)
    };
    for (theirs, ours) in [
        ("day_of_week", "weekday"),
        ("day", "weekday"),
        ("endpoint", "url"),
        ("event_types", "events"),
        ("title", "name"),
        ("time_zone", "timezone"),
    ] {
        if names(theirs) && corrected.get(theirs).is_none() && corrected.get(ours).is_some() {
            corrected[theirs] = corrected.as_object_mut()?.remove(ours)?;
        }
    }
    if (names("hour") || names("minute")) && corrected.get("time").is_some() {
        let time = corrected.as_object_mut()?.remove("time")?;
        let (hour, minute) = time.as_str()?.split_once(':')?;
        corrected["hour"] = json!(hour.parse::<u64>().ok()?);
        corrected["minute"] = json!(minute.parse::<u64>().ok()?);
    }
    (corrected != *arguments).then_some(corrected)
}
