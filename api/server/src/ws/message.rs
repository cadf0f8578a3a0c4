//! The messages of `graphql-transport-ws`.

use plinth_graphql::{Answer, Request as Document};
use serde_json::{Map, Value, json, value::RawValue};

use super::close::Close;
use crate::http::{document, json};

/// Bytes of an operation's id, which the client makes.
const LONGEST_ID: usize = 256;

/// What a client says.
pub(super) enum Message {
    Init { authorization: Option<String> },
    Ping { payload: Option<Value> },
    Pong,
    Subscribe { id: String, document: Document },
    Complete { id: String },
}

impl Message {
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let invalid = |reason: &str| Close::invalid(reason);
        let Ok(Value::Object(mut members)) = json(text.as_bytes()) else {
            return Err(invalid("the message is no JSON object"));
        };
        let payload = members.remove("payload").filter(|it| !it.is_null());
        match members.get("type").and_then(Value::as_str).unwrap_or_default() {
            "connection_init" => {
                let payload = object(payload)?;
                let mut members = payload.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
                let authorization = match members.next().map(|(_, value)| value) {
                    None | Some(Value::Null) => None,
                    Some(Value::String(text)) => Some(text),
                    Some(_) => return Err(invalid("`authorization` is no string")),
                };
                Ok(Self::Init { authorization })
            }
            "ping" => Ok(Self::Ping { payload: object_or_none(payload)? }),
            "pong" => object_or_none(payload).map(|_| Self::Pong),
            "subscribe" => {
                let id = id(&mut members)?;
                let payload = payload.ok_or_else(|| invalid("`subscribe` without `payload`"))?;
                let document = document(payload).map_err(|refused| Close::invalid(refused.message))?;
                Ok(Self::Subscribe { id, document })
            }
            "complete" => Ok(Self::Complete { id: id(&mut members)? }),
            _ => Err(invalid("the message has no `type` that clients send")),
        }
    }
}

fn id(members: &mut Map<String, Value>) -> Result<String, Close> {
    match members.remove("id") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= LONGEST_ID => Ok(id),
        _ => Err(Close::invalid(format!("`id` is no string of 1 to {LONGEST_ID} bytes"))),
    }
}

fn object(payload: Option<Value>) -> Result<Map<String, Value>, Close> {
    match payload {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(Close::invalid("`payload` is no object")),
    }
}

fn object_or_none(payload: Option<Value>) -> Result<Option<Value>, Close> {
    let is_there = payload.is_some();
    object(payload).map(|members| is_there.then_some(Value::Object(members)))
}

/// `connection_ack`.
pub(super) fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

/// `pong` with what the `ping` held.
pub(super) fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => json!({"type": "pong"}).to_string(),
    }
}

/// `next`. The answer is JSON already.
pub(super) fn next(id: &str, answer: &Answer) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{}}}"#, Value::from(id), answer.body)
}

/// `error`, after which there is no `complete`.
pub(super) fn error(id: &str, answer: &Answer) -> String {
    #[derive(serde::Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        errors: &'a RawValue,
    }
    let errors = serde_json::from_str::<Body<'_>>(&answer.body).map_or("[]", |body| body.errors.get());
    format!(r#"{{"id":{},"type":"error","payload":{errors}}}"#, Value::from(id))
}

/// The same for an operation that was not looked at.
pub(super) fn refused(id: &str, code: &str, message: &str, request_id: &str) -> String {
    let error = json!({"message": message, "extensions": {"code": code, "requestId": request_id}});
    json!({"id": id, "type": "error", "payload": [error]}).to_string()
}

/// `complete`.
pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}
