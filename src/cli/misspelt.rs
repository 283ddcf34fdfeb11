//! Variables that are almost limits: one that is not heard of would leave everything open.

/// Words that such a variable is about, the surest first, and the limit that is likely meant.
const SUBJECTS: [(&str, &str); 18] = [
    ("TOOLSET", "SAKI_TOOLSETS"),
    ("TOOL", "SAKI_TOOLS"),
    ("SPACE", "SAKI_SPACE"),
    ("ACCOUNT", "SAKI_ACCOUNTS"),
    ("READ", "SAKI_MODE"),
    ("READONLY", "SAKI_MODE"),
    ("DRAFT", "SAKI_MODE"),
    ("DRAFTONLY", "SAKI_MODE"),
    ("DRAFTSONLY", "SAKI_MODE"),
    ("MODE", "SAKI_MODE"),
    ("LIVE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("RATE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("QUIET", "SAKI_QUIET_HOURS"),
    ("LEAD", "SAKI_MIN_LEAD"),
    ("CONFIRM", "SAKI_CONFIRM"),
    ("CONFIRMATION", "SAKI_CONFIRM"),
    ("EXCLUDE", "SAKI_EXCLUDE_TOOLS"),
    ("MAX", "SAKI_MAX_LIVE_PER_HOUR"),
];

/// Words that such a name may have beside its subject; with any other it is about something else.
const BESIDE: [&str; 27] = [
    "ALLOW", "ALLOWED", "ALWAY", "DAY", "DISABLE", "DISABLED", "ENABLED", "EXCLUDED", "HOUR", "HR",
    "ID", "LIMIT", "LIST", "MCP", "MIN", "MINUTE", "NAME", "NEVER", "ONLY", "PER", "POST",
    "SECOND", "SET", "TIME", "TZ", "WITHOUT", "ZONE",
];

const LEAVES_OUT: [&str; 5] = ["EXCLUDE", "EXCLUDED", "DISABLE", "DISABLED", "WITHOUT"];

/// What is to be said of a variable that is likely meant to set a limit, and whose name is not quite one.
pub(super) fn limit_meant_by(variable: &str) -> Option<String> {
    let upper = variable.to_ascii_uppercase();
    let given = upper.strip_prefix("SAKI_")?;
    let named = |limit: &str| format!("its name is {limit}");
    let limits = || SUBJECTS.iter().map(|(_, limit)| *limit);
    if let Some(limit) = limits().find(|limit| is_slip(given, &limit["SAKI_".len()..])) {
        return Some(named(limit));
    }
    let words = given.split(['_', '-']);
    let words: Vec<&str> = words
        .map(|word| word.strip_suffix('S').unwrap_or(word))
        .collect();
    let is_subject = |word: &&str| SUBJECTS.iter().any(|(subject, _)| subject == word);
    if !words
        .iter()
        .all(|word| is_subject(word) || BESIDE.contains(word))
    {
        return None;
    }
    let (subject, limit) = SUBJECTS
        .iter()
        .find(|(subject, _)| words.contains(subject))?;
    let leaves_out = words.iter().any(|word| LEAVES_OUT.contains(word));
    Some(match (*subject, leaves_out) {
        ("TOOL" | "TOOLSET", true) => named("SAKI_EXCLUDE_TOOLS"),
        ("SPACE" | "ACCOUNT", true) => {
            format!("{limit} names the ones that are allowed, and nothing leaves some out")
        }
        _ => named(limit),
    })
}

/// Whether two names are the same but for their underscores, two letters that changed places, or, in a longer name, one
/// letter.
fn is_slip(given: &str, name: &str) -> bool {
    let letters = |text: &str| {
        text.bytes()
            .filter(u8::is_ascii_alphabetic)
            .collect::<Vec<u8>>()
    };
    let (given, name) = (letters(given), letters(name));
    let same = |(a, b): &(&u8, &u8)| a == b;
    let before = given.iter().zip(&name).take_while(same).count();
    let (given, rest) = (&given[before..], &name[before..]);
    let behind = given
        .iter()
        .rev()
        .zip(rest.iter().rev())
        .take_while(same)
        .count();
    match (&given[..given.len() - behind], &rest[..rest.len() - behind]) {
        ([], []) => true,
        ([a, b], [c, d]) => (a, b) == (d, c),
        (a, b) => a.len() <= 1 && b.len() <= 1 && name.len() >= 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SAKI_SPACES", Some("SAKI_SPACE"))]
    #[case("SAKI_SPACE_ID", Some("SAKI_SPACE"))]
    #[case("SAKI_MCP_SPACE", Some("SAKI_SPACE"))]
    #[case("SAKI_ALLOWED_SPACES", Some("SAKI_SPACE"))]
    #[case("saki_space", Some("SAKI_SPACE"))]
    #[case("SAKI_ACCOUNT", Some("SAKI_ACCOUNTS"))]
    #[case("SAKI_ALLOW_ACCOUNTS", Some("SAKI_ACCOUNTS"))]
    #[case("Saki_Mode", Some("SAKI_MODE"))]
    #[case("SAKI_READ_ONLY", Some("SAKI_MODE"))]
    #[case("SAKI_READONLY", Some("SAKI_MODE"))]
    #[case("SAKI_DRAFTS", Some("SAKI_MODE"))]
    #[case("SAKI_DRAFT_ONLY", Some("SAKI_MODE"))]
    #[case("SAKI_TOOLSET", Some("SAKI_TOOLSETS"))]
    #[case("SAKI_TOOL", Some("SAKI_TOOLS"))]
    #[case("SAKI_EXCLUDED_TOOLS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_DISABLE_TOOLS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_MAX_LIVE", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_RATE_LIMIT", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_QUIET_HOUR", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_LEAD_TIME", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_CONFIRMATION", Some("SAKI_CONFIRM"))]
    #[case("SAKI_ACOUNTS", Some("SAKI_ACCOUNTS"))]
    #[case("SAKI_SAPCE", Some("SAKI_SPACE"))]
    #[case("SAKI_MDOE", Some("SAKI_MODE"))]
    #[case("SAKI_TOOLSTES", Some("SAKI_TOOLSETS"))]
    #[case("SAKI_QUIETHOURS", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_MINLEAD", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_MAX_POSTS_PER_HOUR", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_MAX_LIVE_PER_DAY", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_MIN_LEAD_MINUTES", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_QUIET_HOURS_TZ", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_CONFIRM_ALWAYS", Some("SAKI_CONFIRM"))]
    #[case("SAKI_EXCLUDE", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_DISABLED_TOOLSETS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_NODE", None)]
    #[case("SAKI_HOME", None)]
    #[case("SAKI_CODE", None)]
    #[case("SAKI_MODEL", None)]
    #[case("SAKI_CONFIG", None)]
    #[case("SAKI_PLACE", None)]
    #[case("SAKI_SPACESHIP", None)]
    #[case("SAKI_MINIO_URL", None)]
    #[case("SAKI_MAX_RETRIES", None)]
    #[case("SAKI_ACCOUNT_EMAIL", None)]
    #[case("SAKI_TOOLCHAIN", None)]
    #[case("SAKI_TOOLS_DIR", None)]
    #[case("SAKI_PORT", None)]
    #[case("SAKI_POST_ID", None)]
    fn a_name_made_of_the_words_of_limits_means_one(
        #[case] given: &str,
        #[case] limit: Option<&str>,
    ) {
        let said = limit.map(|limit| format!("its name is {limit}"));
        assert_eq!(limit_meant_by(given), said);
    }

    #[test]
    fn what_cannot_be_left_out_is_not_turned_into_its_opposite() {
        for name in ["SAKI_EXCLUDE_SPACES", "SAKI_DISABLED_ACCOUNTS"] {
            let said = limit_meant_by(name).unwrap();
            assert!(said.ends_with("nothing leaves some out"), "{said}");
        }
    }
}
