//! Answers as clients see them.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value, indexmap::IndexMap};
use serde::Serialize;
use serde_json::Map;

use crate::{api::Call, error, guard::Limit, nulls::Types};

/// How many errors an answer names.
const MOST_ERRORS: usize = 20;

/// What goes back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// JSON.
    pub body: String,
    /// `extensions.code` of each error.
    pub error_codes: Vec<String>,
    /// Whether anything ran; false where the document was refused.
    pub executed: bool,
}

/// What was asked.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Map<String, serde_json::Value>,
    /// The variables that say where a stream goes on.
    pub(crate) places: Vec<String>,
}

/// What an answer needs of its request.
pub(crate) struct About {
    pub(crate) asked: Arc<Asked>,
    pub(crate) request_id: String,
    /// What its operation costs; `None` where that could not be told.
    pub(crate) cost: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions<'a> {
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
    revision: i64,
}

/// What an operation may have to answer, and how much that may be.
#[derive(Serialize)]
struct Cost {
    asked: u64,
    limit: u64,
}

impl About {
    /// The answer to what ran.
    pub(crate) fn answer(&self, response: Response, call: &Call, types: &Types) -> Answer {
        let Response { data, errors, .. } = response;
        self.write(self.data(data, &errors, types), errors, call)
    }

    /// The answer to what ran once for several: this data, as of a revision.
    pub(crate) fn shared(&self, data: &str, revision: i64) -> Answer {
        let extensions = serde_json::to_string(&self.extensions(revision)).unwrap_or_default();
        let body = format!(r#"{{"data":{data},"extensions":{extensions}}}"#);
        Answer { body, error_codes: Vec::new(), executed: true }
    }

    fn extensions(&self, revision: i64) -> Extensions<'_> {
        let cost = self.cost.map(|asked| Cost { asked, limit: Limit::Cost.most() });
        Extensions { request_id: &self.request_id, cost, revision }
    }

    /// The answer to what did not.
    pub(crate) fn refusal(&self, refused: ServerError, call: &Call) -> Answer {
        self.write(None, vec![refused], call)
    }

    fn write(&self, data: Option<Value>, mut errors: Vec<ServerError>, call: &Call) -> Answer {
        let executed = data.is_some();
        errors.truncate(MOST_ERRORS);
        for refused in &mut errors {
            error::complete(refused, executed, &self.request_id);
        }
        let extensions = self.extensions(call.snapshot().revision().0);
        let body = Body { data: data.as_ref(), errors: &errors, extensions };
        let body = serde_json::to_string(&body).unwrap_or_else(|fault| {
            tracing::error!(%fault, request_id = self.request_id, "an answer could not be written");
            r#"{"errors":[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
        });
        Answer { body, error_codes: errors.iter().map(error::code).collect(), executed }
    }

    /// What ran has found, its failed fields as nulls; `None` where nothing ran.
    fn data(&self, mut data: Value, errors: &[ServerError], types: &Types) -> Option<Value> {
        if data == Value::Null {
            // What was refused before anything ran has no place in the answer; what a field refused has one.
            if !errors.is_empty() && errors.iter().all(|error| error.path.is_empty()) {
                return None;
            }
            // The executor's word for an object all of whose fields failed or were skipped.
            data = Value::Object(IndexMap::new());
        }
        types.fill(&mut data, errors, &self.asked.query, self.asked.operation_name.as_deref());
        Some(data)
    }
}
