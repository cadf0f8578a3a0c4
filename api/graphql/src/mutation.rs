//! What can be done.

use async_graphql::MergedObject;

use crate::{registration::RegistrationMutation, validation::ValidationMutation};

/// The names of the root's fields, checked against the schema by a test.
pub(crate) const FIELDS: &[&str] =
    &["registerLocation", "unregisterLocation", "refreshLocation", "refreshEntity", "validateEntity"];

/// What can be done. Each takes one input, and tells foreseeable refusals in `userErrors`.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(RegistrationMutation, ValidationMutation);
