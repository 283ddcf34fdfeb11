//! Ready answers: what a connection is answered whose request is not read.

/// The answer to a connection for which there is no room.
pub(super) const AT_CAPACITY: ReadyAnswer = ReadyAnswer {
    head: "503 Service Unavailable\r\nretry-after: 1",
    body: r#"{"error":"overloaded","error_description":"The server has as many connections as it may. Try again."}"#,
};

/// The answer to plain HTTP where TLS is spoken.
pub(super) const SPEAKS_TLS: ReadyAnswer = ReadyAnswer {
    head: "400 Bad Request",
    body: r#"{"error":"https_only","error_description":"This server speaks TLS. Use an address with https://."}"#,
};

/// The answer to what cannot be read as a request.
pub(super) const UNREADABLE: ReadyAnswer = ReadyAnswer {
    head: "400 Bad Request",
    body: r#"{"error":"invalid_http","error_description":"The server cannot read this as a request of HTTP/1.1. MCP clients send a POST to /mcp."}"#,
};

/// The answer to an address that is too long.
pub(super) const ADDRESS_TOO_LONG: ReadyAnswer = ReadyAnswer {
    head: "414 URI Too Long",
    body: r#"{"error":"address_too_long","error_description":"The address and headers of a request may have 64 KiB. Send arguments in the body."}"#,
};

/// The answer to headers that are too large or too many.
pub(super) const HEADERS_TOO_LARGE: ReadyAnswer = ReadyAnswer {
    head: "431 Request Header Fields Too Large",
    body: r#"{"error":"headers_too_large","error_description":"A request may have 100 headers, and 64 KiB with its address. Send fewer."}"#,
};

/// An answer that needs no request.
#[derive(Debug)]
pub(super) struct ReadyAnswer {
    /// The status, and headers of its own.
    head: &'static str,
    body: &'static str,
}

impl ReadyAnswer {
    pub(super) fn bytes(&self) -> String {
        let Self { head, body } = self;
        let length = body.len();
        format!(
            "HTTP/1.1 {head}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_made_answers_have_the_length_that_they_say() {
        for answer in [
            AT_CAPACITY,
            SPEAKS_TLS,
            UNREADABLE,
            ADDRESS_TOO_LONG,
            HEADERS_TOO_LARGE,
        ] {
            let answer = answer.bytes();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let length = head.split_once("content-length: ").unwrap().1;
            assert_eq!(length, body.len().to_string());
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
        }
    }
}
