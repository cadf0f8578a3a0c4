//! Executing requests: the one place where the executor is instantiated.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{Pos, SDLExportOptions, Schema, ServerError, Variables, parser::types::ExecutableDocument};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use plinth_auth::{Caller, Scope};
use plinth_catalog::{Catalog, LocationId, Snapshot, Who};
use plinth_model::EntityRef;
use tracing::Instrument;

use crate::{
    answer::{About, Answer, Asked},
    entity::Entity,
    error,
    guard::Guard,
    location::RegisteredLocation,
    mutation::Mutation,
    nulls::Types,
    operation,
    query::Query,
    registration::LONGEST_WAIT,
    rights::{self, Guarded},
    server::ServerInfo,
    shared::{self, Topics},
    stream::StreamEvent,
    subscription::Subscription,
};

/// How long a query may take; a mutation may wait for something besides.
pub(crate) const QUERY_TIME: Duration = Duration::from_secs(10);

/// The schema with what it reads. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub(crate) schema: Schema<Guarded<Query>, Guarded<Mutation>, Guarded<Subscription>>,
    guard: Arc<Guard>,
    pub(crate) types: Arc<Types>,
    pub(crate) topics: Arc<Topics>,
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
#[derive(Clone)]
pub struct Context {
    /// The caller.
    pub caller: Caller,
    /// Who that is by now: a stream asks it again whenever something happens.
    pub who: Who,
    /// Names the request in logs and errors.
    pub request_id: String,
}

/// What every field may read.
pub(crate) struct Call {
    pub(crate) catalog: Catalog,
    snapshot: Mutex<Arc<Snapshot>>,
    pub(crate) info: Arc<ServerInfo>,
    pub(crate) caller: Caller,
    pub(crate) who: Who,
    /// Where a stream goes on, whatever the document says.
    pub(crate) resume: Option<String>,
    /// Where its stream is, and whether that is the end.
    mark: Mutex<(Option<String>, bool)>,
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

    /// Lets the fields of an event see the catalog that it is told of.
    pub(crate) fn show(&self, snapshot: Arc<Snapshot>) {
        *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// Notes where the stream is after an event, and whether that is the end.
    pub(crate) fn set_mark(&self, mark: &impl serde::Serialize, is_at_end: bool) {
        let mark = serde_json::to_string(mark).ok();
        *self.mark.lock().unwrap_or_else(PoisonError::into_inner) = (mark, is_at_end);
    }

    /// Where the stream is, and whether that is the end.
    pub(crate) fn mark(&self) -> (Option<String>, bool) {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the rest of the request see what a mutation did.
    pub(crate) fn renew(&self) -> Arc<Snapshot> {
        // Who may change it may see it.
        let snapshot = self.catalog.snapshot(&self.caller).unwrap_or_else(|_| self.snapshot());
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot);
        snapshot
    }
}

/// A request that has passed the guard.
pub struct Admitted {
    request: async_graphql::Request,
    kind: Kind,
    name: Option<String>,
    call: Arc<Call>,
    about: About,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It reads.
    Query,
    /// It changes something.
    Mutation,
    /// It is told again and again.
    Subscription,
}

impl Admitted {
    /// What the operation does.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How long it may take; a stream is asked elsewhere whether somebody still reads it.
    fn patience(&self) -> Duration {
        match self.kind {
            Kind::Query | Kind::Subscription => QUERY_TIME,
            Kind::Mutation => QUERY_TIME + LONGEST_WAIT,
        }
    }
}

impl Api {
    /// The schema over a catalog.
    pub fn new(catalog: Catalog, info: ServerInfo) -> Self {
        let sdl = Self::sdl();
        let (guard, types) = (Arc::new(Guard::of(&sdl)), Arc::new(Types::of(&sdl)));
        Self { schema: schema(), guard, types, topics: Arc::default(), catalog, info: Arc::new(info) }
    }

    /// Reads a document and lets the guard measure it; what is refused is answered at once.
    pub fn admit(&self, request: Request, context: Context) -> Result<Admitted, Answer> {
        let Request { query, operation_name, variables } = request;
        let Context { caller, who, request_id } = context;
        let mut asked = Asked { query, operation_name, variables, places: Vec::new() };
        let (call, refused) = self.call(&caller, &who, None);
        let mut read = match refused {
            Some(refused) => Err(refused),
            None => {
                let Asked { query, operation_name, variables, .. } = &mut asked;
                operation::read(&self.guard, query, operation_name.as_deref(), variables)
            }
        };
        if let Ok(admitted) = &mut read {
            asked.places = std::mem::take(&mut admitted.places);
        }
        let mut about = About { asked: Arc::new(asked), request_id, cost: None };
        let operation::Admitted { document, variables, kind, name, cost, .. } = match read {
            Ok(admitted) => admitted,
            Err(refused) => return Err(about.refusal(refused, &call)),
        };
        about.cost = Some(cost);
        let request = executable(&about.asked, document, variables, call.clone());
        Ok(Admitted { request, kind, name, call, about })
    }

    /// What was admitted before, to be executed from a place of its stream on.
    pub(crate) fn again(
        &self,
        about: &About,
        caller: &Caller,
        who: &Who,
        resume: Option<String>,
    ) -> Option<(async_graphql::Request, Arc<Call>)> {
        let (call, None) = self.call(caller, who, resume) else { return None };
        let asked = &about.asked;
        let mut given = asked.variables.clone();
        let read = operation::read(&self.guard, &asked.query, asked.operation_name.as_deref(), &mut given);
        let operation::Admitted { document, variables, .. } = read.ok()?;
        Some((executable(&about.asked, document, variables, call.clone()), call))
    }

    /// How many events of streams were executed, and how many were told.
    pub fn stream_counts(&self) -> (u64, u64) {
        self.topics.counts()
    }

    /// What the fields of a request may read, and why they may not where the caller may not see the catalog.
    fn call(&self, caller: &Caller, who: &Who, resume: Option<String>) -> (Arc<Call>, Option<ServerError>) {
        let seen = self.catalog.snapshot(caller);
        let refused = seen.as_ref().err().map(|error| error::fault(error).into_server_error(Pos::default()));
        let call = Arc::new(Call {
            catalog: self.catalog.clone(),
            snapshot: Mutex::new(seen.unwrap_or_default()),
            info: self.info.clone(),
            caller: caller.clone(),
            who: who.clone(),
            resume,
            mark: Mutex::default(),
        });
        (call, refused)
    }

    /// Executes a query or a mutation. When its time is over, what it still does is dropped.
    pub async fn execute(&self, admitted: Admitted) -> Answer {
        let patience = admitted.patience();
        let Admitted { request, kind, name, call, about } = admitted;
        if kind == Kind::Subscription {
            let message = "a subscription is answered by a stream: ask by WebSocket or for `text/event-stream`";
            return about.refusal(ServerError::new(message, None), &call);
        }
        // A panic is a fault of one request: it is answered, and nobody else notices.
        let name = name.as_deref().unwrap_or_default();
        let span = tracing::info_span!("graphql", graphql.operation.name = name, graphql.operation.type = ?kind);
        let work = AssertUnwindSafe(self.schema.execute(request)).catch_unwind().instrument(span);
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(response)) => about.answer(response, &call, &self.types),
            Ok(Err(_)) => about.refusal(error::panicked(), &call),
            Err(_) => about.refusal(error::timed_out(patience, kind), &call),
        }
    }

    /// The answers to an operation: one to a query or a mutation, to a subscription as many as there are events.
    pub fn stream(&self, admitted: Admitted) -> BoxStream<'static, Answer> {
        let api = self.clone();
        if admitted.kind != Kind::Subscription {
            return stream::once(async move { api.execute(admitted).await }).boxed();
        }
        let Admitted { request, call, about, .. } = admitted;
        shared::follow(api, request, call, about)
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

fn executable(
    asked: &Asked,
    document: ExecutableDocument,
    variables: Variables,
    call: Arc<Call>,
) -> async_graphql::Request {
    let mut request = async_graphql::Request::new(asked.query.as_str()).variables(variables).data(call);
    request.operation_name.clone_from(&asked.operation_name);
    request.set_parsed_query(document);
    request
}

fn schema() -> Schema<Guarded<Query>, Guarded<Mutation>, Guarded<Subscription>> {
    let (query, mutation) = (Guarded(Query::default()), Guarded(Mutation::default()));
    Schema::build(query, mutation, Guarded(Subscription::default())).register_output_type::<StreamEvent>().finish()
}
