//! A call that failed after its uploads says what they made, and its retry does not make them again.

use http::Method;
use saki_mcp::sandbox::Fault;
use serde_json::json;

use crate::media::attachments::{creates, post};
use crate::support::faults::refuses;
use crate::support::media_files::{PNG, picture, reading, uploads};
use crate::support::sandbox_state::{bodies, last_post, posts_after};
use crate::support::scripted_web_host::Host;
use crate::support::server_under_test::World;

#[tokio::test]
async fn a_failed_create_says_what_it_uploaded_and_its_retry_uses_that() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rota.png");
    std::fs::write(&path, picture(300)).unwrap();
    let world = reading(folder.path()).await;
    let asked = post(json!([{"path": "rota.png"}, {"data": PNG, "filename": "b.png"}]));
    let last = last_post(&world);
    world
        .sandbox()
        .fault(refuses(&["items.0.main.content"]).on(&Method::POST, creates()));
    let answer = world.call("create_post", asked.clone()).await;
    assert!(answer.failed);
    let ids: Vec<u64> = world
        .sandbox()
        .state(|state| state.media.values().map(|media| media.id).collect());
    let [.., rota, b] = ids[..] else {
        panic!("{ids:?}")
    };
    let said = format!("Uploaded already: \"rota.png\" is media {rota}, \"b.png\" is media {b};");
    assert!(answer.text.contains(&said), "{}", answer.text);
    assert_eq!(
        answer.meta["uploaded"],
        json!([{"name": "rota.png", "media_id": rota}, {"name": "b.png", "media_id": b}])
    );
    assert!(posts_after(&world, last).is_empty());

    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok("create_post", dry).await;
    assert_eq!(preview.get("uploads"), None);
    let made = world.ok("create_post", asked.clone()).await;
    assert_eq!(uploads(&world).len(), 2, "nothing is uploaded again");
    let body = bodies(&world).pop().unwrap();
    assert_eq!(body["items"][0]["main"]["media"][0]["id"], rota);
    assert_eq!(preview["request"]["body"], body);
    assert_eq!(made["uploaded"][1]["media_id"], b);
    assert_eq!(posts_after(&world, last).len(), 1);

    // The same call once more means the same post, files included.
    let again = world.ok("create_post", asked).await;
    assert_eq!(again["outcome"], "replayed");
    assert_eq!(uploads(&world).len(), 2);
}

#[tokio::test]
async fn an_upload_is_reused_only_while_the_file_is_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rota.png");
    let asked = || post(json!([{"path": "rota.png"}]));
    let again = async |between: &dyn Fn(&World)| -> usize {
        std::fs::write(&path, picture(300)).unwrap();
        let world = reading(folder.path()).await;
        world
            .sandbox()
            .fault(refuses(&["items.0.main.content"]).on(&Method::POST, creates()));
        world.refused("create_post", asked()).await;
        between(&world);
        world.ok("create_post", asked()).await;
        uploads(&world).len()
    };
    assert_eq!(again(&|_| ()).await, 1);
    let later = |minutes: i64| {
        move |world: &World| {
            let now = world.clock.now();
            world
                .clock
                .set(now + jiff::SignedDuration::from_mins(minutes));
        }
    };
    assert_eq!(again(&later(9)).await, 1);
    assert_eq!(again(&later(10)).await, 2);
    assert_eq!(
        again(&|_| std::fs::write(&path, picture(301)).unwrap()).await,
        2
    );

    std::fs::write(&path, picture(300)).unwrap();
    for (gone, times) in [(false, 1), (true, 2)] {
        let world = reading(folder.path()).await;
        world
            .sandbox()
            .fault(refuses(&["items.0.main.content"]).on(&Method::POST, creates()));
        let answer = world.call("create_post", asked()).await;
        let id = answer.meta["uploaded"][0]["media_id"].clone();
        if gone {
            world.ok("delete_media", json!({"media_id": id})).await;
        }
        world.ok("create_post", asked()).await;
        assert_eq!(uploads(&world).len(), times);
    }
}

#[tokio::test]
async fn a_file_refused_in_a_post_is_named_and_uploaded_again() {
    let world = World::new().await;
    let asked = post(json!([{"media_id": 501}, {"data": PNG, "filename": "b.png"}]));
    for _ in 0..2 {
        world
            .sandbox()
            .fault(refuses(&["items.0.main.media.1.id"]).on(&Method::POST, creates()));
        let answer = world.call("create_post", asked.clone()).await;
        assert!(answer.text.contains("`media.1`"), "{}", answer.text);
        assert!(!answer.text.contains("media.1.media_id"), "{}", answer.text);
    }
    assert_eq!(uploads(&world).len(), 2);
    world.ok("create_post", asked).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_fetched_or_uploaded_leaves_the_post_unmade() {
    let host = Host::start().await;
    let world = crate::media::fetch::fetching(host.reached()).await;
    let last = last_post(&world);
    let data = json!({"data": PNG, "filename": "a.png"});
    let missing = json!({"url": "http://cdn.test/none.png"});
    let answer = world
        .call("create_post", post(json!([data.clone(), missing])))
        .await;
    assert!(
        answer
            .text
            .contains("`media.1.url`: the file at cdn.test cannot be fetched"),
        "{}",
        answer.text
    );
    assert!(
        world.writes().is_empty(),
        "all is fetched before anything is uploaded"
    );

    let other = json!({"data": PNG, "filename": "b.png", "alt": "B"});
    let too_large = Fault {
        skip: 1,
        ..Fault::status(413)
    };
    world.sandbox().fault(too_large.on(&Method::POST, "/media"));
    let asked = post(json!([data, other]));
    let answer = world.call("create_post", asked.clone()).await;
    let said = "No post was made or changed, since the file \"b.png\" could not be uploaded.";
    assert!(answer.text.starts_with(said), "{}", answer.text);
    assert!(
        answer.text.contains("Uploaded already: \"a.png\" is media"),
        "{}",
        answer.text
    );
    assert_eq!(answer.meta["class"], "not_sent");
    assert!(posts_after(&world, last).is_empty());
    world.ok("create_post", asked).await;
    assert_eq!(uploads(&world), ["a.png", "b.png", "b.png"]);
    assert_eq!(posts_after(&world, last).len(), 1);
}
