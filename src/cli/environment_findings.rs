//! Findings about the environment at the start: what a client left unfilled, and unknown variables that look like settings.

use std::collections::BTreeSet;

use super::environment_checks;
use super::global_flags::MEDIA_DIR;
use super::policy_flags::PolicyFlags;

/// What is wrong with the variables and flags that were given.
#[derive(Debug, Default)]
pub(super) struct EnvironmentFindings {
    /// Limits that would limit nothing. They stop a server.
    pub(super) problems: Vec<String>,
    /// Settings without effect.
    pub(super) warnings: Vec<String>,
}

/// Looks at all variables of settings, and at flags that were removed because a client left them unfilled.
pub(super) fn find(variables: &BTreeSet<String>, unfilled_flags: &[String]) -> EnvironmentFindings {
    let mut findings = EnvironmentFindings::default();
    for name in variables {
        let Some(value) = environment_checks::unfilled(name) else {
            continue;
        };
        if PolicyFlags::is_limit(name.as_ref()) {
            findings.problems.push(format!(
                "the client left {name} unfilled: its value is {value:?}. Fill it in, or remove it: a limit without a value would limit nothing"
            ));
            continue;
        }
        let effect = match name == MEDIA_DIR {
            true => "no file is read by path",
            false => "it counts as not set",
        };
        findings.warnings.push(format!(
            "the client left {name} unfilled: its value is {value:?}, so {effect}"
        ));
    }
    for flag in unfilled_flags {
        findings.warnings.push(format!(
            "the client left {flag} unfilled, so it counts as not set"
        ));
    }
    for name in &environment_checks::unknown(variables) {
        match environment_checks::misspelled_limit(name) {
            Some(advice) => findings.problems.push(format!(
                "unknown environment variable {name}. {advice} Correct or unset it: a misspelled limit would limit nothing"
            )),
            None => findings.warnings.push(format!(
                "unknown environment variable {name}: it has no effect. saki-mcp --help lists all variables"
            )),
        }
    }
    findings
}
