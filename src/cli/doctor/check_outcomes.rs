//! Outcomes of all checks, for a person and as JSON. They hold no secret and no text of a post.

use serde::Serialize;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// ✓
    Ok,
    /// ! Something works, but perhaps not as wished.
    Warning,
    /// ✗ Something does not work.
    Problem,
    /// – Not checked, because something before it failed.
    Skipped,
}

impl Status {
    fn sign(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Warning => "!",
            Self::Problem => "✗",
            Self::Skipped => "–",
        }
    }
}

/// The outcome of one check.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Check {
    /// What was checked, e.g. `key`, or the name of a client.
    pub(super) subject: String,
    pub(super) status: Status,
    /// What was found.
    pub(super) finding: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Check {
    pub(super) fn ok(subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(subject, Status::Ok, finding, None)
    }

    pub(super) fn skipped(subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(subject, Status::Skipped, finding, None)
    }

    pub(super) fn warning(
        subject: impl Into<String>,
        finding: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(subject, Status::Warning, finding, Some(fix.into()))
    }

    pub(super) fn problem(
        subject: impl Into<String>,
        finding: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(subject, Status::Problem, finding, Some(fix.into()))
    }

    fn new(
        subject: impl Into<String>,
        status: Status,
        finding: impl Into<String>,
        fix: Option<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            status,
            finding: finding.into(),
            fix,
        }
    }
}

/// All checks of a run.
#[derive(Debug, Serialize)]
pub(super) struct CheckList {
    version: &'static str,
    /// How many checks are ✗.
    problems: usize,
    /// How many are !.
    warnings: usize,
    checks: Vec<Check>,
}

impl CheckList {
    pub(super) fn new(checks: Vec<Check>) -> Self {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            problems: count(Status::Problem),
            warnings: count(Status::Warning),
            checks,
        }
    }

    pub(super) fn has_problem(&self) -> bool {
        self.problems > 0
    }

    /// A line per check, with the fix below it, and a last line that sums up.
    pub(super) fn text(&self) -> String {
        let width = self
            .checks
            .iter()
            .map(|check| check.subject.chars().count());
        let width = width.max().unwrap_or(0);
        let mut lines = Vec::new();
        for check in &self.checks {
            let (sign, subject) = (check.status.sign(), &check.subject);
            lines.push(format!("{sign} {subject:width$}  {}", check.finding));
            if let Some(fix) = &check.fix {
                lines.push(format!("  {:width$}  → {fix}", ""));
            }
        }
        let count = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            count => format!("{count} {word}s"),
        };
        lines.push(String::new());
        lines.push(match (self.problems, self.warnings) {
            (0, 0) => "Everything is in order.".to_owned(),
            (0, warnings) => format!("It works; {}.", count(warnings, "warning")),
            (problems, warnings) => format!(
                "{} (✗), {} (!). Start with the first ✗.",
                count(problems, "problem"),
                count(warnings, "warning")
            ),
        });
        lines.join("\n")
    }
}
