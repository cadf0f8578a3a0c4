//! Who may use which root field: one table, asked in one place.

mod guarded;

use async_graphql::Error;
use plinth_auth::{Caller, Scope};

pub(crate) use guarded::Guarded;

use crate::error::forbidden;

/// Each field of each root with the scope that it takes. What is not here is refused to everybody, and a test compares it
/// with the schema.
const RIGHTS: &[(&str, &[(&str, Scope)])] = &[
    (
        "Query",
        &[
            ("node", Scope::Read),
            ("nodes", Scope::Read),
            ("viewer", Scope::Read),
            ("server", Scope::Read),
            ("entity", Scope::Read),
            ("entitiesByRefs", Scope::Read),
            ("entities", Scope::Read),
            ("catalogRevision", Scope::Read),
            ("locations", Scope::Read),
            ("catalogProblems", Scope::Read),
        ],
    ),
    (
        "Mutation",
        &[
            ("registerLocation", Scope::Write),
            ("unregisterLocation", Scope::Write),
            ("refreshLocation", Scope::Write),
            ("refreshEntity", Scope::Write),
            // It changes nothing.
            ("validateEntity", Scope::Read),
        ],
    ),
    ("Subscription", &[("catalogChanges", Scope::Read), ("locationSyncs", Scope::Read)]),
];

/// All root fields, each with its root and the scope that it takes.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str, Scope)> {
    RIGHTS.iter().flat_map(|(root, fields)| fields.iter().map(|(field, needed)| (*root, *field, *needed)))
}

/// Refuses a root field to who may not use it.
fn check(caller: &Caller, root: &str, field: &str) -> Result<(), Error> {
    match all().find(|(of, name, _)| *of == root && *name == field) {
        Some((.., needed)) => caller.may(needed).map_err(|refused| forbidden(format!("`{field}`: {refused}"))),
        None => Err(forbidden(format!("`{field}`: nobody may use it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_table_is_refused_to_everybody() {
        let (reader, writer) = (Caller::service("r", Scope::Read), Caller::local_developer());
        for (root, field, reads, writes) in [
            ("Query", "entity", true, true),
            ("Mutation", "registerLocation", false, true),
            ("Mutation", "validateEntity", true, true),
            ("Query", "registerLocation", false, false),
            ("Mutation", "entity", false, false),
            ("Query", "fieldOfTomorrow", false, false),
            ("Subscription", "fieldOfTomorrow", false, false),
        ] {
            assert_eq!(check(&reader, root, field).is_ok(), reads, "{root}.{field}");
            assert_eq!(check(&writer, root, field).is_ok(), writes, "{root}.{field}");
        }
    }
}
