//! What can be done.

use async_graphql::MergedObject;

use crate::{registration::RegistrationMutation, validation::ValidationMutation};

/// What can be done. Each takes one input, and tells foreseeable refusals in `userErrors`.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(RegistrationMutation, ValidationMutation);
