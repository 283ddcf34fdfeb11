use super::*;
use rstest::rstest;

fn refusal(check: Check) -> (String, Map<String, Value>) {
    match check.done() {
        Err(Refusal::Invalid { message, errors }) => (message, errors),
        other => panic!("{other:?}"),
    }
}

fn with(value: Value) -> Map<String, Value> {
    Map::from_iter([("is_draft".to_owned(), value)])
}

#[test]
fn a_refusal_counts_what_it_does_not_print() {
    let body = Map::new();
    let mut check = Check::default();
    check.required(&Field::of(&body, "space_id"));
    assert_eq!(refusal(check).0, "The space id field is required.");

    let mut check = Check::default();
    for name in ["space_id", "items", "at"] {
        check.required(&Field::of(&body, name));
    }
    let (message, errors) = refusal(check);
    assert_eq!(
        message,
        "The space id field is required. (and 2 more errors)"
    );
    assert_eq!(errors["items"], json!(["The items field is required."]));
}

#[test]
fn a_field_below_a_list_is_named_by_its_whole_key() {
    let body = json!({"items": [{"account_id": "x"}]});
    let mut check = Check::default();
    let items = Field::of(body.as_object().unwrap(), "items");
    for item in check.rows(&items) {
        check.integer(&item.below("account_id"));
        check.required(&item.below("main"));
    }
    let (message, errors) = refusal(check);
    assert_eq!(
        message,
        "The items.0.account_id field must be an integer. (and 1 more error)"
    );
    assert_eq!(
        errors["items.0.main"],
        json!(["The items.0.main field is required."])
    );
}

#[rstest]
#[case(json!(true), Some(true))]
#[case(json!(false), Some(false))]
#[case(json!(1), Some(true))]
#[case(json!(0), Some(false))]
#[case(json!("1"), Some(true))]
#[case(json!("0"), Some(false))]
#[case(json!("true"), None)]
#[case(json!("yes"), None)]
#[case(json!(2), None)]
#[case(json!([]), None)]
fn a_boolean_is_one_of_six(#[case] value: Value, #[case] read: Option<bool>) {
    let body = with(value);
    let mut check = Check::default();
    assert_eq!(check.boolean(&Field::of(&body, "is_draft")), read);
    assert_eq!(check.done().is_ok(), read.is_some());
}

#[rstest]
#[case("2026-04-10T14:00:00Z", Some("2026-04-10T14:00:00Z"))]
#[case("2026-04-10T14:00:00+09:00", Some("2026-04-10T14:00:00Z"))]
#[case("2026-04-10 14:00:00", Some("2026-04-10T14:00:00Z"))]
#[case("2026-04-10T14:00:00.000000Z", Some("2026-04-10T14:00:00Z"))]
#[case("2026-04-10", Some("2026-04-10T00:00:00Z"))]
#[case("next tuesday-ish", None)]
#[case("2026-13-01", None)]
#[case("1775829600", None)]
fn a_time_is_kept_by_its_wall_clock(#[case] given: &str, #[case] kept: Option<&str>) {
    let read = wall_clock(given).map(|at| at.to_string());
    assert_eq!(read.as_deref(), kept);
}

#[rstest]
#[case("09:30", true)]
#[case("23:59", true)]
#[case("9:30", false)]
#[case("24:00", false)]
#[case("09:30:00", false)]
#[case("ab:cd", false)]
fn a_time_of_day_has_hours_and_minutes(#[case] given: &str, #[case] taken: bool) {
    let body = with(json!(given));
    let mut check = Check::default();
    check.time_of_day(&Field::of(&body, "is_draft"));
    assert_eq!(check.done().is_ok(), taken);
}
