//! Variables that are almost limits: one that is not heard of would leave everything open.

/// What a variable is about, by one of its words, and the limit that is likely meant.
const SUBJECTS: [(&str, &str); 16] = [
    ("MODE", "SAKI_MODE"),
    ("READ", "SAKI_MODE"),
    ("READONLY", "SAKI_MODE"),
    ("DRAFT", "SAKI_MODE"),
    ("DRAFTONLY", "SAKI_MODE"),
    ("DRAFTSONLY", "SAKI_MODE"),
    ("TOOLSET", "SAKI_TOOLSETS"),
    ("TOOL", "SAKI_TOOLS"),
    ("SPACE", "SAKI_SPACE"),
    ("ACCOUNT", "SAKI_ACCOUNTS"),
    ("LIVE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("RATE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("QUIET", "SAKI_QUIET_HOURS"),
    ("LEAD", "SAKI_MIN_LEAD"),
    ("CONFIRM", "SAKI_CONFIRM"),
    ("CONFIRMATION", "SAKI_CONFIRM"),
];

/// Words that such a name may have beside its subject; with any other it is about something else.
const BESIDE: [&str; 22] = [
    "ALLOW", "ALLOWED", "DISABLE", "DISABLED", "ENABLED", "EXCLUDE", "EXCLUDED", "HOUR", "ID",
    "IDS", "LIMIT", "LIST", "MAX", "MCP", "MIN", "NAME", "ONLY", "PER", "POST", "SET", "TIME",
    "WITHOUT",
];

/// The limit that a variable is likely meant to set, whose name is not quite this.
pub(super) fn limit_meant_by(variable: &str) -> Option<&'static str> {
    let upper = variable.to_ascii_uppercase();
    let words = upper.strip_prefix("SAKI_")?.split(['_', '-']);
    let words: Vec<&str> = words
        .map(|word| word.strip_suffix('S').unwrap_or(word))
        .collect();
    let subject = |word: &&str| SUBJECTS.iter().find(|(subject, _)| subject == word);
    let is_of_limits = words
        .iter()
        .all(|word| subject(word).is_some() || BESIDE.contains(word));
    let (name, limit) = words.iter().find_map(subject).filter(|_| is_of_limits)?;
    let leaves_out = ["EXCLUDE", "EXCLUDED", "DISABLE", "DISABLED", "WITHOUT"];
    match *name == "TOOL" && words.iter().any(|word| leaves_out.contains(word)) {
        true => Some("SAKI_EXCLUDE_TOOLS"),
        false => Some(limit),
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
        assert_eq!(limit_meant_by(given), limit);
    }
}
