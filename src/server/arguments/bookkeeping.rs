//! Client bookkeeping: arguments that clients and agent frameworks add to a call by themselves, such as call ids or the prompt.
//!
//! They are left out of every call, also of those whose further fields Saki gets.
//! A name is bookkeeping by its words, in any spelling, unless the tool has a parameter of that name.

use serde_json::{Map, Value};

use super::suggest::{normalize, resolve_alias, words};

/// Words that are about the client alone, whatever stands beside them.
const CLIENT_WORDS: [&str; 9] = [
    "tool",
    "session",
    "conversation",
    "chat",
    "trace",
    "thought",
    "thinking",
    "reasoning",
    "prompt",
];
/// Words that are about the client unless a word beside them names a parameter, as in `message_text`.
const LIKELY_WORDS: [&str; 7] = [
    "call", "message", "msg", "request", "input", "reason", "progress",
];
/// What completes those words where a name is written in one, as in `toolcallid`.
const COMPLETIONS: [&str; 21] = [
    "id", "s", "use", "user", "task", "history", "parent", "state", "key", "uuid", "name", "data",
    "context", "current", "full", "info", "last", "original", "process", "token", "update",
];
/// Further names that clients are known to add.
const KNOWN: [&str; 26] = [
    "agentid",
    "correlationid",
    "dummy",
    "executionid",
    "explanation",
    "intent",
    "invocationid",
    "justification",
    "originalquery",
    "parentrunid",
    "randomstring",
    "rationale",
    "requiresapproval",
    "runid",
    "securityrisk",
    "spanid",
    "stepid",
    "think",
    "threadid",
    "tracing",
    "turnid",
    "userintent",
    "userquery",
    "userquestion",
    "waitforprevious",
    "workflowid",
];
/// What n8n's chat trigger sends as `action`; any other action may be a wish.
const CHAT_ACTIONS: [&str; 2] = ["sendMessage", "loadPreviousSession"];

/// Whether a client added the argument, and nobody means it for the tool.
pub(super) fn is_bookkeeping(name: &str, value: &Value, properties: &Map<String, Value>) -> bool {
    if name == "_meta" || KNOWN.contains(&normalize(name).as_str()) {
        return true;
    }
    if name == "action" {
        return value
            .as_str()
            .is_some_and(|one| CHAT_ACTIONS.contains(&one));
    }
    let words = words(name);
    let (about_client, others): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| is_spelled(word));
    let has = |stems: &[&str]| {
        let is_about = |word: &&String| stems.iter().any(|stem| word.contains(stem));
        about_client.iter().any(is_about)
    };
    if has(&CLIENT_WORDS) {
        return true;
    }
    let is_phrase = words.windows(2).any(|pair| pair == ["call", "to"]);
    if is_phrase || !has(&LIKELY_WORDS) {
        return false;
    }
    // Arguments that are wrapped, as in `input: {"status": …}`, are meant for the tool.
    let names_parameter =
        |word: &&String| *word != "id" && resolve_alias(word, properties, &[]).is_some();
    !holds_parameters(value, properties) && (has(&["user"]) || !others.iter().any(names_parameter))
}

/// Whether a value wraps arguments of the tool, as in `{"status": "failed"}`.
pub(super) fn holds_parameters(value: &Value, properties: &Map<String, Value>) -> bool {
    let inner = value.as_object();
    inner.is_some_and(|inner| inner.keys().any(|key| properties.contains_key(key)))
}

/// Whether a word consists of nothing but the words above.
fn is_spelled(word: &str) -> bool {
    // No name of a client is as long, and the search is recursive.
    if word.len() > 60 {
        return false;
    }
    let mut parts = CLIENT_WORDS.iter().chain(&LIKELY_WORDS).chain(&COMPLETIONS);
    parts.any(|part| {
        let rest = word.strip_prefix(part);
        rest.is_some_and(|rest| rest.is_empty() || is_spelled(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn properties() -> Map<String, Value> {
        let names = ["post_id", "content", "media", "time", "url", "search"];
        names
            .map(|name| (name.to_owned(), json!({})))
            .into_iter()
            .collect()
    }

    #[rstest]
    #[case("toolCallId")]
    #[case("tool_use_id")]
    #[case("tool-call-id")]
    #[case("toolcallid")]
    #[case("_toolName")]
    #[case("callId")]
    #[case("_sessionID")]
    #[case("sessionid")]
    #[case("SESSION_ID")]
    #[case("session_media")]
    #[case("conversationHistory")]
    #[case("chatInput")]
    #[case("chatinput")]
    #[case("message_id")]
    #[case("messages")]
    #[case("lastUserMessage")]
    #[case("user_message_text")]
    #[case("requestId")]
    #[case("request_heartbeat")]
    #[case("traceparent")]
    #[case("trace_id")]
    #[case("userPrompt")]
    #[case("userprompt")]
    #[case("user_input")]
    #[case("prompt")]
    #[case("task_progress")]
    #[case("taskProgress")]
    #[case("progressToken")]
    #[case("inner_thoughts")]
    #[case("agentThought")]
    #[case("reason")]
    #[case("call_reason")]
    #[case("reasoning_effort")]
    #[case("_meta")]
    #[case("explanation")]
    #[case("run_id")]
    #[case("user_query")]
    #[case("userIntent")]
    #[case("agent_id")]
    #[case("workflowId")]
    #[case("executionId")]
    #[case("msg_id")]
    #[case("originalprompt")]
    #[case("lastusermessage")]
    #[case("thoughtprocess")]
    #[case("taskprogressupdate")]
    #[case("prompt_text")]
    #[case("threadId")]
    #[case("think")]
    fn what_speaks_of_the_client_is_bookkeeping(#[case] name: &str) {
        assert!(is_bookkeeping(name, &json!("x"), &properties()));
    }

    #[rstest]
    #[case("colour")]
    #[case("callback_url")]
    #[case("call_to_action")]
    #[case("caller")]
    #[case("messenger")]
    #[case("message_text")]
    #[case("request_time")]
    #[case("input_media")]
    #[case("task")]
    #[case("user")]
    #[case("meta")]
    #[case("action")]
    #[case("secret")]
    fn what_may_be_meant_is_not(#[case] name: &str) {
        assert!(!is_bookkeeping(name, &json!("draft"), &properties()));
    }

    #[test]
    fn a_value_can_tell_too() {
        let wrapped = json!({"search": "beans"});
        assert!(!is_bookkeeping("input", &wrapped, &properties()));
        assert!(is_bookkeeping(
            "input",
            &json!({"role": "user"}),
            &properties()
        ));
        assert!(is_bookkeeping(
            "action",
            &json!("sendMessage"),
            &properties()
        ));
    }
}
