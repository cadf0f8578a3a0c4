//! The guard: what every document passes before it is parsed, and again before it is validated.
//!
//! The parser calls itself at each bracket, and the validator expands a fragment wherever it is spread: a few hundred
//! bytes could end the process or hold it for hours. So the text is scanned first, token by token, without recursion;
//! what passes can be parsed on a small stack. Then the document is measured, each fragment once; what passes is
//! validated and executed in bounded time.
//!
//! ```text
//! text -> scan -> parser -> Guard::admit -> validator -> executor
//! ```

mod conflicts;
mod fragments;
#[cfg(test)]
mod generated;
mod limit;
mod measure;
mod scan;
mod shape;
#[cfg(test)]
mod tests;
mod values;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use serde_json::{Map, Value};

pub use self::{
    limit::{Limit, Refused},
    scan::scan,
};
use self::{shape::Shape, values::Values};

/// Measures documents by what the schema says of its fields.
pub(crate) struct Guard(Shape);

impl Guard {
    /// The guard of a schema.
    pub(crate) fn of(sdl: &str) -> Self {
        Self(Shape::of(sdl))
    }

    /// What the operation costs; refused where it or anything else in its document is too large.
    pub(crate) fn admit(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Map<String, Value>,
    ) -> Result<u64, Refused> {
        let values = Values::of(operation, variables)?;
        let cost = measure::measure(&self.0, document, operation, &values)?;
        // Its walk is bounded by what was measured.
        conflicts::check(document)?;
        Ok(cost)
    }
}
