//! Arbitrary values for properties: texts that bite, any JSON, and bytes that are nearly a message.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use serde_json::{Map, Value, json};

use crate::support::server_under_test::KEY;

/// So many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn config(cases: u32) -> Config {
    let default = Config::default();
    Config {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => default.cases,
            None => cases,
        },
        failure_persistence: None,
        max_shrink_iters: 300,
        max_global_rejects: u32::MAX,
        ..default
    }
}

/// Texts with what breaks lines, quotes, boundaries, ids, dates and terminals.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        3 => "[a-zA-Z0-9 ._-]{0,12}".boxed(),
        1 => any::<String>().boxed(),
        1 => prop::sample::select(vec![
            "\r\n", "\n- `forged`: yes", "\0", "\"", "'", "`", "\\", "/../", "\u{202e}", "\u{2028}", "\u{feff}", "é", "日本",
            "👩‍👩‍👧", "\u{1b}[31m", "<b>", "&lt;", "%0d%0a", "; filename=\"x\"", "--", "{\"a\":", "2027-04-10T09:00:00Z",
            "1e400", "-0", "18446744073709551616", "true", "null", "https://a.example/b?c=d#e", "data:text/html,x",
        ]).prop_map(str::to_owned).boxed(),
        1 => Just(format!("Bearer {KEY}")).boxed(),
        1 => (1_usize..3000).prop_map(|length| "long ".repeat(length / 5)).boxed(),
    ];
    prop::collection::vec(pieces, 0..4).prop_map(|pieces| pieces.concat())
}

/// Names of fields that the server reads, and others.
fn names() -> impl Strategy<Value = String> {
    let known = vec![
        "id",
        "data",
        "meta",
        "links",
        "error",
        "errors",
        "message",
        "success",
        "status",
        "content",
        "media",
        "children",
        "account",
        "account_id",
        "cluster_id",
        "scheduled_at",
        "published_at",
        "updated_at",
        "metadata",
        "post",
        "posts",
        "name",
        "type",
        "url",
        "timezone",
        "weekday",
        "day",
        "time",
        "hour",
        "current_page",
        "last_page",
        "total",
        "items",
        "0",
        "at",
        "slot_id",
        "is_active",
        "events",
        "limits",
        "plan",
        "deleted",
        "status_code",
        "failed_at",
    ];
    prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        1 => texts(),
    ]
}

fn leaves() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..800).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        texts().prop_map(Value::from),
    ]
}

/// Any JSON.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    leaves().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(path);
}

/// The value with other JSON in some places.
pub(crate) fn mutated(mut value: Value, changes: Vec<(Index, Value)>) -> Value {
    for (index, other) in changes {
        let mut found = Vec::new();
        places(&value, String::new(), &mut found);
        let place = index.get(&found);
        *value.pointer_mut(place).unwrap() = other;
    }
    value
}

/// What happens to the bytes of a message.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    None,
    Cut(Index),
    Byte(Index, u8),
    Insert(Index, Vec<u8>),
    Replace(Vec<u8>),
}

pub(crate) fn damages() -> impl Strategy<Value = Damage> {
    let pieces = prop::sample::select(vec![
        b"\\ud800".to_vec(),
        b"1e400".to_vec(),
        b"-".to_vec(),
        b"\xff\xfe".to_vec(),
        b"\0".to_vec(),
        b"\xef\xbb\xbf".to_vec(),
        b"{\"id\":1,\"id\":2}".to_vec(),
        b"[[[[[[[[".to_vec(),
        b"99999999999999999999999999".to_vec(),
        b"NaN".to_vec(),
        "[".repeat(20_000).into_bytes(),
        "{\"a\":".repeat(5_000).into_bytes(),
        format!("{}{}", "[".repeat(120), "]".repeat(120)).into_bytes(),
    ]);
    prop_oneof![
        4 => Just(Damage::None),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (any::<Index>(), pieces.clone()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => pieces.prop_map(Damage::Replace),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Damage::Replace),
    ]
}

impl Damage {
    pub(crate) fn done_to(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let length = bytes.len();
        match self {
            Self::None => {}
            Self::Cut(at) => bytes.truncate(at.index(length + 1)),
            Self::Byte(..) if length == 0 => {}
            Self::Byte(at, byte) => bytes[at.index(length)] = byte,
            Self::Insert(at, piece) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, piece);
            }
            Self::Replace(other) => bytes = other,
        }
        bytes
    }
}
