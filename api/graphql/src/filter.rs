//! Filters of single values, which the filters of lists are made of.

use async_graphql::{InputObject, Result};
use plinth_catalog::{RefTest, TextTest, TimeTest};

use crate::{
    argument::{DateTime, EntityRef},
    error::bad_input,
};

/// Values of one `in` or `notIn` at most.
const LONGEST_LIST: usize = 1_000;

/// What is asked of a text, or of a list of them; all members hold at once, without case. On a list, `ne` and `notIn` hold
/// when no member is so, the others when one is.
#[derive(InputObject)]
pub(crate) struct StringFilter {
    /// It is this.
    eq: Option<String>,
    /// It is not this; it need not be there.
    ne: Option<String>,
    /// It is one of these, 1,000 at most; of none, nothing is one.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
    /// It is none of these, 1,000 at most; it need not be there.
    not_in: Option<Vec<String>>,
    /// It begins so.
    starts_with: Option<String>,
    /// It has this in it.
    contains: Option<String>,
    /// Whether it is there.
    exists: Option<bool>,
}

/// What is asked of a reference, or of a list of them; all members hold at once. On a list, `ne` and `notIn` hold when no
/// member is so, the others when one is.
#[derive(InputObject)]
pub(crate) struct EntityRefFilter {
    /// It is this.
    eq: Option<EntityRef>,
    /// It is not this; it need not be there.
    ne: Option<EntityRef>,
    /// It is one of these, 1,000 at most; of none, nothing is one.
    #[graphql(name = "in")]
    one_of: Option<Vec<EntityRef>>,
    /// It is none of these, 1,000 at most; it need not be there.
    not_in: Option<Vec<EntityRef>>,
    /// Whether it is there: stated, whether or not what it names is in the catalog.
    exists: Option<bool>,
}

/// What is asked of an instant; both hold at once.
#[derive(InputObject)]
pub(crate) struct DateTimeFilter {
    /// It lies before this.
    before: Option<DateTime>,
    /// It lies behind this.
    after: Option<DateTime>,
}

/// What is asked of one key of a map of texts.
#[derive(InputObject)]
pub(crate) struct KeyFilter {
    /// The key, without case: `example.com/tier`.
    key: String,
    /// What is asked of its value; that it is there when left out.
    value: Option<StringFilter>,
}

/// What is asked of the scalars at one place of a document.
#[derive(InputObject)]
pub(crate) struct FieldFilter {
    /// The dotted path, without case: `spec.profile.email`. A list on the way, or at the end, counts by its members; a map has
    /// no scalar. An API's definition is not looked into.
    path: String,
    /// What is asked of them, as text: `true`, `2.5`.
    value: StringFilter,
}

/// What is asked of an entity's relations, both directions, dangling ones too.
#[derive(InputObject)]
pub(crate) struct RelationFilter {
    /// As Backstage names it: `ownedBy`, `dependsOn`; all types when left out.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// What is asked of the other ends; that there is one when left out.
    target: Option<EntityRefFilter>,
}

/// Where a member stands in the argument, for messages.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    /// The argument.
    Top(&'p str),
    /// A member of an object.
    Member(&'p Path<'p>, &'p str),
    /// A member of a list.
    Item(&'p Path<'p>, usize),
}

// === impl Path ===

impl Path<'_> {
    /// A refusal of what stands here.
    pub(crate) fn refuse(&self, message: impl std::fmt::Display) -> async_graphql::Error {
        bad_input(format!("`{self}`: {message}"))
    }

    /// Refuses a list that is too long.
    fn check(&self, length: usize) -> Result<()> {
        if length <= LONGEST_LIST {
            return Ok(());
        }
        Err(self.refuse(format_args!("it has {length} members; the limit is {LONGEST_LIST}: ask in several requests")))
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, place) => write!(f, "{parent}[{place}]"),
        }
    }
}

// === impl StringFilter ===

impl StringFilter {
    /// What it asks.
    pub(crate) fn read(self, path: &Path<'_>) -> Result<TextTest> {
        let Self { eq, ne, one_of, not_in, starts_with, contains, exists } = self;
        let mut test = TextTest::default();
        for (name, list) in [("in", &one_of), ("notIn", &not_in)] {
            Path::Member(path, name).check(list.as_ref().map_or(0, Vec::len))?;
        }
        for one_of in eq.map(|eq| vec![eq]).into_iter().chain(one_of) {
            test = test.is_in(one_of.iter().map(String::as_str));
        }
        test = test.is_not_in(ne.iter().chain(not_in.iter().flatten()).map(String::as_str));
        if let Some(text) = starts_with {
            test = test.starts_with(&text);
        }
        if let Some(text) = contains {
            test = test.contains(&text);
        }
        Ok(match exists {
            Some(exists) => test.exists(exists),
            None => test,
        })
    }
}

// === impl EntityRefFilter ===

impl EntityRefFilter {
    /// What it asks; the default kind is that of references that say none.
    pub(crate) fn read(self, path: &Path<'_>, default_kind: Option<&str>) -> Result<RefTest> {
        let Self { eq, ne, one_of, not_in, exists } = self;
        let mut test = RefTest::default();
        for (name, list) in [("in", &one_of), ("notIn", &not_in)] {
            Path::Member(path, name).check(list.as_ref().map_or(0, Vec::len))?;
        }
        let one = |name, given: Option<EntityRef>| {
            let read = |it: EntityRef| it.read(default_kind).map_err(|it| Path::Member(path, name).refuse(it));
            given.map(read).transpose()
        };
        let several = |name, given: Option<Vec<EntityRef>>| {
            let list = Path::Member(path, name);
            let read = |(place, it): (usize, EntityRef)| {
                it.read(default_kind).map_err(|it| Path::Item(&list, place).refuse(it))
            };
            given.map(|all| all.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()).transpose()
        };
        let eq = one("eq", eq)?.map(|eq| vec![eq]);
        for one_of in eq.into_iter().chain(several("in", one_of)?) {
            test = test.is_in(one_of);
        }
        test = test.is_not_in(one("ne", ne)?.into_iter().chain(several("notIn", not_in)?.into_iter().flatten()));
        Ok(match exists {
            Some(exists) => test.exists(exists),
            None => test,
        })
    }
}

// === impl DateTimeFilter ===

impl DateTimeFilter {
    /// What it asks.
    pub(crate) fn read(self, path: &Path<'_>) -> Result<TimeTest> {
        let Self { before, after } = self;
        let read = |name, given: Option<DateTime>| {
            given.map(|it| it.read().map_err(|it| Path::Member(path, name).refuse(it))).transpose()
        };
        Ok(TimeTest { before: read("before", before)?, after: read("after", after)? })
    }
}

// === impl KeyFilter ===

impl KeyFilter {
    /// The key, and what it asks of the value.
    pub(crate) fn read(self, path: &Path<'_>) -> Result<(String, TextTest)> {
        let Self { key, value } = self;
        let test = match value {
            Some(value) => value.read(&Path::Member(path, "value"))?,
            None => TextTest::default().exists(true),
        };
        Ok((key, test))
    }
}

// === impl FieldFilter ===

impl FieldFilter {
    /// The path, and what it asks of the scalars there.
    pub(crate) fn read(self, path: &Path<'_>) -> Result<(String, TextTest)> {
        let Self { path: field, value } = self;
        if field.is_empty() {
            return Err(
                Path::Member(path, "path").refuse("it is empty; expected a dotted path as `spec.profile.email`")
            );
        }
        Ok((field, value.read(&Path::Member(path, "value"))?))
    }
}

// === impl RelationFilter ===

impl RelationFilter {
    /// The type, and what it asks of the other ends.
    pub(crate) fn read(self, path: &Path<'_>) -> Result<(Option<plinth_catalog::RelationType>, RefTest)> {
        use plinth_catalog::RelationType;
        let Self { kind, target } = self;
        let kind = kind.map(|name| {
            let found = RelationType::ALL.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(&name));
            found.ok_or_else(|| {
                let known: Vec<_> = RelationType::ALL.into_iter().map(RelationType::as_str).collect();
                Path::Member(path, "type").refuse(format_args!("there is no such type; expected {}", known.join(", ")))
            })
        });
        let test = match target {
            Some(target) => target.read(&Path::Member(path, "target"), None)?,
            None => RefTest::default().exists(true),
        };
        Ok((kind.transpose()?, test))
    }
}
