//! Where each parameter of the tools about single posts and media shows.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::example_calls::{self, PIXEL};
use crate::support::parameter_cases::{
    Case, FURTHER, Shows, all_spaces, body, case, decided_space,
};
use crate::support::scripted_web_host::{Host, file};

/// Stands in the table for the folder that files may be uploaded from.
pub(crate) const FOLDER: &str = "$FOLDER";
/// Stands in the table for the host that files are fetched from.
pub(crate) const HOST: &str = "$HOST";

/// Lays two files into the folder that the table names.
pub(crate) fn fill(folder: &Path) {
    for name in ["cake.png", "tart.png"] {
        std::fs::write(folder.join(name), pixel()).unwrap();
    }
}

/// A host that has two files.
pub(crate) async fn host() -> Host {
    let host = Host::start().await;
    for path in ["/pie.png", "/tart.png"] {
        host.says(path, file("", &pixel()));
    }
    host
}

fn pixel() -> Vec<u8> {
    STANDARD.decode(PIXEL).unwrap()
}

/// The arguments with the real names of folder and host.
pub(crate) fn in_place(arguments: &Value, folder: &Path, host: &Host) -> Value {
    let folder = json!(folder).as_str().unwrap().replace('\\', "\\\\");
    let text = arguments.to_string().replace(FOLDER, &folder);
    serde_json::from_str(&text.replace(HOST, &host.at(""))).unwrap()
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = posts();
    cases.extend(media());
    cases
}

fn posts() -> Vec<Case> {
    let list = |change: Value, parameter, query| {
        case(
            "list_posts",
            parameter,
            json!({"space_id": 1}),
            change,
            Shows::Query(query),
        )
    };
    let list_shows = |change: Value, parameter, shows| {
        case(
            "list_posts",
            parameter,
            json!({"space_id": 1}),
            change,
            shows,
        )
    };
    let update = |change: Value, parameter, shows| {
        let without = json!({"space_id": 1, "post_id": 112, "content": "A"});
        case("update_post", parameter, without, change, shows)
    };
    let timed = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-12T09:00"});
    let other = json!({"space_id": 1, "post_id": 113, "content": "A"});
    let tokyo = body("/scheduled_at", "2027-04-12T00:00:00Z");
    vec![
        all_spaces("list_posts", "GET /spaces/2/posts"),
        case(
            "list_posts",
            "timezone",
            json!({"space_id": 1, "from": "2027-04-03"}),
            json!({"timezone": "America/New_York"}),
            Shows::Query("from=2027-04-02"),
        ),
        list_shows(
            json!({"search": "NEUKÖLLN"}),
            "search",
            Shows::Answer("/meta/count", json!(2)),
        ),
        list_shows(
            json!({"detail": "full"}),
            "detail",
            Shows::Answer("/data/0/order", json!(0)),
        ),
        list(json!({"status": "4"}), "status", "status=4"),
        list(
            json!({"account_id": "@acme.coffee"}),
            "account_id",
            "account_id=12",
        ),
        // The server asks for a day more on both sides and judges the rows itself.
        list(json!({"from": "2027-04-03"}), "from", "from=2027-04-01"),
        list(json!({"to": "2027-04-30"}), "to", "to=2027-05-01"),
        list_shows(
            json!({"page": 2}),
            "page",
            Shows::Answer(
                "/note",
                json!("Page 2 is past the last one: earlier pages hold all 16 posts."),
            ),
        ),
        list_shows(
            json!({"cluster_id": example_calls::CLUSTER}),
            "cluster_id",
            Shows::Answer("/data/0/cluster_id", json!(example_calls::CLUSTER)),
        ),
        list_shows(
            json!({"sort": "likes"}),
            "sort",
            Shows::Answer("/data/0/sorted_by", json!(70)),
        ),
        decided_space("get_post", json!({"post_id": 112})),
        case(
            "get_post",
            "post_id",
            json!({"space_id": 1}),
            json!({"post_id": 112}),
            Shows::Path("GET /spaces/1/posts/112"),
        ),
        decided_space("delete_post", json!({"post_id": 112})),
        case(
            "delete_post",
            "post_id",
            json!({"space_id": 1}),
            json!({"post_id": 112}),
            Shows::Path("DELETE /spaces/1/posts/112"),
        ),
        decided_space("update_post", json!({"post_id": 112, "content": "A"})),
        case(
            "update_post",
            "post_id",
            other,
            json!({"post_id": 112}),
            Shows::Path("PUT /spaces/1/posts/112"),
        ),
        update(json!({"content": "B"}), "content", body("/content", "B")),
        update(
            json!({"scheduled_at": "2027-04-12T07:00:00Z"}),
            "scheduled_at",
            body("/scheduled_at", "2027-04-12T07:00:00Z"),
        ),
        case(
            "update_post",
            "timezone",
            timed,
            json!({"timezone": "Asia/Tokyo"}),
            tokyo,
        ),
        update(
            json!({"media": [{"media_id": 502}]}),
            "media",
            body("/media_ids/0", 502),
        ),
        update(
            json!({"media_ids": [502]}),
            "media_ids",
            body("/media_ids/0", 502),
        ),
        update(json!({"status": 1}), "status", body("/status", 1)),
        update(
            json!({"metadata": {"title": "B"}}),
            "metadata",
            body("/metadata/title", "B"),
        ),
        update(
            json!({"clear": ["metadata"]}),
            "clear",
            body("/metadata", Value::Null),
        ),
        update(
            json!({"if_updated_at": "2027-04-01T00:00:00Z"}),
            "if_updated_at",
            Shows::Refused("post 112 was changed"),
        ),
    ]
}

fn media() -> Vec<Case> {
    let upload = || json!({"data": PIXEL});
    let path = json!({"path": format!("{FOLDER}/cake.png")});
    vec![
        case(
            "upload_media",
            "path",
            json!({}),
            path,
            Shows::File("filename", json!("cake.png")),
        ),
        case(
            "upload_media",
            "url",
            json!({}),
            json!({"url": format!("{HOST}/pie.png")}),
            Shows::File("filename", json!("pie.png")),
        ),
        case(
            "upload_media",
            "data",
            json!({}),
            upload(),
            Shows::File("size", json!(70)),
        ),
        case(
            "upload_media",
            "filename",
            upload(),
            json!({"filename": "tart.png"}),
            Shows::File("filename", json!("tart.png")),
        ),
        case(
            "upload_media",
            FURTHER,
            upload(),
            json!({"alt": "A tart"}),
            body("/alt", "A tart"),
        ),
        case(
            "delete_media",
            "media_id",
            json!({"media_id": 501}),
            json!({"media_id": 503}),
            Shows::Path("DELETE /media/503"),
        ),
    ]
}
