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

fn response(status: u16, body: &str, retry_after: Option<u64>) -> Error {
    let response = Box::new(ErrorResponse {
        method: Method::GET,
        path: "/spaces/1".to_owned(),
        status,
        retry_after: retry_after.map(Duration::from_secs),
        location: None,
        body: body.to_owned(),
        attempts: 1,
        date: None,
        key_origin: None,
    });
    match status {
        200..300 => Error::NotJson(response),
        _ => Error::Status(response),
    }
}

fn network(failure: NetworkFailure) -> Error {
    Error::Network {
        method: Method::GET,
        path: "/spaces/1".to_owned(),
        failure,
        reason: String::new(),
        attempts: 1,
    }
}

fn done() -> Reply {
    Reply {
        status: 200,
        body: None,
        date: None,
    }
}

/// Runs a request whose attempts fail with `failures` and then succeed; returns the outcome, the number of attempts
/// and the time taken.
async fn run(
    retryable: &RetryableRequest,
    failures: Vec<Error>,
) -> (Result<Reply, Error>, u32, Duration) {
    let failures = RefCell::new(failures.into_iter());
    let attempts = Cell::new(0);
    let started = Instant::now();
    let attempt = || {
        attempts.set(attempts.get() + 1);
        let failure = failures.borrow_mut().next();
        std::future::ready(failure.map_or_else(|| Ok(done()), Err))
    };
    let outcome = retryable.run(&RetryPolicy::default(), attempt).await;
    (outcome, attempts.get(), started.elapsed())
}

/// How often each kind of request is sent when every attempt fails in the same way: a read, an idempotent write,
/// and a write that may not be repeated.
#[rstest]
#[case::dns(|| network(NetworkFailure::Dns), [4, 4, 4])]
#[case::connect(|| network(NetworkFailure::Connect), [4, 4, 4])]
#[case::tls(|| network(NetworkFailure::Tls), [1, 1, 1])]
#[case::timeout(|| network(NetworkFailure::Timeout), [4, 4, 1])]
#[case::reset(|| network(NetworkFailure::Reset), [4, 4, 1])]
#[case::slow_down(|| response(429, "", None), [4, 4, 4])]
#[case::request_timeout(|| response(408, "", None), [4, 1, 1])]
#[case::refused(|| response(422, "{}", None), [1, 1, 1])]
#[case::refused_with_a_wait(|| response(403, "{}", Some(1)), [1, 1, 1])]
#[case::redirect(|| response(302, "", None), [1, 1, 1])]
#[case::fault(|| response(500, "", None), [4, 4, 1])]
#[case::unavailable(|| response(503, "<html>", Some(1)), [4, 4, 1])]
#[case::broken_off(|| response(200, "{\"data\": [", None), [4, 4, 1])]
#[case::empty(|| response(200, "", None), [4, 4, 1])]
#[case::page(|| response(200, "<html>", None), [1, 4, 1])]
#[case::no_key(|| Error::NoKey, [1, 1, 1])]
#[case::unwritable(|| Error::InvalidRequest(String::new()), [1, 1, 1])]
#[tokio::test(start_paused = true)]
async fn a_request_is_retried_only_where_that_helps_and_does_no_harm(
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
        let (outcome, attempts, _) = run(kind, failures).await;
        assert_eq!(attempts, expected, "{kind:?}");
        let reported = outcome.unwrap_err().attempts();
        assert!(
            reported == attempts || reported == 0,
            "{kind:?}: {reported}"
        );
        let (outcome, attempts, _) = run(kind, vec![failure()]).await;
        assert_eq!((outcome.is_ok(), attempts), (expected > 1, expected.min(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_are_never_the_same_for_all() {
    for (count, least) in [(1, 250), (2, 750), (3, 1750)] {
        let failures = (0..count)
            .map(|_| network(NetworkFailure::Connect))
            .collect();
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
    let (outcome, attempts, took) = run(&post, vec![response(429, "", Some(9))]).await;
    assert!(outcome.is_ok() && attempts == 2 && took >= Duration::from_secs(9));
    for wait in [21, u64::MAX] {
        let (outcome, attempts, took) = run(&post, vec![response(429, "", Some(wait))]).await;
        assert_eq!((attempts, took), (1, Duration::ZERO));
        assert_eq!(
            outcome.unwrap_err().retry_after(),
            Some(Duration::from_secs(wait))
        );
    }
    let failures = vec![response(429, "", Some(9)), response(429, "", Some(12))];
    let (outcome, attempts, _) = run(&post, failures).await;
    assert_eq!(
        (outcome.is_err(), attempts),
        (true, 2),
        "only what is left counts"
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_that_take_long_use_up_the_budget_too() {
    let attempts = Cell::new(0);
    let attempt = || {
        attempts.set(attempts.get() + 1);
        async {
            tokio::time::sleep(Duration::from_secs(12)).await;
            Err(network(NetworkFailure::Timeout))
        }
    };
    let (get, retry) = (retryable(Method::GET, true), RetryPolicy::default());
    assert!(get.run(&retry, attempt).await.is_err());
    assert_eq!(attempts.get(), 2);
}

#[rstest]
#[case(|| network(NetworkFailure::Connect), 4)]
#[case(|| network(NetworkFailure::Tls), 2)]
#[case(|| response(429, "", None), 4)]
#[case(|| response(429, "", Some(60)), 2)]
#[case(|| response(422, "{}", None), 2)]
#[case(|| Error::DueTooSoon { at: jiff::Timestamp::UNIX_EPOCH }, 2)]
#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_done_is_not_called_undone_for_what_comes_later(
    #[case] later: fn() -> Error,
    #[case] attempts: u32,
) {
    let failures = std::iter::once(response(502, "", None));
    let failures = failures.chain((0..9).map(|_| later())).collect();
    let (outcome, ..) = run(&retryable(Method::PUT, true), failures).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(502), attempts));
}

#[rstest]
#[case::network(vec![network(NetworkFailure::Reset), response(404, "{}", None)], Ok(404))]
#[case::a_fault(vec![response(500, "", None), response(429, "", None), response(404, "", None)], Ok(404))]
#[case::first(vec![response(404, "{}", None)], Err(404))]
#[case::undone_before(vec![response(429, "", None), response(404, "{}", None)], Err(404))]
#[case::the_address(vec![response(502, "", None), response(404, "<html>", None)], Err(502))]
#[tokio::test(start_paused = true)]
async fn what_is_gone_after_a_delete_whose_answer_was_lost_is_deleted(
    #[case] failures: Vec<Error>,
    #[case] expected: Result<u16, u16>,
) {
    let (outcome, ..) = run(&retryable(Method::DELETE, true), failures).await;
    let outcome = outcome.map(|reply| (reply.was_already_deleted(), reply.status));
    let outcome = outcome.map_err(|error| error.status().unwrap_or_default());
    assert_eq!(outcome, expected.map(|status| (true, status)));
}

#[tokio::test(start_paused = true)]
async fn a_404_is_no_success_for_anything_but_a_delete() {
    for method in [Method::GET, Method::PUT] {
        let failures = vec![response(502, "", None), response(404, "{}", None)];
        let (outcome, ..) = run(&retryable(method, true), failures).await;
        assert!(outcome.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_caller_where_nothing_was_done() {
    let gone = CancellationToken::new();
    gone.cancel();
    let all = || (0..2).map(|_| response(429, "", None)).collect();
    let post = retryable(Method::POST, false);
    let (outcome, attempts, took) = cancel_between_attempts(gone.clone(), run(&post, all())).await;
    assert_eq!(
        (outcome.is_err(), attempts, took),
        (true, 1, Duration::ZERO)
    );
    let here = CancellationToken::new();
    let (outcome, attempts, _) = cancel_between_attempts(here, run(&post, all())).await;
    assert_eq!((outcome.is_ok(), attempts), (true, 3));
    // What may have been done is found out, whoever listens.
    let delete = retryable(Method::DELETE, true);
    let failures = vec![network(NetworkFailure::Reset), response(429, "", None)];
    let (outcome, attempts, _) = cancel_between_attempts(gone, run(&delete, failures)).await;
    assert_eq!((outcome.is_ok(), attempts), (true, 3));
}
