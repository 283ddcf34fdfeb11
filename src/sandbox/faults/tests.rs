use super::*;

const CREATE: Option<&str> = Some("/spaces/{space_id}/posts");

#[test]
fn a_fault_is_for_the_calls_that_are_meant_and_is_used_up() {
    let mut faults = vec![
        Fault::status(503)
            .on(&Method::POST, CREATE.unwrap())
            .times(2),
    ];
    let mut call = |method, path, template| take(&mut faults, method, path, template).kind;
    assert_eq!(call("GET", "/spaces/1/posts", CREATE), None);
    assert_eq!(call("POST", "/media", Some("/media")), None);
    assert!(call("POST", "/spaces/1/posts", CREATE).is_some());
    assert!(call("POST", "/spaces/2/posts", CREATE).is_some());
    assert_eq!(call("POST", "/spaces/2/posts", CREATE), None);
    assert!(faults.is_empty());
}

#[test]
fn delays_add_up_and_other_faults_wait_their_turn() {
    let delay = |ms, after_write| Fault::new(Kind::Delay { ms, after_write });
    let mut faults = vec![
        delay(5, false),
        Fault::status(500),
        Fault::new(Kind::Empty),
        delay(7, true),
    ];
    let first = take(&mut faults, "GET", "/spaces", None);
    assert_eq!((first.wait_before, first.wait_after), (5, 7));
    assert!(matches!(first.kind, Some(Kind::Status { .. })));
    assert_eq!(
        take(&mut faults, "GET", "/spaces", None).kind,
        Some(Kind::Empty)
    );
}

#[test]
fn skipped_calls_go_well_before() {
    let mut faults = vec![Fault {
        skip: 1,
        ..Fault::new(Kind::DropAfter)
    }];
    assert_eq!(take(&mut faults, "GET", "/a", None).kind, None);
    assert_eq!(
        take(&mut faults, "GET", "/a", None).kind,
        Some(Kind::DropAfter)
    );
}

#[test]
fn a_fault_is_written_as_flat_json() {
    let given = json!({"method": "POST", "path": "/media", "kind": "status", "status": 429, "headers": {"Retry-After": "1"}});
    let fault: Fault = serde_json::from_value(given).unwrap();
    let built = Fault::status(429)
        .header("Retry-After", "1")
        .on(&Method::POST, "/media");
    assert_eq!(fault, built);
    let plain: Fault = serde_json::from_value(json!({"kind": "drop_before"})).unwrap();
    assert_eq!(plain, Fault::new(Kind::DropBefore));
}
