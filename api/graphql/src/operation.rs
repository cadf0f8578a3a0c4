//! From text to the document that is executed: what the executor would notice too late.

use async_graphql::{
    Name, ServerError, Variables,
    parser::{
        self, parse_query,
        types::{BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};
use serde_json::{Map, Value};

use crate::{
    api::Kind,
    error::set_code,
    guard::{Guard, scan},
};

/// A document that may be executed.
pub(crate) struct Admitted {
    pub(crate) document: ExecutableDocument,
    /// Those that its operation has.
    pub(crate) variables: Variables,
    pub(crate) kind: Kind,
    /// The operation's name, where it has one.
    pub(crate) name: Option<String>,
    /// What its operation costs.
    pub(crate) cost: u64,
    /// The variables that say where a stream goes on.
    pub(crate) places: Vec<String>,
}

/// Parses a document and makes sure that it is not too large, and that the operation asked for is there and has the
/// variables that it needs, which are taken from those given.
pub(crate) fn read(
    guard: &Guard,
    query: &str,
    operation_name: Option<&str>,
    given: &mut Map<String, Value>,
) -> Result<Admitted, ServerError> {
    scan(query)?;
    let document = parse_query(query).map_err(unreadable)?;
    let operation = find(&document, operation_name)?;
    let cost = guard.admit(&document, operation, given)?;
    let kind = match operation.ty {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => Kind::Subscription,
    };
    let name = match &document.operations {
        DocumentOperations::Single(_) => None,
        DocumentOperations::Multiple(operations) => {
            let named = operations.iter().find(|(_, it)| std::ptr::eq(&it.node, operation));
            named.map(|(name, _)| name.to_string())
        }
    };
    let mut variables = Map::new();
    for variable in operation.variable_definitions.iter().map(|variable| &variable.node) {
        let needed = !variable.var_type.node.nullable && variable.default_value.is_none();
        let name = variable.name.node.as_str();
        // A subscription is perhaps read again; what else there is, is not.
        let value = if kind == Kind::Subscription { given.get(name).cloned() } else { given.remove(name) };
        if needed && value.as_ref().is_none_or(Value::is_null) {
            let message = format!("variable `${name}` of type `{}` is required but not given", variable.var_type.node);
            return Err(coded(ServerError::new(message, Some(variable.name.pos)), "BAD_USER_INPUT"));
        }
        variables.extend(value.map(|value| (name.to_owned(), value)));
    }
    let variables = Variables::from_json(Value::Object(variables));
    let places = if kind == Kind::Subscription { places(operation) } else { Vec::new() };
    Ok(Admitted { document, variables, kind, name, cost, places })
}

/// The operation that is asked for.
pub(crate) fn find<'a>(
    document: &'a ExecutableDocument,
    operation_name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let refused = |message: String| coded(ServerError::new(message, None), "GRAPHQL_VALIDATION_FAILED");
    match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(name)) => {
            Err(refused(format!("there is no operation `{name}`: the document's operation has no name")))
        }
        (DocumentOperations::Multiple(operations), Some(name)) => {
            let operation = operations.get(name).map(|operation| &operation.node);
            operation.ok_or_else(|| refused(format!("the document has no operation `{name}`")))
        }
        (DocumentOperations::Multiple(operations), None) => match operations.values().next() {
            Some(operation) if operations.len() == 1 => Ok(&operation.node),
            _ => Err(refused("the document has several operations: say which one in `operationName`".to_owned())),
        },
    }
}

/// The variables of type `Cursor`: nothing else than `after` takes one.
fn places(operation: &OperationDefinition) -> Vec<String> {
    let variables = operation.variable_definitions.iter().map(|variable| &variable.node);
    let places = variables.filter(|it| it.var_type.node.base == BaseType::Named(Name::new("Cursor")));
    places.map(|variable| variable.name.node.to_string()).collect()
}

/// What the parser says, without the line of the document that it draws.
fn unreadable(error: parser::Error) -> ServerError {
    let mut error = ServerError::from(error);
    if let Some((_, expected)) = error.message.rsplit_once("= ") {
        error.message = expected.trim().to_owned();
    }
    coded(error, "GRAPHQL_PARSE_FAILED")
}

fn coded(mut error: ServerError, code: &str) -> ServerError {
    set_code(&mut error, code);
    error
}
