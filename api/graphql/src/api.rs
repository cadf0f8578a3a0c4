//! Executing requests: the one place where the executor is instantiated.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{EmptySubscription, SDLExportOptions, Schema, ServerError, Value, indexmap::IndexMap};
use plinth_auth::{Caller, Scope};
use plinth_catalog::{Catalog, LocationId, Snapshot};
use plinth_model::EntityRef;
use serde::Serialize;

use crate::{
    entity::Entity,
    error,
    guard::{Guard, Limit},
    location::RegisteredLocation,
    mutation::Mutation,
    nulls::Types,
    operation::{self, Admitted},
    query::Query,
    rights::{self, Guarded},
    server::ServerInfo,
};

/// How many errors an answer names.
const MOST_ERRORS: usize = 20;

/// The schema with what it reads. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    schema: Schema<Guarded<Query>, Guarded<Mutation>, Guarded<EmptySubscription>>,
    guard: Arc<Guard>,
    types: Arc<Types>,
    catalog: Catalog,
    info: Arc<ServerInfo>,
}

/// A GraphQL request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Their values.
    pub variables: serde_json::Map<String, serde_json::Value>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Context {
    /// The caller.
    pub caller: Caller,
    /// Names the request in logs and errors.
    pub request_id: String,
}

/// What goes back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// JSON.
    pub body: Vec<u8>,
    /// `extensions.code` of each error.
    pub error_codes: Vec<String>,
    /// Whether anything ran; false where the document was refused.
    pub executed: bool,
}

/// What every field may read.
pub(crate) struct Call {
    pub(crate) catalog: Catalog,
    snapshot: Mutex<Arc<Snapshot>>,
    pub(crate) info: Arc<ServerInfo>,
    pub(crate) caller: Caller,
}

/// The call of a field's context.
pub(crate) fn call<'a>(ctx: &async_graphql::Context<'a>) -> &'a Call {
    ctx.data_unchecked::<Arc<Call>>()
}

impl Call {
    /// The catalog as this request sees it: as it was at the start or, in a mutation, after what it did.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The entity of a reference.
    pub(crate) fn entity(&self, reference: &EntityRef) -> Option<Entity> {
        self.snapshot().find(reference).map(Entity::of)
    }

    /// The location of an id.
    pub(crate) fn location(&self, id: LocationId) -> Option<RegisteredLocation> {
        self.snapshot().location(id).cloned().map(RegisteredLocation)
    }

    /// Lets the rest of the request see what a mutation did.
    pub(crate) fn renew(&self) -> Arc<Snapshot> {
        let snapshot = self.catalog.snapshot();
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot);
        snapshot
    }
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

impl Api {
    /// The schema over a catalog.
    pub fn new(catalog: Catalog, info: ServerInfo) -> Self {
        let sdl = Self::sdl();
        let (guard, types) = (Arc::new(Guard::of(&sdl)), Arc::new(Types::of(&sdl)));
        Self { schema: schema(), guard, types, catalog, info: Arc::new(info) }
    }

    /// Executes one request.
    pub async fn execute(&self, request: Request, context: Context) -> Answer {
        let Request { query, operation_name, variables } = request;
        let Context { caller, request_id } = context;
        let snapshot = Mutex::new(self.catalog.snapshot());
        let call = Arc::new(Call { catalog: self.catalog.clone(), snapshot, info: self.info.clone(), caller });
        let mut cost = None;
        let (data, mut errors) = match operation::read(&self.guard, &query, operation_name.as_deref(), variables) {
            Err(refused) => (None, vec![refused]),
            Ok(Admitted { document, variables, cost: asked }) => {
                cost = Some(Cost { asked, limit: Limit::Cost.most() });
                let mut request = async_graphql::Request::new(query.as_str()).variables(variables);
                request.operation_name.clone_from(&operation_name);
                request.set_parsed_query(document);
                let response = self.schema.execute(request.data(call.clone())).await;
                (self.data(response.data, &response.errors, &query, operation_name.as_deref()), response.errors)
            }
        };
        let executed = data.is_some();
        errors.truncate(MOST_ERRORS);
        for refused in &mut errors {
            error::complete(refused, executed, &request_id);
        }
        let extensions = Extensions { request_id: &request_id, cost, revision: call.snapshot().revision().0 };
        let body = Body { data: data.as_ref(), errors: &errors, extensions };
        let body = serde_json::to_vec(&body).unwrap_or_else(|fault| {
            tracing::error!(%fault, request_id, "an answer could not be written");
            br#"{"errors":[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
        });
        Answer { body, error_codes: errors.iter().map(error::code).collect(), executed }
    }

    /// What ran has found, its failed fields as nulls; `None` where nothing ran.
    fn data(
        &self,
        mut data: Value,
        errors: &[ServerError],
        query: &str,
        operation_name: Option<&str>,
    ) -> Option<Value> {
        if data == Value::Null {
            // What was refused before anything ran has no place in the answer; what a field refused has one.
            if !errors.is_empty() && errors.iter().all(|error| error.path.is_empty()) {
                return None;
            }
            // The executor's word for an object all of whose fields failed or were skipped.
            data = Value::Object(IndexMap::new());
        }
        self.types.fill(&mut data, errors, query, operation_name);
        Some(data)
    }

    /// The schema as text, fields sorted.
    pub fn sdl() -> String {
        let options =
            SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
        let sdl = schema().sdl_with_options(options.use_space_ident());
        let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
        format!("{}\n", lines.join("\n").trim())
    }

    /// All fields of the roots, each with its root and the scope that it takes.
    pub fn rights() -> impl Iterator<Item = (&'static str, &'static str, Scope)> {
        rights::all()
    }
}

fn schema() -> Schema<Guarded<Query>, Guarded<Mutation>, Guarded<EmptySubscription>> {
    let (query, mutation) = (Guarded(Query::default()), Guarded(Mutation::default()));
    Schema::build(query, mutation, Guarded(EmptySubscription)).finish()
}
