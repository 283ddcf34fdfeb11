//! What has changed between a question and its answer is asked about anew.

use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::{Confirm, UploadPaths};
use serde_json::json;

use crate::support::elicitation_client::{ERAS, Person, Reply, append, world};
use crate::support::example_calls;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;
use crate::support::unresponsive_saki::call;
use crate::writes::confirmation::second_call::{token, with};

#[tokio::test]
async fn a_replaced_file_is_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let png = |last: u8| [b"\x89PNG\r\n\x1a\n".as_slice(), &[last; 40]].concat();
    let root = folder.path().to_owned();
    let world = World::with(SandboxOptions::default(), |settings| {
        settings.confirm = Confirm::Auto;
        settings.upload_paths = UploadPaths::Below(vec![root]);
    })
    .await;
    let post = new_post("A")
        .with(json!({"media": [{"path": "a.png"}]}))
        .now();
    std::fs::write(&path, png(1)).unwrap();
    let first = token(&world.call("create_post", post.clone()).await);
    // In its place by a rename, as a file system may give the same time to two writes.
    std::fs::write(folder.path().join("b.png"), png(2)).unwrap();
    std::fs::rename(folder.path().join("b.png"), &path).unwrap();
    let answer = world.call("create_post", with(&post, &first)).await;
    let fresh = token(&answer);
    let warning = answer.json["warnings"][0].as_str().unwrap();
    assert!(warning.contains("has changed since"), "{warning}");
    assert!(world.writes().is_empty());
    world.ok("create_post", with(&post, &fresh)).await;
    assert_eq!(world.writes().len(), 2, "the file and the post");
}

#[tokio::test]
async fn a_repeat_whose_posts_are_gone_is_asked_about_as_a_new_create() {
    let (tool, arguments) = example_calls::asking().remove(0);
    for era in ERAS {
        let world = world(Confirm::Auto).await;
        let person = Person::answering([Reply::Yes, Reply::No]);
        let client = person.at(world.handler.clone(), era).await;
        let first = call(&client, tool, arguments.clone()).await;
        let post_id = first.json["post_ids"][0].as_u64().unwrap();
        world.sandbox().edit(|state| state.posts.remove(post_id));
        let second = call(&client, tool, arguments.clone()).await;
        assert!(second.failed, "{}", second.json);
        let asked = person.asked();
        assert_eq!((asked.len(), world.writes().len()), (2, 1));
        assert!(!asked[1].contains("send nothing"), "{}", asked[1]);
    }
}

#[tokio::test]
async fn a_renamed_account_is_asked_about_again() {
    for era in ERAS {
        for (tool, arguments) in [
            example_calls::asking().remove(0),
            example_calls::asking().remove(4),
        ] {
            let world = world(Confirm::Auto).await;
            let id = if tool == "create_post" { 11 } else { 14 };
            let sandbox = world.sandbox().clone();
            let renames = Reply::YesAfter(Box::new(move || {
                sandbox.edit(|state| {
                    state.accounts.get_mut(id).unwrap().handler = "someone_else".to_owned();
                });
            }));
            let person = Person::answering([renames, Reply::No]);
            let client = person.at(world.handler.clone(), era).await;
            let answer = call(&client, tool, arguments).await;
            assert!(answer.failed, "{era:?} {tool}: {}", answer.json);
            let asked = person.asked();
            assert_eq!(asked.len(), 2, "{era:?} {tool}: {asked:#?}");
            assert!(asked[1].contains("someone_else"), "{}", asked[1]);
            assert!(world.writes().is_empty());
        }
    }
}

#[tokio::test]
async fn a_change_late_in_a_text_shows_in_the_second_question() {
    for era in ERAS {
        let world = world(Confirm::Auto).await;
        append(world.sandbox(), 104, &" and so on".repeat(40));
        let sandbox = world.sandbox().clone();
        let changes = Reply::YesAfter(Box::new(move || append(&sandbox, 104, " And more.")));
        let person = Person::answering([changes, Reply::No]);
        let client = person.at(world.handler.clone(), era).await;
        let deletes = json!({"space_id": 1, "post_id": 104});
        let answer = call(&client, "delete_post", deletes).await;
        assert!(answer.failed && world.writes().is_empty());
        let length = |question: &str| {
            let before = question.split(" characters)").next().unwrap();
            let digits = before.rsplit('(').next().unwrap();
            digits.parse::<usize>().unwrap()
        };
        let asked = person.asked();
        assert_eq!(length(&asked[1]), length(&asked[0]) + " And more.".len());
    }
}
