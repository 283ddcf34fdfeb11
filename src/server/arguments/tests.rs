use super::*;
use crate::tools::WriteScope;
use rstest::rstest;
use serde_json::json;

fn schema() -> Map<String, Value> {
    let schema = json!({
        "type": "object",
        "properties": {
            "post_id": {"type": "integer", "minimum": 1, "description": "Post to read."},
            "account_ids": {"type": "array", "items": {"type": "string"}},
            "publish": {"type": "string", "enum": ["draft", "now"]},
            "is_active": {"type": "boolean"},
            "media": {"type": "array", "items": {"type": "object", "properties": {"media_id": {"type": "integer", "minimum": 1}}, "required": ["media_id"], "additionalProperties": false}},
            "metadata": {"type": "object", "additionalProperties": true}
        },
        "required": ["post_id"],
        "additionalProperties": false
    });
    schema.as_object().unwrap().clone()
}

fn validated(arguments: Value) -> Result<Value, String> {
    let arguments = arguments.as_object().unwrap().clone();
    let access = Access::Write(WriteScope::Unlimited);
    validate(&schema(), arguments, access, &BTreeSet::new())
        .map(|valid| Value::Object(valid.arguments))
        .map_err(|failure| failure.text().to_owned())
}

#[rstest]
#[case(json!({"post_id": "7"}), json!({"post_id": 7}))]
#[case(json!({"post_id": 7.0}), json!({"post_id": 7}))]
#[case(json!({"post_id": "7.0"}), json!({"post_id": 7}))]
#[case(json!({"post_id": 7, "account_ids": [1.0, "2.0", "v2.0", "1.5"]}), json!({"post_id": 7, "account_ids": ["1", "2", "v2.0", "1.5"]}))]
#[case(json!({"post_id": " 18446744073709551615 "}), json!({"post_id": 18_446_744_073_709_551_615_u64}))]
#[case(json!({"post_id": 7, "account_ids": [1, "2"]}), json!({"post_id": 7, "account_ids": ["1", "2"]}))]
#[case(json!({"post_id": 7, "publish": null, "metadata": {"x": {"y": null}}}), json!({"post_id": 7, "metadata": {"x": {"y": null}}}))]
#[case(json!({"post_id": 7, "media": [{"media_id": "3"}]}), json!({"post_id": 7, "media": [{"media_id": 3}]}))]
fn numbers_and_numeric_strings_are_taken_for_each_other(
    #[case] given: Value,
    #[case] taken: Value,
) {
    assert_eq!(validated(given), Ok(taken));
}

#[rstest]
#[case(json!({"postId": 7}), json!({"post_id": 7}))]
#[case(json!({"id": "7"}), json!({"post_id": 7}))]
#[case(json!({"post_id": [7]}), json!({"post_id": 7}))]
#[case(json!({"post_id": 7, "accounts": "12"}), json!({"post_id": 7, "account_ids": ["12"]}))]
#[case(json!({"post_id": 7, "account_ids": "11, @acme"}), json!({"post_id": 7, "account_ids": ["11", "@acme"]}))]
#[case(json!({"post_id": 7, "account_ids": "Acme, Inc."}), json!({"post_id": 7, "account_ids": ["Acme, Inc."]}))]
#[case(json!({"post_id": 7, "account_ids": "[1, 2]"}), json!({"post_id": 7, "account_ids": ["1", "2"]}))]
#[case(json!({"post_id": 7, "publish": " DRAFT "}), json!({"post_id": 7, "publish": "draft"}))]
#[case(json!({"post_id": 7, "active": "yes"}), json!({"post_id": 7, "is_active": true}))]
#[case(json!({"post_id": 7, "isActive": 0}), json!({"post_id": 7, "is_active": false}))]
#[case(json!({"post_id": 7, "images": [501, "502"]}), json!({"post_id": 7, "media": [{"media_id": 501}, {"media_id": 502}]}))]
#[case(json!({"post_id": 7, "media": {"mediaId": 501}}), json!({"post_id": 7, "media": [{"media_id": 501}]}))]
#[case(json!({"post_id": 7, "metadata": "{\"a\": 1}"}), json!({"post_id": 7, "metadata": {"a": 1}}))]
fn what_is_meant_beyond_doubt_is_understood(#[case] given: Value, #[case] taken: Value) {
    assert_eq!(validated(given), Ok(taken));
}

#[rstest]
#[case(json!({"post_id": 7, "postId": 7}), "`postId` and `post_id` are the same parameter")]
#[case(json!({"id": 7, "post_id": 7}), "`post_id` was given under two names")]
#[case(json!({"post_id": 7, "metadata": "{broken"}), "`metadata`: \"{broken\" is not allowed")]
#[case(json!({"post_id": 7, "is_active": "maybe"}), "it takes true or false")]
fn what_stays_in_doubt_is_refused(#[case] given: Value, #[case] problem: &str) {
    let text = validated(given).unwrap_err();
    assert!(text.contains(problem), "{text}");
}

#[rstest]
#[case(json!({}), "`post_id` is missing. Post to read.")]
#[case(json!({"post_id": null}), "`post_id`: null is not allowed; it takes an integer from 1 up.")]
#[case(json!({"post_id": 0}), "`post_id`: 0 is not allowed")]
#[case(json!({"post_id": -3}), "`post_id`: -3 is not allowed")]
#[case(json!({"post_id": 1.5}), "`post_id`: 1.5 is not allowed")]
#[case(json!({"post_id": "1.5"}), "`post_id`: \"1.5\" is not allowed")]
#[case(json!({"post_id": "7."}), "`post_id`: \"7.\" is not allowed")]
#[case(json!({"post_id": 1e30}), "`post_id`: 1e+30 is not allowed")]
#[case(json!({"post_id": "99999999999999999999"}), "`post_id`: \"99999999999999999999\" is not allowed")]
#[case(json!({"post_id": "../1"}), "`post_id`: \"../1\" is not allowed")]
#[case(json!({"post_id": "7\u{0}"}), "`post_id`: \"7\\0\" is not allowed")]
#[case(json!({"post_id": [7, 8]}), "`post_id`: [7,8] is not allowed")]
#[case(json!({"post_id": 7, "publish": "later"}), "it takes one of \"draft\", \"now\"")]
#[case(json!({"post_id": 7, "is_active": 2}), "it takes true or false")]
#[case(json!({"post_id": 7, "media": [{"media_id": 1}, {"size": 2}]}), "`media.1.size` is not a parameter. It takes media_id.")]
#[case(json!({"post_id": 7, "media": [{}]}), "`media.0.media_id` is missing")]
#[case(json!({"post_id": 7, "dry_run": true}), "`dry_run` is not a parameter. It takes post_id, account_ids")]
fn what_is_off_is_refused_by_name(#[case] given: Value, #[case] problem: &str) {
    let text = validated(given).unwrap_err();
    assert!(text.contains(problem), "{text}");
}

#[test]
fn a_long_list_of_problems_is_cut() {
    let many: Map<String, Value> = (0..50).map(|n| (format!("field_{n}"), json!(n))).collect();
    let text = validated(Value::Object(many)).unwrap_err();
    assert!(
        text.contains("… and 43 more") && text.len() < 3000,
        "{text}"
    );
}

#[rstest]
#[case("dry_run", false)]
#[case("dryRun", false)]
#[case("Dry-Run", false)]
#[case("allowRepeat", false)]
#[case("dry", true)]
#[case("run_at", true)]
fn a_word_that_would_hold_a_write_back_is_never_passed_on(
    #[case] name: &str,
    #[case] passes: bool,
) {
    let open = json!({"type": "object", "properties": {}, "additionalProperties": true});
    let arguments = Map::from_iter([(name.to_owned(), json!(true))]);
    let access = Access::Write(WriteScope::Unlimited);
    let validated = validate(
        open.as_object().unwrap(),
        arguments,
        access,
        &BTreeSet::new(),
    );
    assert_eq!(validated.is_ok(), passes, "{validated:?}");
}
