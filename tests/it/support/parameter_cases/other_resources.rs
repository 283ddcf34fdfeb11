//! Where each parameter of the tools about spaces, accounts, slots and webhooks shows.

use serde_json::{Value, json};

use crate::support::parameter_cases::{
    Case, FURTHER, Shows, all_spaces, body, case, decided_space, space,
};

pub(crate) fn cases() -> Vec<Case> {
    [spaces(), accounts(), schedule(), webhooks()]
        .into_iter()
        .flatten()
        .collect()
}

fn spaces() -> Vec<Case> {
    let lab = || json!({"name": "Lab"});
    let one = || json!({"space_id": 1, "name": "Lab"});
    let asia = json!({"timezone": "Asia/Tokyo"});
    let color = json!({"color": "blue"});
    let name = json!({"name": "Lab 2"});
    vec![
        space("get_space", json!({}), "GET /spaces/1"),
        space("delete_space", json!({}), "DELETE /spaces/1"),
        space("update_space", lab(), "PUT /spaces/1"),
        case(
            "create_space",
            "name",
            lab(),
            name.clone(),
            body("/name", "Lab 2"),
        ),
        case(
            "create_space",
            "timezone",
            lab(),
            asia.clone(),
            body("/timezone", "Asia/Tokyo"),
        ),
        case(
            "create_space",
            FURTHER,
            lab(),
            color.clone(),
            body("/color", "blue"),
        ),
        case("update_space", "name", one(), name, body("/name", "Lab 2")),
        case(
            "update_space",
            "timezone",
            one(),
            asia,
            body("/timezone", "Asia/Tokyo"),
        ),
        case(
            "update_space",
            FURTHER,
            one(),
            color,
            body("/color", "blue"),
        ),
    ]
}

fn accounts() -> Vec<Case> {
    let activate = |change: Value, parameter, shows| {
        let without = json!({"space_id": 1, "account_id": 11, "is_active": false});
        case("set_account_active", parameter, without, change, shows)
    };
    let inactive = json!({"space_id": 1, "account_id": "@acmecoffee.tok", "is_active": false});
    vec![
        all_spaces("list_accounts", "GET /spaces/2/accounts"),
        decided_space("list_boards", json!({"account_id": 15})),
        case(
            "list_boards",
            "account_id",
            json!({"space_id": 1}),
            json!({"account_id": "acmebrews"}),
            Shows::Path("GET /spaces/1/accounts/15/boards"),
        ),
        decided_space("disconnect_account", json!({"account_id": 14})),
        case(
            "disconnect_account",
            "account_id",
            json!({"space_id": 1}),
            json!({"account_id": 14}),
            Shows::Path("DELETE /spaces/1/accounts/14"),
        ),
        decided_space(
            "set_account_active",
            json!({"account_id": 11, "is_active": false}),
        ),
        activate(
            json!({"account_id": 12}),
            "account_id",
            Shows::Path("PATCH /spaces/1/accounts/12/activate"),
        ),
        case(
            "set_account_active",
            "is_active",
            inactive,
            json!({"is_active": true}),
            body("/is_active", true),
        ),
        activate(json!({"note": "pause"}), FURTHER, body("/note", "pause")),
    ]
}

fn schedule() -> Vec<Case> {
    let slot = |change: Value, parameter, shows| {
        let without = json!({"space_id": 1, "weekday": "monday", "time": "09:00"});
        case("create_slot", parameter, without, change, shows)
    };
    vec![
        all_spaces("get_overview", "GET /spaces/2/accounts"),
        all_spaces("list_slots", "GET /spaces/2/slots"),
        all_spaces("get_queue", "GET /spaces/2/queue"),
        case(
            "get_queue",
            "timezone",
            json!({"space_id": 1}),
            json!({"timezone": "Asia/Tokyo"}),
            Shows::Answer("/meta/timezone", json!("Asia/Tokyo")),
        ),
        case(
            "get_queue",
            "detail",
            json!({"space_id": 1}),
            json!({"detail": "full"}),
            Shows::Answer("/data/0/order", json!(0)),
        ),
        space(
            "create_slot",
            json!({"weekday": "monday", "time": "09:00"}),
            "POST /spaces/1/slots",
        ),
        slot(
            json!({"weekday": "friday"}),
            "weekday",
            body("/weekday", "friday"),
        ),
        slot(
            json!({"account_id": "@acmecoffee"}),
            "account_id",
            body("/account_id", 11),
        ),
        slot(json!({"time": "09:30"}), "time", body("/time", "09:30")),
        slot(
            json!({"timezone": "Asia/Tokyo"}),
            "timezone",
            body("/timezone", "Asia/Tokyo"),
        ),
        slot(json!({"label": "lunch"}), FURTHER, body("/label", "lunch")),
        decided_space("delete_slot", json!({"slot_id": 302})),
        case(
            "delete_slot",
            "slot_id",
            json!({"space_id": 1, "slot_id": 301}),
            json!({"slot_id": 302}),
            Shows::Path("DELETE /spaces/1/slots/302"),
        ),
    ]
}

fn webhooks() -> Vec<Case> {
    let url = "https://acme-coffee.example/b";
    let create = |change: Value, parameter, shows| {
        let without = json!({"space_id": 1, "url": "https://acme-coffee.example/a", "events": ["post.failed"]});
        case("create_webhook", parameter, without, change, shows)
    };
    let update = |change: Value, parameter, shows| {
        let without =
            json!({"space_id": 1, "webhook_id": 701, "url": "https://acme-coffee.example/a"});
        case("update_webhook", parameter, without, change, shows)
    };
    let events = json!({"events": ["post.scheduled"]});
    vec![
        all_spaces("list_webhooks", "GET /spaces/2/webhooks"),
        space(
            "create_webhook",
            json!({"url": url, "events": ["post.failed"]}),
            "POST /spaces/1/webhooks",
        ),
        create(json!({"url": url}), "url", body("/url", url)),
        create(
            events.clone(),
            "events",
            body("/events/0", "post.scheduled"),
        ),
        create(
            json!({"is_active": false}),
            "is_active",
            body("/is_active", false),
        ),
        create(json!({"secret": "s3"}), FURTHER, body("/secret", "s3")),
        decided_space("update_webhook", json!({"webhook_id": 701, "url": url})),
        case(
            "update_webhook",
            "webhook_id",
            json!({"space_id": 1, "url": url}),
            json!({"webhook_id": 701}),
            Shows::Path("PUT /spaces/1/webhooks/701"),
        ),
        update(json!({"url": url}), "url", body("/url", url)),
        update(events, "events", body("/events/0", "post.scheduled")),
        update(
            json!({"is_active": false}),
            "is_active",
            body("/is_active", false),
        ),
        decided_space("delete_webhook", json!({"webhook_id": 701})),
        case(
            "delete_webhook",
            "webhook_id",
            json!({"space_id": 1}),
            json!({"webhook_id": 701}),
            Shows::Path("DELETE /spaces/1/webhooks/701"),
        ),
    ]
}
