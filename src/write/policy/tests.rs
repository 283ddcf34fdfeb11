use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use reqwest::Method;
use rstest::rstest;

use super::*;
use crate::saki::RequestParts;
use crate::write::account_ref::AccountRef;
use crate::write::effects::{EditedPost, Effects, LivePost, Resource, ResourceKind};
use crate::write::media::{FileIdentity, PlannedUpload};
use crate::write::planned_request::PlannedRequest;
use crate::write::shared_store::InMemoryStore;
use futures::FutureExt;

fn account(id: u64) -> AccountRef {
    AccountRef {
        handle: Some("acme".to_owned()),
        ..AccountRef::unlisted(id)
    }
}

fn now() -> Timestamp {
    "2027-04-09T10:00:00Z".parse().unwrap()
}

fn minutes(count: i64) -> Timestamp {
    now() + SignedDuration::from_mins(count)
}

fn live(at: Option<Timestamp>) -> Effects {
    let account = account(11);
    Effects {
        live: vec![LivePost { account, at }],
        ..Effects::default()
    }
}

fn draft() -> Effects {
    Effects {
        drafts: vec![account(11)],
        ..Effects::default()
    }
}

fn edit(draft: bool, due: Option<Timestamp>) -> Effects {
    let edited = EditedPost {
        post_id: 7,
        account: account(11),
        draft,
        public: false,
        published: false,
        due,
    };
    Effects {
        edits: vec![edited],
        ..Effects::default()
    }
}

fn deletes(resource: Resource) -> Effects {
    Effects {
        deletes: vec![resource],
        ..Effects::default()
    }
}

fn post(draft: bool) -> Resource {
    Resource {
        draft,
        ..Resource::new(ResourceKind::Post, 7).with_account(account(11))
    }
}

fn changes(resource: Resource) -> Effects {
    Effects {
        other_resources: vec![resource],
        ..Effects::default()
    }
}

fn upload() -> Effects {
    Effects {
        uploads: vec![PlannedUpload {
            name: "a.png".to_owned(),
            mime: Some("image/png".to_owned()),
            size: Some(1),
            file: FileIdentity::in_memory(b"a"),
        }],
        ..Effects::default()
    }
}

fn only(limit: Limit) -> Policy {
    Policy::default().limited(limit)
}

fn quiet(hours: &str) -> Limit {
    Limit::QuietHours(QuietHours::new(hours.parse().unwrap(), TimeZone::UTC))
}

fn lead(minutes: i64) -> Limit {
    Limit::MinLead(SignedDuration::from_mins(minutes))
}

/// A request about the posts of a space.
fn request_in(space: u64) -> PlannedRequest {
    PlannedRequest::Json(RequestParts {
        method: Method::POST,
        path: format!("/spaces/{space}/posts"),
        query: None,
        body: None,
    })
}

/// What forbids a write in the space 1, if anything does.
fn forbidden(limit: Limit, effects: &Effects) -> Option<String> {
    let outcome = only(limit).check(effects, Some(&request_in(1)), now());
    outcome.err().map(|violation| violation.limit)
}

#[rstest]
#[case::a_draft(draft(), true)]
#[case::a_time(live(Some(minutes(600))), false)]
#[case::now(live(None), false)]
#[case::an_edit_of_a_draft(edit(true, None), true)]
#[case::another_edit(edit(false, None), false)]
#[case::a_deletion_of_a_draft(deletes(post(true)), true)]
#[case::another_deletion(deletes(post(false)), false)]
#[case::a_space_goes(deletes(Resource::new(ResourceKind::Space, 1)), false)]
#[case::media_goes(deletes(Resource::new(ResourceKind::Media, 1)), false)]
#[case::a_slot(changes(Resource::to_create(ResourceKind::Slot)), false)]
#[case::an_upload(upload(), true)]
#[case::nobody_knows(Effects::default(), false)]
fn drafts_only_allows_what_leaves_drafts_and_nothing_else(
    #[case] effects: Effects,
    #[case] allowed: bool,
) {
    let limit = forbidden(Limit::Mode(Mode::DraftsOnly), &effects);
    let expected = (!allowed).then(|| "--mode drafts-only".to_owned());
    assert_eq!(limit, expected);
    assert!(forbidden(Limit::Mode(Mode::ReadOnly), &effects).is_some());
    assert!(forbidden(Limit::Mode(Mode::Full), &effects).is_none());
}

#[rstest]
#[case::at_once(live(None), false)]
#[case::too_soon(live(Some(minutes(14))), false)]
#[case::in_time(live(Some(minutes(15))), true)]
#[case::a_draft(draft(), true)]
#[case::a_text_that_goes_out_soon(edit(false, Some(minutes(5))), false)]
#[case::a_text_that_is_overdue(edit(false, Some(minutes(-5))), false)]
#[case::a_text_that_goes_out_later(edit(false, Some(minutes(60))), true)]
#[case::a_text_that_goes_nowhere(edit(false, None), true)]
fn a_lead_is_kept_by_new_times_and_by_new_texts(#[case] effects: Effects, #[case] allowed: bool) {
    let limit = forbidden(lead(15), &effects);
    assert_eq!(limit, (!allowed).then(|| "--min-lead 15m".to_owned()));
}

#[rstest]
#[case::at_once(live(None), "10:00-11:00", false)]
#[case::at_once_outside(live(None), "11:00-12:00", true)]
#[case::within(live(Some(minutes(61))), "11:00-12:00", false)]
#[case::after(live(Some(minutes(120))), "11:00-12:00", true)]
#[case::a_draft(draft(), "10:00-11:00", true)]
fn quiet_hours_are_about_what_goes_public(
    #[case] effects: Effects,
    #[case] hours: &str,
    #[case] allowed: bool,
) {
    assert_eq!(forbidden(quiet(hours), &effects).is_none(), allowed);
}

#[rstest]
#[case(live(None))]
#[case(draft())]
#[case(edit(true, None))]
#[case(deletes(post(true)))]
#[case(deletes(Resource::new(ResourceKind::Account, 11).with_account(account(11))))]
#[case(changes(Resource::new(ResourceKind::Account, 11).with_account(account(11))))]
#[case(Effects { dropped_accounts: vec![account(11)], ..draft() })]
fn only_the_allowed_accounts_are_written_to(#[case] effects: Effects) {
    let accounts = |ids: &[u64]| Limit::Accounts(ids.iter().copied().collect());
    assert_eq!(forbidden(accounts(&[11, 12]), &effects), None);
    let limit = forbidden(accounts(&[12, 13]), &effects);
    assert_eq!(limit.as_deref(), Some("--accounts 12,13"));
    assert_eq!(
        forbidden(accounts(&[]), &effects).as_deref(),
        Some("--accounts none")
    );
}

#[test]
fn what_takes_accounts_along_or_hides_its_account_is_not_of_an_allowed_one() {
    let accounts = || Limit::Accounts(BTreeSet::from([11]));
    for effects in [
        deletes(Resource::new(ResourceKind::Space, 1)),
        deletes(Resource::new(ResourceKind::Post, 7)),
        deletes(Resource::new(ResourceKind::Account, 7)),
    ] {
        assert!(forbidden(accounts(), &effects).is_some(), "{effects:?}");
    }
    assert!(forbidden(accounts(), &deletes(Resource::new(ResourceKind::Slot, 7))).is_none());
}

#[rstest]
#[case::there(draft(), 1, true)]
#[case::elsewhere(draft(), 2, false)]
#[case::a_new_space(changes(Resource::to_create(ResourceKind::Space)), 1, false)]
#[case::the_space_changes(changes(Resource::new(ResourceKind::Space, 1)), 1, true)]
#[case::the_space_goes(deletes(Resource::new(ResourceKind::Space, 1)), 1, false)]
#[case::a_slot_of_it_goes(deletes(Resource::new(ResourceKind::Slot, 1).in_space(true)), 1, true)]
#[case::a_slot_that_may_be_of_another_goes(deletes(Resource::new(ResourceKind::Slot, 1)), 1, false)]
#[case::a_webhook_that_may_be_of_another_resources(
    changes(Resource::new(ResourceKind::Webhook, 1)),
    1,
    false
)]
#[case::a_new_slot(changes(Resource::to_create(ResourceKind::Slot)), 1, true)]
fn only_the_allowed_spaces_are_written_to(
    #[case] effects: Effects,
    #[case] space: u64,
    #[case] allowed: bool,
) {
    let request = request_in(space);
    let policy = only(Limit::Spaces(BTreeSet::from([1, 3])));
    let outcome = policy.check(&effects, Some(&request), now());
    assert_eq!(outcome.is_ok(), allowed);
}

#[test]
fn an_account_that_saki_does_not_list_in_the_space_may_be_of_another() {
    let mut effects = draft();
    effects.drafts[0].handle = None;
    let spaces = || Limit::Spaces(BTreeSet::from([1]));
    assert!(forbidden(spaces(), &effects).is_some());
    effects.drafts[0].network = Some("twitter".to_owned());
    assert!(forbidden(spaces(), &effects).is_none());
}

#[rstest]
#[case::of_spaces(Limit::Spaces(BTreeSet::from([1])))]
#[case::of_accounts(Limit::Accounts(BTreeSet::from([11])))]
fn a_write_without_a_known_request_is_refused_by_a_scope(#[case] limit: Limit) {
    let effects = Effects {
        drafts: vec![AccountRef {
            network: Some("twitter".to_owned()),
            ..account(11)
        }],
        ..Effects::default()
    };
    assert_eq!(forbidden(limit.clone(), &effects), None);
    assert!(only(limit).check(&effects, None, now()).is_err());
}

#[test]
fn a_refusal_names_the_limit_and_what_would_be_allowed() {
    let refusal = only(lead(90)).check(&live(None), None, now());
    insta::assert_snapshot!(refusal.unwrap_err(), @r#"The operator's policy `--min-lead 1h30m` forbids this: a post of the account 11 @acme would go public at once. Allowed: drafts, and posts that go public 1h30m ahead or more, such as 2027-04-09T11:32Z. Nothing was sent, and no argument changes the policy."#);
}

fn limits() -> impl Strategy<Value = Vec<Limit>> {
    let ids = || prop::collection::btree_set(1u64..5, 0..4);
    let mode = prop::sample::select(vec![Mode::Full, Mode::DraftsOnly, Mode::ReadOnly]);
    let hours = prop::sample::select(vec!["09:00-11:00", "11:00-13:00", "22:00-07:00"]);
    let tools = prop::collection::btree_set("[a-c]", 0..3);
    let limit = prop_oneof![
        mode.clone().prop_map(Limit::Mode),
        mode.prop_map(Limit::Granted),
        ids().prop_map(Limit::Spaces),
        ids().prop_map(Limit::Accounts),
        hours.prop_map(quiet),
        (1i64..200).prop_map(lead),
        (0usize..4).prop_map(Limit::MaxLivePerHour),
        (0usize..4).prop_map(Limit::MaxLivePerHourOfPrincipal),
        (tools, any::<bool>()).prop_map(|(tools, excludes)| Limit::Tools(ToolChoice {
            flag: "--tools".to_owned(),
            tools,
            excludes
        })),
    ];
    prop::collection::vec(limit, 0..5)
}

fn effects() -> impl Strategy<Value = Effects> {
    let at = prop::option::of((0i64..300).prop_map(minutes));
    let one = (1u64..5, at, any::<bool>(), 0..6);
    one.prop_map(|(id, at, draft, kind)| {
        let mut effects = match kind {
            0 => live(at),
            1 => self::draft(),
            2 => edit(draft, at),
            3 => deletes(post(draft)),
            4 => changes(Resource::new(ResourceKind::Space, id)),
            _ => upload(),
        };
        effects
            .live
            .iter_mut()
            .for_each(|live| live.account.id = id);
        effects
            .edits
            .iter_mut()
            .for_each(|edited| edited.account.id = id);
        effects
    })
}

proptest! {
    #[test]
    fn what_two_policies_allow_together_each_allows_alone(
        ours in limits(), theirs in limits(), effects in effects(), space in 1u64..5, tool in "[a-d]",
    ) {
        let policy = |limits: &[Limit]| limits.iter().cloned().fold(Policy::default(), Policy::limited);
        let both = policy(&[ours.clone(), theirs.clone()].concat());
        let twice = policy(&[ours.clone(), ours.clone()].concat());
        let (ours, theirs) = (policy(&ours), policy(&theirs));
        let request = request_in(space);
        let window = RateWindow::new(std::sync::Arc::<InMemoryStore>::default(), None);
        let allows = |policy: &Policy| {
            policy.check(&effects, Some(&request), now()).is_ok()
                && window.check(policy, &effects, now()).now_or_never().is_some_and(|room| room.is_ok())
                && policy.tool_choices().iter().all(|choice| choice.allows(&tool))
        };
        prop_assert_eq!(allows(&both), allows(&ours) && allows(&theirs));
        prop_assert_eq!(twice, ours);
    }
}
