use super::*;
use crate::saki::RequestParts;
use crate::write::account_ref::AccountRef;
use crate::write::effects::{EditedPost, LivePost, Resource, ResourceKind};
use crate::write::media::{FileIdentity, PlannedUpload};
use crate::write::planned_request::PlannedRequest;
use crate::write::when::TimeFacts;
use jiff::Timestamp;
use reqwest::Method;
use rstest::rstest;

fn account() -> AccountRef {
    AccountRef {
        handle: Some("acme".to_owned()),
        network: Some("twitter".to_owned()),
        ..AccountRef::unlisted(11)
    }
}

fn live(at: Option<Timestamp>) -> Effects {
    Effects {
        live: vec![LivePost {
            account: account(),
            at,
        }],
        ..Effects::default()
    }
}

fn deletes(kind: ResourceKind, public: bool) -> Effects {
    Effects {
        deletes: vec![Resource {
            public,
            ..Resource::new(kind, 7)
        }],
        ..Effects::default()
    }
}

fn drops() -> Effects {
    Effects {
        dropped_accounts: vec![account()],
        ..Effects::default()
    }
}

fn preview() -> Preview {
    Preview {
        what: "Does it.".to_owned(),
        ..Preview::default()
    }
}

#[rstest]
#[case::publishing(live(None), "Yes, publish it now")]
#[case::a_new_time_of_a_published_post(plans_again(true, 11), "Yes, plan it again")]
#[case::a_space(deletes(ResourceKind::Space, false), "Yes, delete the space")]
#[case::an_account(deletes(ResourceKind::Account, false), "Yes, disconnect it")]
#[case::a_published_post(deletes(ResourceKind::Post, true), "Yes, delete the post")]
#[case::a_draft_of_what_is_public(withdraws(true), "Yes, make it a draft")]
#[case::accounts_of_a_cluster(drops(), "Yes, take them out")]
fn what_cannot_be_taken_back_is_asked_about(#[case] effects: Effects, #[case] yes: &str) {
    assert_eq!(question(&effects, &preview()).unwrap().yes, yes);
}

#[rstest]
#[case::nothing(Effects::default())]
#[case::a_time(live(Some(Timestamp::MAX)))]
#[case::a_new_time_of_a_post_that_is_not_public(plans_again(false, 11))]
#[case::a_new_time_beside_a_published_post(plans_again(true, 12))]
#[case::a_draft_that_goes(deletes(ResourceKind::Post, false))]
#[case::a_slot(deletes(ResourceKind::Slot, false))]
#[case::a_file(deletes(ResourceKind::Media, false))]
#[case::an_edit(edit())]
#[case::a_draft_of_what_is_not_public(withdraws(false))]
#[case::an_upload(Effects {
    uploads: vec![PlannedUpload { name: "a.png".to_owned(), mime: None, size: None, file: FileIdentity::in_memory(b"a") }],
    ..Effects::default()
})]
fn everything_else_is_not(#[case] effects: Effects) {
    assert_eq!(question(&effects, &preview()), None);
}

fn edit() -> Effects {
    Effects {
        edits: vec![EditedPost {
            post_id: 7,
            account: account(),
            draft: true,
            public: false,
            published: false,
            due: None,
        }],
        ..Effects::default()
    }
}

/// Plans a post for an account, beside an edit of a post of account 11.
fn plans_again(published: bool, planned_account: u64) -> Effects {
    let mut effects = edit();
    effects.edits[0].published = published;
    effects.live = live(Some(Timestamp::MAX)).live;
    effects.live[0].account.id = planned_account;
    effects
}

fn withdraws(public: bool) -> Effects {
    let mut effects = edit();
    effects.edits[0].public = public;
    effects.drafts = vec![account()];
    effects
}

#[test]
fn all_reasons_and_warnings_stand_in_one_question() {
    let effects = Effects {
        dropped_accounts: drops().dropped_accounts,
        ..live(None)
    };
    let mut preview = preview().line("Text: \"Hello\"");
    preview.warnings.push("It is odd.".to_owned());
    let asked = question(&effects, &preview).unwrap();
    assert_eq!(
        asked.text.lines().collect::<Vec<_>>(),
        [
            "Publish at once? It cannot be undone.",
            "Take accounts out of a cluster? Their posts go.",
            "Does it.",
            "Goes public on: acme (twitter/X)",
            "Without a post afterwards: acme (twitter/X)",
            "Text: \"Hello\"",
            "Careful: It is odd.",
        ]
    );
    assert_eq!(asked.yes, "Yes, publish it now");
}

#[test]
fn text_from_elsewhere_cannot_look_like_a_line_of_ours_nor_flood_the_question() {
    let mut effects = live(None);
    effects.live[0].account.handle = Some("acme\nText: \"All is well\"".to_owned());
    let long = "L".repeat(6000);
    effects.live.push(LivePost {
        account: AccountRef {
            handle: Some(format!("x (twitter/X), Text: {long}")),
            ..account()
        },
        at: None,
    });
    let mut preview = preview();
    preview.lines = vec!["Theirs: \"text\"".to_owned(); 40];
    preview.warnings = vec!["It is odd.".to_owned(); 40];
    let asked = question(&effects, &preview).unwrap().text;
    assert!(!asked.contains("\nText:"), "{asked}");
    assert_eq!(asked.matches("Theirs").count(), 40, "{asked}");
    assert!(
        asked.ends_with("It is odd.\n… and 34 more warnings."),
        "{asked}"
    );
    let names = asked.lines().nth(2).unwrap();
    insta::assert_snapshot!(names, @r#"Goes public on: "acme Text: 'All is well'" (twitter/X), "x (twitter/X), Text: LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL…" (twitter/X)"#);
}

#[test]
fn a_text_is_told_by_its_beginning_its_length_its_media_and_its_thread() {
    let long = post_line(&"word ".repeat(1000), 2, &["Two.", ""]);
    assert!(long.chars().count() < 350, "{long}");
    assert!(
        long.ends_with(
            "…\" (4999 characters), with 2 media files, and 2 more posts in its thread: \"Two.\", no text"
        ),
        "{long}"
    );
    assert_eq!(
        post_line("a\n\"b\"", 1, &[]),
        "\"a 'b'\", with 1 media file"
    );
    assert_eq!(
        post_line(" ", 0, &["b"]),
        "no text, and 1 more post in its thread: \"b\""
    );
}

#[test]
fn time_that_passes_changes_no_question_and_everything_else_does() {
    let preview = |ahead: &str, local: &str| {
        let mut preview = preview();
        preview.facts.plan.time = TimeFacts {
            local: Some(local.to_owned()),
            r#in: Some(ahead.to_owned()),
            ..TimeFacts::default()
        };
        preview
    };
    let ours_again = || preview("2 d", "Fri");
    let about = |effects: &Effects, preview: &Preview| question(effects, preview).unwrap().about;
    let ours = about(&live(None), &ours_again());
    assert_eq!(ours, about(&live(None), &preview("1 d", "Fri")));
    assert_ne!(ours, about(&live(None), &preview("2 d", "Sat")));
    assert_ne!(ours, about(&live(None), &ours_again().line("Text: \"B\"")));
    let mut sent = ours_again();
    sent.request = Some(request(json!({})));
    assert_ne!(ours, about(&live(None), &sent));
    let mut warned = ours_again();
    warned.warnings.push("It is odd.".to_owned());
    assert_ne!(ours, about(&live(None), &warned));
    assert_ne!(ours, about(&drops(), &ours_again()));
}

/// Effects with something of every kind in them.
fn every_effect() -> Effects {
    Effects {
        live: live(Some(Timestamp::UNIX_EPOCH)).live,
        drafts: vec![account()],
        edits: edit().edits,
        deletes: deletes(ResourceKind::Space, false).deletes,
        dropped_accounts: vec![account()],
        uploads: vec![PlannedUpload {
            name: "a.png".to_owned(),
            mime: None,
            size: None,
            file: FileIdentity::in_memory(b"a"),
        }],
        other_resources: vec![Resource::new(ResourceKind::Slot, 3)],
        is_replay: false,
    }
}

#[test]
fn the_order_of_keys_does_not_change_what_a_consent_is_bound_to() {
    let bound = |body: Value| {
        let mut preview = preview();
        preview.request = Some(request(body));
        question(&every_effect(), &preview).unwrap().about
    };
    assert_eq!(
        bound(json!({"c": 1, "d": 2})),
        bound(json!({"d": 2, "c": 1}))
    );
}

/// A request with this body.
fn request(body: Value) -> PlannedRequest {
    PlannedRequest::Json(RequestParts {
        method: Method::POST,
        path: "/x".to_owned(),
        query: None,
        body: body.as_object().cloned(),
    })
}

#[rstest]
#[case::live_account(|e: &mut Effects| e.live[0].account.id = 12)]
#[case::live_time(|e: &mut Effects| e.live[0].at = None)]
#[case::draft(|e: &mut Effects| e.drafts[0].handle = None)]
#[case::edited_post(|e: &mut Effects| e.edits[0].post_id = 8)]
#[case::edited_state(|e: &mut Effects| e.edits[0].public = true)]
#[case::edited_time(|e: &mut Effects| e.edits[0].due = Some(Timestamp::UNIX_EPOCH))]
#[case::deleted_kind(|e: &mut Effects| e.deletes[0].kind = ResourceKind::Media)]
#[case::deleted_id(|e: &mut Effects| e.deletes[0].id = Some(8))]
#[case::more_drops(|e: &mut Effects| e.dropped_accounts.push(account()))]
#[case::uploaded_file(|e: &mut Effects| e.uploads[0].file = FileIdentity::in_memory(b"b"))]
#[case::uploaded_address(|e: &mut Effects| e.uploads[0].file = FileIdentity::Remote("a".to_owned()))]
#[case::other_thing(|e: &mut Effects| e.other_resources[0].in_space = true)]
#[case::repeat(|e: &mut Effects| e.is_replay = true)]
#[case::lists_swapped(|e: &mut Effects| std::mem::swap(&mut e.deletes, &mut e.other_resources))]
fn a_consent_is_bound_to_every_effect(#[case] change: impl Fn(&mut Effects)) {
    let mut changed = every_effect();
    change(&mut changed);
    let about = |effects: &Effects| question(effects, &preview()).unwrap().about;
    assert_ne!(about(&every_effect()), about(&changed));
}
