//! Texts that nobody meant: spelled line breaks are read, everything else is warned about and stays as it is.

use rstest::rstest;
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client::{Era, Person, world};
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{bodies, cluster, cluster_of, column};
use crate::support::server_under_test::{Answer, World};
use crate::support::unresponsive_saki::call;

fn understood(answer: &Answer) -> String {
    answer.meta["understood"].to_string()
}

fn warnings(answer: &Value) -> String {
    answer["warnings"].to_string()
}

#[tokio::test]
async fn spelled_line_breaks_are_read_in_every_text_and_said() {
    let spelled = r"Para one\n\nPara two";
    let world = World::new().await;
    let asked = new_post(spelled)
        .on([11, 12])
        .with(json!({"media": [{"media_id": 501}], "thread": [{"content": spelled}], "metadata": {"title": spelled},
            "per_account": [{"account_id": "12", "content": spelled, "thread": [{"content": spelled}], "metadata": {"title": spelled}}]}))
        .draft();
    let answer = world.call("create_post", asked).await;
    assert!(!answer.failed, "{}", answer.text);
    let sent = &bodies(&world)[0]["items"];
    let read = json!("Para one\n\nPara two");
    for item in sent.as_array().unwrap() {
        assert_eq!(item["main"]["content"], read);
        assert_eq!(item["children"][0]["content"], read);
        assert_eq!(item["metadata"]["title"], read);
    }
    for path in [
        "`content`",
        "`thread.0.content`",
        "`metadata.title`",
        "`per_account.0.content`",
        "`per_account.0.thread.0.content`",
        "`per_account.0.metadata.title`",
    ] {
        assert!(understood(&answer).contains(path), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn edits_read_spelled_line_breaks_too() {
    let world = World::new().await;
    let edit = json!({"space_id": 1, "post_id": 113, "content": r"One\nTwo", "metadata": {"title": r"A\nB"}});
    let answer = world.call("update_post", edit).await;
    assert!(understood(&answer).contains("`content`"), "{answer:?}");
    let id = cluster_of(&world, "How we roast");
    let change = cluster_change(&id).with(json!({"content": r"One\nTwo"}));
    let answer = world.call("update_cluster", change.undecided()).await;
    assert!(understood(&answer).contains("`content`"), "{answer:?}");
    let sent = bodies(&world);
    assert_eq!(sent[0]["content"], "One\nTwo");
    assert_eq!(sent[0]["metadata"]["title"], "A\nB");
    assert_eq!(sent[1]["items"][0]["main"]["content"], "One\nTwo");
}

#[rstest]
#[case(r"Saved in C:\news")]
#[case(r"Match /\n+/g in it")]
#[case("A real break\nand a spelled \\n one")]
#[tokio::test]
async fn paths_expressions_and_texts_with_real_breaks_stay(#[case] text: &str) {
    let world = World::new().await;
    let answer = world.call("create_post", new_post(text).draft()).await;
    assert_eq!(bodies(&world)[0]["items"][0]["main"]["content"], text);
    assert!(!understood(&answer).contains("`content`"), "{answer:?}");
}

#[rstest]
#[case("<p>Hello <strong>all</strong> &amp; more</p>", "HTML (\"<p>\")")]
#[case(
    "**Big news!** [open](https://a.example)",
    "Markdown (\"[open](https://a.example)\")"
)]
#[case("{{ $json.text }}", "\"{{ $json.text }}\", a placeholder")]
#[case("[object Object]", "\"[object Object]\", a placeholder")]
#[case("Hi ${first_name}", "\"${first_name}\", a placeholder")]
#[case("undefined", "only \"undefined\"")]
#[case("Tea &ndash; 5 &euro;", "HTML (\"&ndash;\")")]
#[case("&Uuml;ber uns", "HTML (\"&Uuml;\")")]
#[case("Best wishes, [Your Name]", "\"[Your Name]\", a placeholder")]
#[case("\"null\"", "only \"null\"")]
#[case("undefined, undefined", "only \"undefined, undefined\"")]
#[case(
    "See [our menu](acme.example/menu)",
    "Markdown (\"[our menu](acme.example/menu)\")"
)]
#[case(
    "<details><summary>More</summary>Soup</details>",
    "HTML (\"</summary>\")"
)]
#[case("Hi *|FNAME|*", "\"*|FNAME|*\", a placeholder")]
#[tokio::test]
async fn the_dry_run_the_answer_and_the_question_warn_and_the_text_stays(
    #[case] text: &str,
    #[case] warning: &str,
) {
    let quiet = World::new().await;
    let mut draft = new_post(text).draft();
    let answer = quiet.ok("create_post", draft.clone()).await;
    assert!(
        warnings(&answer).replace("\\\"", "\"").contains(warning),
        "{answer}"
    );
    assert_eq!(bodies(&quiet)[0]["items"][0]["main"]["content"], text);
    draft["dry_run"] = json!(true);
    let preview = quiet.ok("create_post", draft).await;
    assert!(
        warnings(&preview).replace("\\\"", "\"").contains(warning),
        "{preview}"
    );
    let edit = json!({"space_id": 1, "post_id": 113, "content": text});
    let edited = quiet.ok("update_post", edit).await;
    assert!(
        warnings(&edited).replace("\\\"", "\"").contains(warning),
        "{edited}"
    );
    let id = cluster_of(&quiet, "How we roast");
    let change = cluster_change(&id).with(json!({"content": text}));
    let changed = quiet.ok("update_cluster", change.undecided()).await;
    assert!(
        warnings(&changed).replace("\\\"", "\"").contains(warning),
        "{changed}"
    );

    let asking = world(Confirm::Auto).await;
    let person = Person::default();
    let client = person.at(asking.handler.clone(), Era::Older).await;
    call(&client, "create_post", new_post(text).now()).await;
    let question = person.asked().remove(0);
    assert!(question.contains("Careful: Account 11"), "{question}");
    assert!(question.contains(warning), "{question}");
}

#[rstest]
#[case("")]
#[case(" ")]
#[case("\u{200b}")]
#[case("\u{2800}\n\t")]
#[tokio::test]
async fn a_blank_text_without_media_is_refused(#[case] text: &str) {
    let world = World::new().await;
    let id = cluster_of(&world, "One year of direct trade");
    let edit = json!({"space_id": 1, "post_id": 113, "content": text});
    let change = cluster_change(&id).on([14]).with(json!({"content": text}));
    for (tool, arguments) in [
        ("create_post", new_post(text).draft()),
        ("update_post", edit),
        ("update_cluster", change.undecided()),
    ] {
        let said = world.refused(tool, arguments).await;
        assert!(said.contains("blank"), "{tool}: {said}");
    }
    assert!(world.writes().is_empty());
    let with_media = new_post(text).with(json!({"media": [{"media_id": 501}]}));
    world.ok("create_post", with_media.draft()).await;
}

#[tokio::test]
async fn an_empty_part_of_a_thread_and_odd_settings_are_warned_about() {
    let world = World::new().await;
    let mut asked = new_post("One")
        .with(json!({"thread": [{"content": "Two"}, {"content": " "}], "metadata": {"title": "{{ title }}"}}))
        .draft();
    asked["dry_run"] = json!(true);
    let answer = world.ok("create_post", asked).await;
    let said = warnings(&answer);
    assert!(
        said.contains("`thread.1.content` is an empty part"),
        "{said}"
    );
    assert!(said.contains("`metadata.title` contains"), "{said}");
    assert!(!said.contains("thread.0"), "{said}");
}

#[tokio::test]
async fn a_new_account_of_a_cluster_takes_what_its_posts_agree_in() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let change = cluster_change(&id).on([11, 12, 13, 14]).undecided();
    let mut dry = change.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok("update_cluster", dry).await;
    let what = preview["what"].as_str().unwrap();
    assert!(
        what.contains("adds acme-coffee (linkedin), keeps acmecoffee (twitter/X), acme.coffee (instagram) and acmecoffeeberlin (facebook)"),
        "{what}"
    );
    world.ok("update_cluster", change).await;
    let after = cluster(&world, &id);
    assert_eq!(after.len(), 4);
    for field in ["content", "media", "scheduled_at"] {
        let column = column(&after, field);
        assert!(
            column
                .as_array()
                .unwrap()
                .iter()
                .all(|value| *value == column[0]),
            "{field}: {column}"
        );
    }
}

#[tokio::test]
async fn a_new_account_of_a_cluster_needs_what_its_posts_differ_in() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let own = json!({"per_account": [{"account_id": "12", "content": "Mine"}]});
    let change = cluster_change(&id).on([11, 12, 13]);
    world
        .ok("update_cluster", change.clone().with(own).undecided())
        .await;
    let wider = change.on([11, 12, 13, 14]);
    let said = world
        .refused("update_cluster", wider.clone().undecided())
        .await;
    assert!(
        said.contains("`content`") && said.contains("differ"),
        "{said}"
    );
    let own = json!({"per_account": [{"account_id": "14", "content": "Ours"}]});
    world
        .ok("update_cluster", wider.with(own).undecided())
        .await;
    assert_eq!(cluster(&world, &id).len(), 4);
}
