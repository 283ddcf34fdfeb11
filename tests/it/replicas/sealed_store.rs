//! What stands in the Redis: nothing that a reader of it could use, and nothing that stays.

use saki_mcp::tools::Confirm;
use saki_mcp::write::policy::{Limit, Policy};
use serde_json::json;

use crate::support::planted_key::shown_part;
use crate::support::post_arguments::new_post;
use crate::support::replicas::{Replicas, SECRET, StoreKind};

#[tokio::test]
async fn nothing_readable_is_in_the_store_and_everything_expires() {
    let policy = Policy::default().limited(Limit::MaxLivePerHour(9));
    let replicas = Replicas::new(StoreKind::Redis, |settings| {
        settings.confirm = Confirm::Auto;
        settings.policy = policy;
    })
    .await;
    let one = replicas.replica().await;
    let asked = one
        .ok("create_post", new_post("Planted text of a post").now())
        .await;
    let mut call = new_post("Planted text of a post").now();
    call["confirmation"] = asked["confirmation"].clone();
    one.ok("create_post", call).await;
    let open = one.ok("delete_space", json!({"space_id": 2})).await;
    let dump = replicas.redis.as_ref().unwrap().dump();
    assert!(dump.len() >= 6, "{}", dump.len());
    let code = open["confirmation"].as_str().unwrap();
    for entry in dump {
        let text = format!("{} {}", entry.key, String::from_utf8_lossy(&entry.value));
        assert_eq!(shown_part(&text), None);
        for planted in [SECRET, "Planted", "lanted text", "account", "outcome", code] {
            assert!(!text.contains(planted), "{planted} in {text}");
        }
        assert!(entry.key.starts_with("saki-mcp:"), "{}", entry.key);
        assert!(entry.expires_in > 0, "{} never expires", entry.key);
    }
}
