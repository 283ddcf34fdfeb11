//! No combination of flags, environment and arguments widens a policy.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use saki_mcp::sandbox::{Running, Sandbox, SandboxOptions, State};
use saki_mcp::write::policy::Limit;
use serde_json::Value;

use crate::harness::{KEY, NOW};
use crate::policy::limited;
use crate::policy_calls::{call, limit};
use crate::policy_held::Held;
use crate::process::{Ended, run};

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn whatever_is_called_every_limit_is_kept() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let now = NOW.parse().unwrap();
    let seen = std::cell::RefCell::new(BTreeMap::<&str, usize>::new());
    let limits = prop::collection::vec(limit(), 0..4);
    let calls = prop::collection::vec(call(), 1..8);
    let outcome = runner(150).run(&(limits, calls), |(limits, calls)| {
        let limits: Vec<Limit> = limits.into_iter().map(|(limit, ..)| limit).collect();
        let world = runtime.block_on(limited(limits.clone()));
        let before = world.sandbox().state(Clone::clone);
        for (tool, arguments) in calls {
            let answer = runtime.block_on(world.call(tool, arguments));
            let word = match answer.meta["policy"].is_string() {
                true => "forbidden",
                false if answer.failed => "failed",
                false => "passed",
            };
            *seen.borrow_mut().entry(word).or_default() += 1;
        }
        if !world.writes().is_empty() {
            *seen.borrow_mut().entry("wrote").or_default() += 1;
        }
        held(world.sandbox(), &before, &limits, now)
    });
    outcome.unwrap();
    let many = |word: &str| seen.borrow().get(word).copied().unwrap_or_default() >= 20;
    assert!(
        ["forbidden", "passed", "wrote"].into_iter().all(many),
        "{:?}",
        seen.borrow()
    );
}

/// Where a limit can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Before,
    Behind,
    Variable,
}

#[test]
fn wherever_limits_are_set_each_of_them_is_kept() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let place = prop::sample::select(vec![Place::Before, Place::Behind, Place::Variable]);
    let limits = prop::collection::vec((limit(), place), 0..5);
    let seen = std::cell::RefCell::new(BTreeMap::<&str, usize>::new());
    let outcome = runner(60).run(&(limits, call()), |(limits, (tool, arguments))| {
        let _within = runtime.enter();
        let running = runtime
            .block_on(Sandbox::start(SandboxOptions::default()))
            .unwrap();
        let before = running.sandbox.state(Clone::clone);
        // What stands in one place twice is one list, or no command line.
        let mut set = BTreeMap::new();
        for ((limit, flag, value), place) in limits {
            set.entry((place, flag)).or_insert((limit, value));
        }
        let ended = called(&running, &set, tool, &arguments);
        let stopped =
            ended.stderr.contains("in common") || ended.stderr.contains("no tool is left");
        let word = match ended.code {
            0 => "passed",
            _ if stopped => "stopped",
            _ if ended.stderr.contains("The operator's policy") => "forbidden",
            _ => "failed",
        };
        *seen.borrow_mut().entry(word).or_default() += 1;
        let limits: Vec<Limit> = set.into_values().map(|(limit, _)| limit).collect();
        held(&running.sandbox, &before, &limits, jiff::Timestamp::now())
    });
    outcome.unwrap();
    let some = |word: &str| seen.borrow().get(word).copied().unwrap_or_default() >= 3;
    assert!(
        ["forbidden", "passed"].into_iter().all(some),
        "{:?}",
        seen.borrow()
    );
}

fn called(
    running: &Running,
    set: &BTreeMap<(Place, &str), (Limit, String)>,
    tool: &str,
    arguments: &Value,
) -> Ended {
    let flags = |wanted: Place| {
        let set = set.iter().filter(move |((place, _), _)| *place == wanted);
        set.map(|((_, flag), (_, value))| format!("{flag}={value}"))
    };
    let variables = set
        .iter()
        .filter(|((place, _), _)| *place == Place::Variable);
    let variables = variables.map(|((_, flag), (_, value))| {
        let name = flag
            .trim_start_matches('-')
            .replace('-', "_")
            .to_uppercase();
        (format!("SAKI_{name}"), value.clone())
    });
    let mut variables: Vec<(String, String)> = variables.collect();
    let fixed = [
        ("SAKI_API_KEY", KEY),
        ("SAKI_BASE_URL", &running.base_url),
        ("SAKI_TIMEZONE", "Europe/Berlin"),
    ];
    variables.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut line: Vec<String> = flags(Place::Before).collect();
    line.push("call".to_owned());
    line.extend(flags(Place::Behind));
    line.extend([tool.to_owned(), arguments.to_string()]);
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    run(&line, &variables)
}

fn held(
    sandbox: &Sandbox,
    before: &State,
    limits: &[Limit],
    now: jiff::Timestamp,
) -> Result<(), TestCaseError> {
    let (after, log) = (sandbox.state(Clone::clone), sandbox.log());
    let held = Held {
        before,
        after: &after,
        log: &log,
        now,
    };
    for limit in limits {
        let breach = held.breach(limit);
        prop_assert!(
            breach.is_none(),
            "{limit:?}: {}",
            breach.unwrap_or_default()
        );
    }
    Ok(())
}
