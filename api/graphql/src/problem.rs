//! Problems: what could not be read or was refused.

use std::{borrow::Cow, collections::BTreeSet};

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use plinth_catalog::{LocationId, Problem, ProblemCode, RefTest, Severity};
use plinth_model::{ContentHash, NodeId};

use crate::{
    api::call,
    entity::Entity,
    filter::{EntityRefFilter, Path},
    location::RegisteredLocation,
    page::{Arguments, Gathered, Page, PageInfo, page},
    scalar::{DateTime, EntityRef},
};

/// What sort of problem it is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::ProblemCode")]
pub(crate) enum CatalogProblemCode {
    /// The file or its folder cannot be read.
    Unreadable,
    /// It is no YAML, or no document of a map.
    Malformed,
    /// A field is missing or wrong.
    Invalid,
    /// No rule allows it.
    NotAllowed,
    /// Another location holds the same reference.
    Conflict,
    /// It names what is not in the catalog.
    DanglingReference,
    /// It is larger, deeper or more than is taken.
    LimitExceeded,
    /// Who holds it answers no more for now; it is read again then.
    RateLimited,
}

/// Whether a document was taken.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::Severity")]
pub(crate) enum ProblemSeverity {
    /// It was refused.
    Error,
    /// It was taken.
    Warning,
}

/// A refusal or a conflict, with the place. The last good entity stays.
#[derive(Clone)]
pub(crate) struct CatalogProblem(pub(crate) Problem);

/// A refusal or a conflict, with the place. The last good entity stays.
#[Object]
impl CatalogProblem {
    /// What sort of problem it is.
    async fn code(&self) -> CatalogProblemCode {
        self.0.code.into()
    }

    /// Whether the document was taken.
    async fn severity(&self) -> ProblemSeverity {
        self.0.severity.into()
    }

    /// For a person: what is wrong, and what would be right.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// The entity that it is about, where its name could be read.
    async fn entity_ref(&self) -> Option<EntityRef> {
        self.0.entity.clone().map(EntityRef)
    }

    /// Null where the reference is not in the catalog.
    async fn entity(&self, ctx: &Context<'_>) -> Option<Entity> {
        self.0.entity.as_ref().and_then(|it| call(ctx).entity(it))
    }

    /// Where it was read; null for the configuration's own problems.
    async fn location(&self, ctx: &Context<'_>) -> Option<RegisteredLocation> {
        self.0.location.and_then(|it| call(ctx).location(it))
    }

    /// The file, as a path on the server or a URL.
    async fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    /// Counts from 0 in its file.
    async fn document(&self) -> Option<u32> {
        self.0.document
    }

    /// Counts from 1.
    async fn line(&self) -> Option<u32> {
        self.0.line
    }

    /// Counts from 1.
    async fn column(&self) -> Option<u32> {
        self.0.column
    }

    /// Dotted path of the field: `spec.dependsOn[0]`.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// When it was first seen.
    async fn since(&self) -> DateTime {
        DateTime(self.0.since)
    }
}

/// A page of problems.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct CatalogProblemConnection {
    /// The problems with their cursors.
    edges: Vec<CatalogProblemEdge>,
    /// What lies around the page.
    page_info: PageInfo,
    /// How many there are over all pages.
    total_count: usize,
}

/// A problem and its cursor.
#[derive(SimpleObject, Clone)]
pub(crate) struct CatalogProblemEdge {
    /// Its place in the list.
    cursor: String,
    /// The problem.
    node: CatalogProblem,
}

#[ComplexObject]
impl CatalogProblemConnection {
    /// The problems without their cursors.
    async fn nodes(&self) -> Vec<&CatalogProblem> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// Which problems a list shows. All given members hold at once.
#[derive(InputObject, Default)]
pub(crate) struct CatalogProblemFilter {
    /// Of one of these sorts; of none, nothing is one.
    codes: Option<Vec<CatalogProblemCode>>,
    /// Whether the document was taken.
    severity: Option<ProblemSeverity>,
    /// The location that it is under.
    location_id: Option<ID>,
    /// The entity that it is about, with its kind.
    entity: Option<EntityRefFilter>,
}

/// What a filter asks of a problem.
#[derive(Debug)]
pub(crate) struct Asked {
    codes: Option<BTreeSet<ProblemCode>>,
    severity: Option<Severity>,
    location: Option<LocationId>,
    entity: Option<RefTest>,
}

// === impl CatalogProblemFilter ===

impl CatalogProblemFilter {
    /// What the argument `filter` asks.
    pub(crate) fn read(given: Option<Self>) -> Result<Asked> {
        let Self { codes, severity, location_id, entity } = given.unwrap_or_default();
        let path = Path::Top("filter");
        let location = location_id.map(|id| match NodeId::decode(&id) {
            Ok(NodeId::Location(id)) => Ok(LocationId(id)),
            _ => Err(Path::Member(&path, "locationId").refuse("it is no id of a location")),
        });
        let entity = entity.map(|entity| entity.read(&Path::Member(&path, "entity"), None));
        Ok(Asked {
            codes: codes.map(|codes| codes.into_iter().map(ProblemCode::from).collect()),
            severity: severity.map(Severity::from),
            location: location.transpose()?,
            entity: entity.transpose()?,
        })
    }
}

// === impl Asked ===

impl Asked {
    /// Whether a problem is meant.
    pub(crate) fn passes(&self, problem: &Problem) -> bool {
        let Self { codes, severity, location, entity } = self;
        codes.as_ref().is_none_or(|codes| codes.contains(&problem.code))
            && severity.is_none_or(|severity| problem.severity == severity)
            && location.is_none_or(|location| problem.location == Some(location))
            && entity.as_ref().is_none_or(|entity| entity.holds_of(problem.entity.as_ref()))
    }
}

/// A page of problems.
pub(crate) fn problems<'a>(
    all: impl Iterator<Item = Cow<'a, Problem>>,
    name: &str,
    arguments: Arguments,
) -> Result<CatalogProblemConnection> {
    let key = |it: &Problem| {
        let Problem { file, document, line, column, field, code, message, entity, location, .. } = it;
        let file = file.as_deref().unwrap_or_default();
        let [document, line, column] = [document, line, column].map(|it| it.unwrap_or_default());
        let field = field.as_deref().unwrap_or_default();
        // Whole, a message would make a long cursor.
        let told = format!("{message} {entity:?} {location:?}");
        let told = ContentHash::of(told.as_bytes()).to_string();
        format!("{file} {document:06} {line:08} {column:06} {field} {} {:.16}", code.as_str(), told)
    };
    let mut all: Vec<_> = all.map(|it| (key(&it), it.into_owned())).collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    // What is the same in all is told once.
    all.dedup_by(|left, right| left.0 == right.0);
    let list = Gathered(all);
    let Page { items, info } = page(&list, name, arguments)?;
    let edges = items.into_iter().map(|(cursor, it)| CatalogProblemEdge { cursor, node: CatalogProblem(it) }).collect();
    Ok(CatalogProblemConnection { edges, page_info: info, total_count: list.0.len() })
}
