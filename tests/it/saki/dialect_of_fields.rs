//! What a 422 teaches about words: the upload's field, the `type` beside a media id, the flag of an account.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::variant::{
    ListShape, RefusalMark, SpaceFields, UploadField, WebhookFields, WriteReply,
};
use saki_mcp::sandbox::{
    ActivateField, CreateForms, Fault, FaultKind, MediaTypes, SandboxOptions, Variant,
};
use serde_json::{Value, json};

use crate::support::faults::refuses;
use crate::support::media_files::PNG;
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{bodies, column, is_active, posts};
use crate::support::server_under_test::World;

fn fields(world: &World) -> Vec<String> {
    let writes = world.writes();
    writes
        .iter()
        .flat_map(|call| &call.uploads)
        .map(|upload| upload.field.clone())
        .collect()
}

#[rstest]
#[case::flag(RefusalMark::SuccessFalse)]
#[case::word(RefusalMark::StatusError)]
#[case::errors(RefusalMark::OnlyErrors)]
#[tokio::test]
async fn a_refusal_in_a_2xx_teaches_as_a_422_does(#[case] refusal_mark: RefusalMark) {
    let variant = Variant {
        refusal_mark,
        upload_field: UploadField::Media,
        create_forms: CreateForms::OverviewOnly,
        activate_field: ActivateField::Active,
        webhook_fields: WebhookFields::Endpoint,
        ..Variant::default()
    };
    let world = World::with(SandboxOptions::of_variant(variant), |_| {}).await;
    world.ok("upload_media", json!({"data": PNG})).await;
    let post = new_post("Hello").at("2027-04-20T07:00:00Z");
    world.ok("create_post", post).await;
    let flag = json!({"space_id": 1, "account_id": 16, "is_active": true});
    world.ok("set_account_active", flag).await;
    let webhook =
        json!({"space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"]});
    world.ok("create_webhook", webhook).await;
    // Each was refused once, and sent again as Saki wants it.
    assert_eq!(world.writes().len(), 8);
}

#[rstest]
#[case::no_body(WriteReply::Nothing)]
#[case::message(WriteReply::OnlyMessage)]
#[case::whole(WriteReply::AsShown)]
#[tokio::test]
async fn a_space_is_written_under_the_names_that_saki_shows(#[case] write_reply: WriteReply) {
    let variant = Variant {
        write_reply,
        space_fields: SpaceFields::TitleAndTimeZone,
        ..Variant::default()
    };
    let world = World::with(SandboxOptions::of_variant(variant), |_| {}).await;
    let space = json!({"name": "Lab", "timezone": "Asia/Tokyo"});
    world.ok("create_space", space).await;
    let change = json!({"space_id": 2, "name": "Studio South", "timezone": "Europe/Berlin"});
    world.ok("update_space", change).await;
    let spaces = world.sandbox().state(|db| {
        let spaces = db.spaces.values().skip(1);
        spaces
            .map(|space| json!([space.name, space.timezone]))
            .collect::<Value>()
    });
    let written = json!([["Studio South", "Europe/Berlin"], ["Lab", "Asia/Tokyo"]]);
    assert_eq!(spaces, written);
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn a_field_of_a_space_that_saki_does_not_take_is_warned_of() {
    let variant = Variant {
        list_shape: ListShape::NamesById,
        space_fields: SpaceFields::TitleAndTimeZone,
        ..Variant::default()
    };
    let world = World::with(SandboxOptions::of_variant(variant), |_| {}).await;
    let space = json!({"name": "Lab", "timezone": "Asia/Tokyo"});
    let made = world.ok("create_space", space).await;
    let warnings = made["warnings"].to_string();
    assert!(warnings.contains("`timezone`"), "{made}");

    let world = World::new().await;
    let change = json!({"space_id": 2, "name": "Studio South"});
    let nothing = Fault::new(FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(json!({"message": "Saved."})),
        after_write: false,
    })
    .on(&Method::PUT, "/spaces/{space_id}");
    world.sandbox().fault(nothing.clone());
    let changed = world.ok("update_space", change.clone()).await;
    assert!(
        changed["warnings"].to_string().contains("`name`"),
        "{changed}"
    );
    world.sandbox().fault(nothing);
    // The look before the change succeeds.
    let unreadable = Fault {
        skip: 1,
        ..Fault::status(403).on(&Method::GET, "/spaces/{space_id}")
    };
    world.sandbox().fault(unreadable);
    let changed = world.ok("update_space", change.clone()).await;
    let warnings = changed["warnings"].to_string();
    assert!(warnings.contains("could not be read back"), "{changed}");
    let changed = world.ok("update_space", change).await;
    assert!(changed.get("warnings").is_none(), "{changed}");
}

async fn uploading(field: &str) -> World {
    let options = SandboxOptions {
        upload_field: field.to_owned(),
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

#[tokio::test]
async fn an_upload_learns_the_field_name_that_saki_wants() {
    let names: [(&str, &[&str]); 5] = [
        ("file", &["file", "file"]),
        ("media", &["file", "media", "media"]),
        ("image", &["file", "image", "image"]),
        ("files[]", &["file", "files", "files[]", "files[]"]),
        ("media[]", &["file", "media", "media[]", "media[]"]),
    ];
    for (wanted, sent) in names {
        let world = uploading(wanted).await;
        let count = || world.sandbox().state(|state| state.media.len());
        let before = count();
        let made = world.ok("upload_media", json!({"data": PNG})).await;
        assert_eq!(count(), before + 1, "{wanted}");
        world.ok("upload_media", json!({"data": PNG})).await;
        assert_eq!(count(), before + 2, "{wanted}");
        assert_eq!(fields(&world), sent, "{wanted}");
        let id = made["id"].as_u64().unwrap();
        assert!(world.sandbox().state(|state| state.media.get(id).is_some()));
    }
}

#[tokio::test]
async fn an_upload_with_an_unknown_field_name_is_refused_once() {
    let world = uploading("blob").await;
    let said = world.refused("upload_media", json!({"data": PNG})).await;
    assert!(
        said.contains("- `blob`: The blob field is required."),
        "{said}"
    );
    assert_eq!(fields(&world), ["file"]);
}

#[tokio::test]
async fn an_upload_is_never_sent_more_than_three_times() {
    let world = uploading("file").await;
    for name in ["media", "image", "video", "upload", "attachment"] {
        world
            .sandbox()
            .fault(refuses(&[name]).on(&Method::POST, "/media"));
    }
    let before = world.sandbox().state(|state| state.media.len());
    world.refused("upload_media", json!({"data": PNG})).await;
    assert_eq!(fields(&world), ["file", "media", "image"]);
    assert_eq!(world.sandbox().state(|state| state.media.len()), before);
}

async fn matching() -> World {
    let media_types = MediaTypes {
        must_match: true,
        ..MediaTypes::default()
    };
    let options = SandboxOptions {
        media_types,
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

fn types(world: &World) -> Vec<Value> {
    let items = |body: &Value| {
        column(
            body["items"][0]["main"]["media"].as_array().unwrap(),
            "type",
        )
    };
    bodies(world).iter().map(items).collect()
}

#[tokio::test]
async fn the_type_beside_a_media_id_is_learned_from_a_refusal() {
    let world = matching().await;
    let asked = new_post("x")
        .space(2)
        .on([24])
        .with(json!({"media": [{"media_id": 504}, {"media_id": 505}]}))
        .draft();
    let before = posts(&world).len();
    world.ok("create_post", asked.clone()).await;
    assert_eq!(
        types(&world),
        [json!(["image", "image"]), json!(["image", "video"])]
    );
    let other = new_post("y")
        .space(2)
        .on([24])
        .with(json!({"media": asked["media"]}))
        .draft();
    world.ok("create_post", other).await;
    assert_eq!(types(&world)[2..], [json!(["image", "video"])]);
    assert_eq!(posts(&world).len(), before + 2);
}

#[tokio::test]
async fn the_type_of_an_uploaded_file_is_known_at_once() {
    let world = matching().await;
    let mp4 = "AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDE=";
    let made = world.ok("upload_media", json!({"data": mp4})).await;
    assert_eq!(made["type"], "video");
    let asked = new_post("x")
        .space(2)
        .on([24])
        .with(json!({"media": [{"media_id": made["id"]}]}))
        .draft();
    world.ok("create_post", asked).await;
    assert_eq!(
        bodies(&world)[1]["items"][0]["main"]["media"][0]["type"],
        "video"
    );
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn a_media_type_refused_both_ways_is_sent_twice_at_most() {
    let world = matching().await;
    let before = posts(&world);
    for _ in 0..3 {
        world.sandbox().fault(
            refuses(&["items.0.main.media.0.type"]).on(&Method::POST, "/spaces/{space_id}/posts"),
        );
    }
    let asked = new_post("x")
        .space(2)
        .on([24])
        .with(json!({"media": [{"media_id": 504}]}))
        .draft();
    let said = world.refused("create_post", asked).await;
    assert!(said.contains("items.0.main.media.0.type"), "{said}");
    assert_eq!(types(&world), [json!(["image"]), json!(["video"])]);
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn the_account_flag_is_named_active_where_saki_wants_that() {
    let options = SandboxOptions {
        activate_field: ActivateField::Active,
        ..SandboxOptions::default()
    };
    let world = World::with(options, |_| {}).await;
    let ask = |id: u64, flag: bool| json!({"space_id": 1, "account_id": id, "is_active": flag, "note": "n"});
    let answer = world.ok("set_account_active", ask(16, true)).await;
    assert_eq!(
        (&answer["is_active"], is_active(&world, 16)),
        (&json!(true), true)
    );
    assert_eq!(
        bodies(&world),
        [
            json!({"is_active": true, "note": "n"}),
            json!({"note": "n", "active": true})
        ]
    );
    world.ok("set_account_active", ask(11, false)).await;
    assert_eq!(bodies(&world)[2..], [json!({"note": "n", "active": false})]);
    assert!(!is_active(&world, 11));
}

#[tokio::test]
async fn a_toggle_that_takes_no_body_gets_none_and_is_remembered() {
    let options = SandboxOptions {
        activate_field: ActivateField::Toggle,
        ..SandboxOptions::default()
    };
    let world = World::with(options, |_| {}).await;
    world
        .sandbox()
        .fault(refuses(&["is_active"]).on(&Method::PATCH, "/activate"));
    let ask = |id: u64, flag: bool| json!({"space_id": 1, "account_id": id, "is_active": flag});
    world.ok("set_account_active", ask(16, true)).await;
    assert!(is_active(&world, 16));
    assert_eq!(bodies(&world), [json!({"is_active": true}), json!({})]);
    let answer = world.ok("set_account_active", ask(11, false)).await;
    assert_eq!(
        (&answer["is_active"], is_active(&world, 11)),
        (&json!(false), false)
    );
    assert_eq!(bodies(&world).len(), 3);
}

#[tokio::test]
async fn a_flag_refused_under_every_name_is_sent_three_times_at_most() {
    let world = World::new().await;
    for field in ["active", "active", "active", "active"] {
        world
            .sandbox()
            .fault(refuses(&[field]).on(&Method::PATCH, "/activate"));
    }
    let said = world
        .refused(
            "set_account_active",
            json!({"space_id": 1, "account_id": 11, "is_active": false}),
        )
        .await;
    assert!(said.contains("The active field is off."), "{said}");
    assert_eq!(
        bodies(&world),
        [
            json!({"is_active": false}),
            json!({"active": false}),
            json!({})
        ]
    );
    assert!(
        world
            .sandbox()
            .state(|state| state.accounts.get(11).unwrap().is_active)
    );
}

#[tokio::test]
async fn a_status_is_sent_as_the_word_or_number_that_saki_accepts() {
    let world = World::new().await;
    let ask = |status: &str| json!({"space_id": 1, "status": status});
    // A Saki that takes words, and then one that takes numbers again.
    let posts = "/spaces/{space_id}/posts";
    world
        .sandbox()
        .fault(refuses(&["status"]).on(&Method::GET, posts));
    let words = FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(json!({"data": []})),
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(words).on(&Method::GET, posts));
    world.ok("list_posts", ask("4")).await;
    let drafts = world.ok("list_posts", ask("0")).await;
    assert!(!drafts["data"].as_array().unwrap().is_empty());
    assert!(
        drafts["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["status"] == 0)
    );
    world.ok("list_posts", ask("4")).await;
    assert_eq!(
        queries(&world),
        [
            "status=4",
            "status=failed",
            "status=draft",
            "status=0",
            "status=4"
        ]
    );
    let said = world.refused("list_posts", ask("9")).await;
    assert!(said.contains("The selected status is invalid."), "{said}");
}

#[tokio::test]
async fn a_date_is_sent_as_the_day_or_the_time_that_saki_accepts() {
    let world = World::new().await;
    let ask = json!({"space_id": 1, "from": "2027-04-09", "to": "2027-04-12"});
    let days = world.ok("list_posts", ask.clone()).await;
    world
        .sandbox()
        .fault(refuses(&["from", "to"]).on(&Method::GET, "/spaces/{space_id}/posts"));
    let times = world.ok("list_posts", ask.clone()).await;
    assert_eq!(days, times, "the same whole days");
    world.ok("list_posts", ask).await;
    // A day more on both sides: from and to are judged here.
    let day = "from=2027-04-07&to=2027-04-13";
    let time = "from=2027-04-07T00%3A00%3A00Z&to=2027-04-13T23%3A59%3A59Z";
    let mut dated = queries(&world);
    dated.retain(|query| query.contains("from"));
    assert_eq!(dated, [day, day, time, time]);
}

fn queries(world: &World) -> Vec<String> {
    world
        .sandbox()
        .log()
        .into_iter()
        .filter_map(|call| call.query)
        .collect()
}
