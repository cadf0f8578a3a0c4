//! Which entities a list shows.

use async_graphql::{InputObject, Result};
use plinth_catalog::{EntityFilter as Filter, KeyedField, RefField, TextField};

use crate::filter::{DateTimeFilter, EntityRefFilter, FieldFilter, KeyFilter, Path, RelationFilter, StringFilter};

/// Tests of a filter at most; each may look at all entities.
const LARGEST: usize = 100;

/// Which entities a list shows. All given members hold at once; 100 tests at most. Comparisons ignore case, as references
/// do.
#[derive(InputObject)]
pub(crate) struct EntityFilter {
    /// All of these hold.
    and: Option<Vec<EntityFilter>>,
    /// One of these holds; of none, nothing holds.
    or: Option<Vec<EntityFilter>>,
    /// This does not hold.
    not: Option<Box<EntityFilter>>,
    /// Its own reference, with its kind.
    #[graphql(name = "ref")]
    reference: Option<EntityRefFilter>,
    /// `kind`.
    kind: Option<StringFilter>,
    /// `metadata.namespace`, `default` where none is written.
    namespace: Option<StringFilter>,
    /// `metadata.name`.
    name: Option<StringFilter>,
    /// `metadata.title`.
    title: Option<StringFilter>,
    /// `spec.type`.
    #[graphql(name = "type")]
    spec_type: Option<StringFilter>,
    /// `spec.lifecycle`.
    lifecycle: Option<StringFilter>,
    /// `metadata.tags`, a list.
    tag: Option<StringFilter>,
    /// `spec.owner`; a Group where no kind is said.
    owner: Option<EntityRefFilter>,
    /// `spec.system`; a System where no kind is said.
    system: Option<EntityRefFilter>,
    /// `spec.domain` of a System; a Domain where no kind is said.
    domain: Option<EntityRefFilter>,
    /// Whether it is owned by the caller or one of the caller's groups.
    mine: Option<bool>,
    /// `metadata.labels`.
    label: Option<KeyFilter>,
    /// `metadata.annotations`.
    annotation: Option<KeyFilter>,
    /// Its relations.
    relation: Option<RelationFilter>,
    /// Any scalar of the document. It has no index: each document that the other members leave is read, so say more of them.
    field: Option<FieldFilter>,
    /// When its document or place last changed.
    updated_at: Option<DateTimeFilter>,
    /// Whether no location holds it any more.
    orphan: Option<bool>,
    /// Whether a problem names it.
    has_problems: Option<bool>,
}

// === impl EntityFilter ===

impl EntityFilter {
    /// The filter that the argument `filter` gives; everything passes where there is none.
    pub(crate) fn read(given: Option<Self>) -> Result<Filter> {
        let path = Path::Top("filter");
        let filter = given.map_or_else(|| Ok(Filter::everything()), |given| given.read_at(&path))?;
        let size = filter.size();
        if size > LARGEST {
            let message = "ask for several values by `in`, or in several requests";
            return Err(path.refuse(format_args!("it has {size} tests; the limit is {LARGEST}: {message}")));
        }
        Ok(filter)
    }

    /// All members that are given, in the order of the schema.
    fn read_at(self, path: &Path<'_>) -> Result<Filter> {
        let Self { and, or, not, mine, orphan, has_problems, updated_at, label, annotation, relation, field, .. } =
            self;
        let mut all = Vec::new();
        let several = |name, given: Vec<Self>| {
            let list = Path::Member(path, name);
            let read = |(place, it): (usize, Self)| it.read_at(&Path::Item(&list, place));
            given.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()
        };
        all.extend(and.map(|and| several("and", and)).transpose()?.map(Filter::All));
        all.extend(or.map(|or| several("or", or)).transpose()?.map(Filter::Any));
        if let Some(not) = not {
            all.push(Filter::Not(Box::new(not.read_at(&Path::Member(path, "not"))?)));
        }
        for (name, field, default_kind, given) in [
            ("ref", RefField::Own, None, self.reference),
            ("owner", RefField::Owner, Some("Group"), self.owner),
            ("system", RefField::System, Some("System"), self.system),
            ("domain", RefField::Domain, Some("Domain"), self.domain),
        ] {
            let test = given.map(|given| given.read(&Path::Member(path, name), default_kind)).transpose()?;
            all.extend(test.map(|test| Filter::Reference(field, test)));
        }
        for (name, field, given) in [
            ("kind", TextField::Kind, self.kind),
            ("namespace", TextField::Namespace, self.namespace),
            ("name", TextField::Name, self.name),
            ("title", TextField::Title, self.title),
            ("type", TextField::Type, self.spec_type),
            ("lifecycle", TextField::Lifecycle, self.lifecycle),
            ("tag", TextField::Tag, self.tag),
        ] {
            let test = given.map(|given| given.read(&Path::Member(path, name))).transpose()?;
            all.extend(test.map(|test| Filter::Text(field, test)));
        }
        for (name, field, given) in
            [("label", KeyedField::Label, label), ("annotation", KeyedField::Annotation, annotation)]
        {
            let test = given.map(|given| given.read(&Path::Member(path, name))).transpose()?;
            all.extend(test.map(|(key, test)| Filter::keyed(field, &key, test)));
        }
        let relation = relation.map(|relation| relation.read(&Path::Member(path, "relation"))).transpose()?;
        all.extend(relation.map(|(kind, test)| Filter::Relation(kind, test)));
        let field = field.map(|field| field.read(&Path::Member(path, "field"))).transpose()?;
        all.extend(field.map(|(path, test)| Filter::field(&path, test)));
        let updated_at = updated_at.map(|given| given.read(&Path::Member(path, "updatedAt"))).transpose()?;
        all.extend(updated_at.map(Filter::UpdatedAt));
        all.extend(mine.map(Filter::Mine));
        all.extend(orphan.map(Filter::Orphan));
        all.extend(has_problems.map(Filter::HasProblems));
        Ok(Filter::All(all))
    }
}
