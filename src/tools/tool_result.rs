//! The result of a tool that succeeded.

use std::marker::PhantomData;

use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, InputRequiredResult};
use serde_json::{Map, Value};

/// A JSON object that claims to look like `T`: the type gives the output schema, the value stays as Saki sent it.
///
/// The macro that declares tools finds the output schema by this name.
#[derive(Debug)]
pub struct Json<T>(Body, PhantomData<fn() -> T>);

#[derive(Debug)]
enum Body {
    Result(Value),
    Question(Box<InputRequiredResult>),
}

impl<T> Json<T> {
    /// Takes the result as it is.
    pub fn new(result: Map<String, Value>) -> Self {
        Self(Body::Result(Value::Object(result)), PhantomData)
    }

    /// There is no result yet: the client is to ask a person first.
    pub fn question(question: Box<InputRequiredResult>) -> Self {
        Self(Body::Question(question), PhantomData)
    }
}

impl<T> IntoCallToolResult for Json<T> {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        match self.0 {
            Body::Result(structured) => {
                // The text copy is written at the end of the call, when the result has its final shape.
                let mut result = CallToolResult::success(Vec::new());
                result.structured_content = Some(structured);
                Ok(result.into())
            }
            Body::Question(question) => Ok((*question).into()),
        }
    }
}
