use std::cell::{Cell, RefCell};

use super::*;
use rstest::rstest;

fn retryable(method: Method, is_idempotent: bool) -> RetryableRequest {
    let path = "/spaces/1".to_owned();
    RetryableRequest {
        method,
        path,
        is_idempotent,
    }
}

fn answer(status: u16, body: &str, retry_after: Option<u64>) -> Error {
    let answer = Box::new(Answer {
        method: Method::GET,
        path: "/spaces/1".to_owned(),
        status,
        retry_after: retry_after.map(Duration::from_secs),
        location: None,
        body: body.to_owned(),
        tries: 1,
        date: None,
    });
    match status {
        200..300 => Error::NotJson(answer),
        _ => Error::Status(answer),
    }
}

fn lost(lost: Lost) -> Error {
    Error::Network {
        method: Method::GET,
        path: "/spaces/1".to_owned(),
        lost,
        reason: String::new(),
        tries: 1,
    }
}

fn done() -> Reply {
    Reply {
        status: 200,
        body: None,
        date: None,
    }
}

/// What becomes of an retryable whose tries fail one after the other and then succeed, how often it was
/// tried, and how long it took.
async fn run(
    retryable: &RetryableRequest,
    failures: Vec<Error>,
) -> (Result<Reply, Error>, u32, Duration) {
    let failures = RefCell::new(failures.into_iter());
    let tries = Cell::new(0);
    let started = Instant::now();
    let attempt = || {
        tries.set(tries.get() + 1);
        let failure = failures.borrow_mut().next();
        std::future::ready(failure.map_or_else(|| Ok(done()), Err))
    };
    let outcome = retryable.run(&RetryPolicy::default(), attempt).await;
    (outcome, tries.get(), started.elapsed())
}

/// How often each kind of request is made when every try fails in the same way: a read, a write that may be
/// repeated, and one that may not.
#[rstest]
#[case::dns(|| lost(Lost::Dns), [4, 4, 4])]
#[case::connect(|| lost(Lost::Connect), [4, 4, 4])]
#[case::tls(|| lost(Lost::Tls), [1, 1, 1])]
#[case::timeout(|| lost(Lost::Timeout), [4, 4, 1])]
#[case::reset(|| lost(Lost::Reset), [4, 4, 1])]
#[case::slow_down(|| answer(429, "", None), [4, 4, 4])]
#[case::request_timeout(|| answer(408, "", None), [4, 1, 1])]
#[case::refused(|| answer(422, "{}", None), [1, 1, 1])]
#[case::refused_with_a_wait(|| answer(403, "{}", Some(1)), [1, 1, 1])]
#[case::redirect(|| answer(302, "", None), [1, 1, 1])]
#[case::fault(|| answer(500, "", None), [4, 4, 1])]
#[case::unavailable(|| answer(503, "<html>", Some(1)), [4, 4, 1])]
#[case::broken_off(|| answer(200, "{\"data\": [", None), [4, 4, 1])]
#[case::empty(|| answer(200, "", None), [4, 4, 1])]
#[case::page(|| answer(200, "<html>", None), [1, 4, 1])]
#[case::no_key(|| Error::NoKey, [1, 1, 1])]
#[case::unwritable(|| Error::InvalidRequest(String::new()), [1, 1, 1])]
#[tokio::test(start_paused = true)]
async fn a_request_is_made_again_only_where_that_helps_and_does_no_harm(
    #[case] failure: fn() -> Error,
    #[case] expected: [u32; 3],
) {
    let kinds = [
        retryable(Method::GET, true),
        retryable(Method::PUT, true),
        retryable(Method::POST, false),
    ];
    for (kind, expected) in kinds.iter().zip(expected) {
        let failures = (0..9).map(|_| failure()).collect();
        let (outcome, tries, _) = run(kind, failures).await;
        assert_eq!(tries, expected, "{kind:?}");
        let said = outcome.unwrap_err().tries();
        assert!(said == tries || said == 0, "{kind:?}: {said}");
        let (outcome, tries, _) = run(kind, vec![failure()]).await;
        assert_eq!((outcome.is_ok(), tries), (expected > 1, expected.min(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_are_never_the_same_for_all() {
    for (count, least) in [(1, 250), (2, 750), (3, 1750)] {
        let failures = (0..count).map(|_| lost(Lost::Connect)).collect();
        let (outcome, _, took) = run(&retryable(Method::GET, true), failures).await;
        let least = Duration::from_millis(least);
        // A timer of tokio is a millisecond late at most.
        assert!(took >= least && took <= least * 2 + Duration::from_millis(5));
        assert!(outcome.is_ok());
    }
    let firsts = (0..20).filter_map(|_| RetryPolicy::default().backoff().next());
    let firsts: std::collections::BTreeSet<_> = firsts.collect();
    assert!(firsts.len() > 1, "{firsts:?}");
}

#[tokio::test(start_paused = true)]
async fn saki_says_how_long_to_wait_and_is_obeyed_within_the_budget() {
    let post = retryable(Method::POST, false);
    let (outcome, tries, took) = run(&post, vec![answer(429, "", Some(9))]).await;
    assert!(outcome.is_ok() && tries == 2 && took >= Duration::from_secs(9));
    for wait in [21, u64::MAX] {
        let (outcome, tries, took) = run(&post, vec![answer(429, "", Some(wait))]).await;
        assert_eq!((tries, took), (1, Duration::ZERO));
        assert_eq!(
            outcome.unwrap_err().retry_after(),
            Some(Duration::from_secs(wait))
        );
    }
    let failures = vec![answer(429, "", Some(9)), answer(429, "", Some(12))];
    let (outcome, tries, _) = run(&post, failures).await;
    assert_eq!(
        (outcome.is_err(), tries),
        (true, 2),
        "only what is left counts"
    );
}

#[tokio::test(start_paused = true)]
async fn tries_that_take_long_use_up_the_budget_too() {
    let tries = Cell::new(0);
    let attempt = || {
        tries.set(tries.get() + 1);
        async {
            tokio::time::sleep(Duration::from_secs(12)).await;
            Err(lost(Lost::Timeout))
        }
    };
    let (get, retry) = (retryable(Method::GET, true), RetryPolicy::default());
    assert!(get.run(&retry, attempt).await.is_err());
    assert_eq!(tries.get(), 2);
}

#[rstest]
#[case(|| lost(Lost::Connect), 4)]
#[case(|| lost(Lost::Tls), 2)]
#[case(|| answer(429, "", None), 4)]
#[case(|| answer(429, "", Some(60)), 2)]
#[case(|| answer(422, "{}", None), 2)]
#[case(|| Error::DueTooSoon { at: jiff::Timestamp::UNIX_EPOCH }, 2)]
#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_done_is_not_called_undone_for_what_comes_later(
    #[case] later: fn() -> Error,
    #[case] tries: u32,
) {
    let failures = std::iter::once(answer(502, "", None));
    let failures = failures.chain((0..9).map(|_| later())).collect();
    let (outcome, ..) = run(&retryable(Method::PUT, true), failures).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.tries()), (Some(502), tries));
}

#[rstest]
#[case::lost(vec![lost(Lost::Reset), answer(404, "{}", None)], Ok(404))]
#[case::a_fault(vec![answer(500, "", None), answer(429, "", None), answer(404, "", None)], Ok(404))]
#[case::first(vec![answer(404, "{}", None)], Err(404))]
#[case::undone_before(vec![answer(429, "", None), answer(404, "{}", None)], Err(404))]
#[case::the_address(vec![answer(502, "", None), answer(404, "<html>", None)], Err(502))]
#[tokio::test(start_paused = true)]
async fn what_is_gone_after_a_delete_whose_answer_was_lost_is_deleted(
    #[case] failures: Vec<Error>,
    #[case] expected: Result<u16, u16>,
) {
    let (outcome, ..) = run(&retryable(Method::DELETE, true), failures).await;
    let outcome = outcome.map(|reply| (reply.was_gone(), reply.status));
    let outcome = outcome.map_err(|error| error.status().unwrap_or_default());
    assert_eq!(outcome, expected.map(|status| (true, status)));
}

#[tokio::test(start_paused = true)]
async fn a_404_is_no_success_for_anything_but_a_delete() {
    for method in [Method::GET, Method::PUT] {
        let failures = vec![answer(502, "", None), answer(404, "{}", None)];
        let (outcome, ..) = run(&retryable(method, true), failures).await;
        assert!(outcome.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_caller_where_nothing_was_done() {
    let gone = CancellationToken::new();
    gone.cancel();
    let all = || (0..2).map(|_| answer(429, "", None)).collect();
    let post = retryable(Method::POST, false);
    let (outcome, tries, took) = cancel_between_attempts(gone.clone(), run(&post, all())).await;
    assert_eq!((outcome.is_err(), tries, took), (true, 1, Duration::ZERO));
    let here = CancellationToken::new();
    let (outcome, tries, _) = cancel_between_attempts(here, run(&post, all())).await;
    assert_eq!((outcome.is_ok(), tries), (true, 3));
    // What may have been done is found out, whoever listens.
    let delete = retryable(Method::DELETE, true);
    let failures = vec![lost(Lost::Reset), answer(429, "", None)];
    let (outcome, tries, _) = cancel_between_attempts(gone, run(&delete, failures)).await;
    assert_eq!((outcome.is_ok(), tries), (true, 3));
}
