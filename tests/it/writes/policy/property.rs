//! No combination of flags, environment and arguments widens a policy.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use saki_mcp::sandbox::{RunningSandbox, Sandbox, SandboxOptions};
use saki_mcp::write::policy::Limit;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::child_process::{Ended, run};
use crate::support::policy_limits::limited;
use crate::support::policy_oracle::generated_calls::{Turn, call, meant, turn, turn_within_hours};
use crate::support::policy_oracle::generated_limits::{limit, of_time};
use crate::support::policy_oracle::{Step, breach};
use crate::support::server_under_test::KEY;

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

/// What calls came to, and how often.
type Seen = RefCell<BTreeMap<String, usize>>;

/// Takes the turns in a world of their own where these limits hold.
fn taken(runtime: &Runtime, limits: &[Limit], turns: Vec<Turn>, seen: &Seen) -> Vec<Step> {
    let world = runtime.block_on(limited(limits.to_vec()));
    let mut steps: Vec<Step> = Vec::new();
    let mut last = None;
    for Turn { seconds, next } in turns {
        let now = world.clock.now() + SignedDuration::from_secs(seconds);
        world.clock.set(now);
        world.sandbox().clear_log();
        let before = world.sandbox().state(Clone::clone);
        let Some((tool, arguments)) = next.after(last.take(), &before, now) else {
            continue;
        };
        let answer = runtime.block_on(world.call(tool, arguments.clone()));
        last = Some((tool, arguments));
        let after = world.sandbox().state(Clone::clone);
        let step = Step::new(now, before, after, world.sandbox().log());
        let word = match answer.meta["policy"].as_str() {
            Some(limit) => limit.split(' ').next().unwrap_or_default(),
            None if answer.failed => "failed",
            None if step.writes().next().is_some() => tool,
            None => "passed",
        };
        *seen.borrow_mut().entry(word.to_owned()).or_default() += 1;
        steps.push(step);
    }
    steps
}

/// Every limit had something to say, and there was something to hold it against.
fn is_seen(seen: &Seen, words: &[&str]) {
    let seen = seen.borrow();
    let many = |word: &str| seen.get(word).copied().unwrap_or_default() >= 3;
    let rare = words.iter().find(|word| !many(word));
    assert!(rare.is_none(), "{rare:?} {seen:?}");
}

#[test]
fn no_sequence_of_calls_breaks_a_limit() {
    let (runtime, seen) = (one_thread(), Seen::default());
    let limits = prop::collection::vec(limit(), 1..4);
    let turns = prop::collection::vec(turn(), 1..9);
    let outcome = runner(200).run(&(limits, turns), |(limits, turns)| {
        let limits: Vec<Limit> = limits.into_iter().map(|(limit, ..)| limit).collect();
        held(&taken(&runtime, &limits, turns, &seen), &limits)
    });
    outcome.unwrap();
    let limits = [
        "--mode",
        "--tools",
        "--exclude-tools",
        "--toolsets",
        "--space",
        "--accounts",
    ];
    let calls = [
        "create_post",
        "update_post",
        "update_cluster",
        "delete_post",
        "passed",
    ];
    is_seen(&seen, &[&limits[..], &calls].concat());
}

#[test]
fn no_sequence_of_plans_and_edits_over_hours_breaks_a_time_limit() {
    let (runtime, seen) = (one_thread(), Seen::default());
    let turns = prop::collection::vec(turn_within_hours(), 2..9);
    let outcome = runner(200).run(&(of_time(), turns), |((limit, ..), turns)| {
        let limits = [limit];
        held(&taken(&runtime, &limits, turns, &seen), &limits)
    });
    outcome.unwrap();
    let limits = ["--max-live-per-hour", "--quiet-hours", "--min-lead"];
    let calls = ["create_post", "update_post", "update_cluster"];
    is_seen(&seen, &[limits, calls].concat());
}

fn one_thread() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Where a limit can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Before,
    Behind,
    Variable,
}

#[test]
fn every_limit_holds_wherever_it_is_set() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let place = prop::sample::select(vec![Place::Before, Place::Behind, Place::Variable]);
    let limits = prop::collection::vec((limit(), place), 0..5);
    let seen = RefCell::new(BTreeMap::<&str, usize>::new());
    let outcome = runner(60).run(&(limits, call()), |(limits, (tool, arguments))| {
        let _within = runtime.enter();
        let running = runtime
            .block_on(Sandbox::start(SandboxOptions::default()))
            .unwrap();
        let before = running.sandbox.state(Clone::clone);
        let now = jiff::Timestamp::now();
        let arguments = meant(&arguments, &before, now);
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
        let step = Step::new(
            now,
            before,
            running.sandbox.state(Clone::clone),
            running.sandbox.log(),
        );
        held(&[step], &limits)
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
    running: &RunningSandbox,
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

fn held(steps: &[Step], limits: &[Limit]) -> Result<(), TestCaseError> {
    for limit in limits {
        let breach = breach(steps, limit);
        prop_assert!(
            breach.is_none(),
            "{limit:?}: {}",
            breach.unwrap_or_default()
        );
    }
    Ok(())
}
