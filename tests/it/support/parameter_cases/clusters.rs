//! Where each parameter of `create_post` and `update_cluster` shows.

use serde_json::{Value, json};

use crate::support::example_calls::{CLUSTER, PIXEL, metadata};
use crate::support::media_files::PNG as OTHER_PICTURE;
use crate::support::parameter_cases::posts::{FOLDER, HOST};
use crate::support::parameter_cases::{Case, Shows, body, case};
use crate::support::post_arguments::new_post;

/// Another cluster of the seeded world: post 113 of the account 14.
const OTHER: &str = "e85cc946-897f-438f-ac58-133b421e8d4a";

pub(crate) fn cases(tool: &'static str) -> Vec<Case> {
    let creates = tool == "create_post";
    let call = |arguments: Value| {
        let mut call = new_post("A").draft();
        if !creates {
            call["cluster_id"] = json!(CLUSTER);
        }
        for (name, value) in arguments.as_object().into_iter().flatten() {
            call[name] = value.clone();
        }
        call
    };
    let plain = || call(json!({}));
    let timed = || call(json!({"scheduled_at": "2027-04-12T09:00"}));
    let two = |own: Value| call(json!({"account_ids": [11, 12], "per_account": [own]}));
    let own = |field: Value| {
        let mut own = json!({"account_id": "12"});
        for (name, value) in field.as_object().into_iter().flatten() {
            own[name] = value.clone();
        }
        json!({"per_account": [own]})
    };
    let bare = || two(json!({"account_id": "12"}));
    let mut homeless = call(json!({}));
    homeless.as_object_mut().unwrap().shift_remove("space_id");
    let space = match creates {
        true => "POST /spaces/1/posts",
        false => "PUT /spaces/1/clusters/1d776982-cc4c-4074-a1b3-896a67db664f",
    };
    let other_space = match creates {
        true => "in the space 2; it is in the space 1",
        false => "list_posts with `space_id: 2`",
    };
    let mut cases = vec![
        case(
            tool,
            "space_id",
            homeless,
            json!({"space_id": "Studio North"}),
            Shows::Refused(other_space),
        ),
        case(
            tool,
            "account_ids",
            plain(),
            json!({"account_ids": ["@acme.coffee"]}),
            body("/items/0/account_id", 12),
        ),
        case(
            tool,
            "publish",
            timed(),
            json!({"publish": "schedule"}),
            body("/is_draft", false),
        ),
        case(
            tool,
            "content",
            plain(),
            json!({"content": "B"}),
            body("/items/0/main/content", "B"),
        ),
        case(
            tool,
            "scheduled_at",
            plain(),
            json!({"scheduled_at": "2027-04-12T07:00:00Z"}),
            body("/at", 1_807_513_200),
        ),
        case(
            tool,
            "timezone",
            timed(),
            json!({"timezone": "Asia/Tokyo"}),
            body("/at", 1_807_488_000),
        ),
        case(
            tool,
            "media.media_id",
            plain(),
            json!({"media": [{"media_id": 502}]}),
            body("/items/0/main/media/0/id", 502),
        ),
        case(
            tool,
            "thread.content",
            plain(),
            json!({"thread": [{"content": "C"}]}),
            body("/items/0/children/0/content", "C"),
        ),
        case(
            tool,
            "thread.media.media_id",
            call(json!({"thread": [{"content": "C"}]})),
            json!({"thread": [{"content": "C", "media": [{"media_id": 502}]}]}),
            body("/items/0/children/0/media/0/id", 502),
        ),
        case(
            tool,
            "per_account.account_id",
            two(json!({"account_id": "11", "content": "D"})),
            json!({"per_account": [{"account_id": "12", "content": "D"}]}),
            body("/items/1/main/content", "D"),
        ),
        case(
            tool,
            "per_account.content",
            bare(),
            own(json!({"content": "D"})),
            body("/items/1/main/content", "D"),
        ),
        case(
            tool,
            "per_account.media.media_id",
            bare(),
            own(json!({"media": [{"media_id": 503}]})),
            body("/items/1/main/media/0/id", 503),
        ),
        case(
            tool,
            "per_account.thread.content",
            bare(),
            own(json!({"thread": [{"content": "E"}]})),
            body("/items/1/children/0/content", "E"),
        ),
        case(
            tool,
            "per_account.thread.media.media_id",
            two(json!({"account_id": "12", "thread": [{"content": "E"}]})),
            own(json!({"thread": [{"content": "E", "media": [{"media_id": 501}]}]})),
            body("/items/1/children/0/media/0/id", 501),
        ),
    ];
    cases.extend(files(tool, "media", &|item| call(json!({"media": [item]}))));
    cases.extend(files(tool, "thread.media", &|item| {
        call(json!({"thread": [{"content": "C", "media": [item]}]}))
    }));
    cases.extend(files(tool, "per_account.media", &|item| {
        two(json!({"account_id": "12", "media": [item]}))
    }));
    cases.extend(files(tool, "per_account.thread.media", &|item| {
        two(json!({"account_id": "12", "thread": [{"content": "E", "media": [item]}]}))
    }));
    if !creates {
        let another = call(json!({"cluster_id": OTHER}));
        cases.push(case(
            tool,
            "cluster_id",
            another,
            json!({"cluster_id": CLUSTER}),
            Shows::Path(space),
        ));
    }
    for (key, value) in metadata().as_object().unwrap() {
        let field = json!({"metadata": {key: value}});
        let of_item = |item: usize| body(&format!("/items/{item}/metadata/{key}"), value.clone());
        cases.push(case(
            tool,
            format!("metadata.{key}"),
            plain(),
            field.clone(),
            of_item(0),
        ));
        cases.push(case(
            tool,
            format!("per_account.metadata.{key}"),
            bare(),
            own(field),
            of_item(1),
        ));
    }
    cases
}

/// What a media item takes beside an id, at one place of the arguments.
fn files(tool: &'static str, place: &str, with: &dyn Fn(Value) -> Value) -> Vec<Case> {
    let one = |field: &str, without: Value, item: Value, shows| {
        case(
            tool,
            format!("{place}.{field}"),
            with(without),
            with(item),
            shows,
        )
    };
    let named = |name: &str| Shows::File("filename", json!(name));
    let path = |name: &str| json!({"path": format!("{FOLDER}/{name}")});
    let url = |name: &str| json!({"url": format!("{HOST}/{name}")});
    let data = || json!({"data": PIXEL});
    vec![
        one(
            "path",
            path("tart.png"),
            path("cake.png"),
            named("cake.png"),
        ),
        one("url", url("tart.png"), url("pie.png"), named("pie.png")),
        one(
            "data",
            json!({"data": OTHER_PICTURE}),
            data(),
            Shows::File("size", json!(70)),
        ),
        one(
            "filename",
            data(),
            json!({"data": PIXEL, "filename": "flan.png"}),
            named("flan.png"),
        ),
        one(
            "alt",
            data(),
            json!({"data": PIXEL, "alt": "A tart"}),
            body("/alt", "A tart"),
        ),
    ]
}
