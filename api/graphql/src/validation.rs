//! `validateEntity`: what the catalog would say of a text.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use crate::{
    api::{Call, call},
    argument,
    error::fault,
    found::FoundEntity,
    page::LARGEST,
    problem::CatalogProblem,
    registration::web_url,
    user_error::{UserError, UserErrorCode},
};

/// Bytes of a text to validate.
const LARGEST_TEXT: usize = 1 << 20;

/// A text of documents.
#[derive(InputObject)]
pub(crate) struct ValidateEntityInput {
    /// YAML, perhaps of several documents, 1 MiB at most.
    content: String,
    /// The URL that the text stands at, or will: relative references are resolved against it, and it is asked whether the
    /// catalog's rules allow it there. Without it, the text stands nowhere, and nothing relative can be read.
    location: Option<argument::Url>,
}

/// What the catalog would say.
#[derive(SimpleObject, Default)]
pub(crate) struct ValidateEntityPayload {
    /// Whether all of it would be taken.
    valid: bool,
    /// The documents whose name could be read, 100 at most.
    found: Vec<FoundEntity>,
    /// What is wrong, 100 at most.
    problems: Vec<CatalogProblem>,
    /// Why it was refused; one for each fault of the input.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct ValidationMutation;

#[Object]
impl ValidationMutation {
    /// Says what the catalog would make of a text. It changes nothing.
    async fn validate_entity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to validate.")] input: ValidateEntityInput,
    ) -> Option<Result<ValidateEntityPayload>> {
        Some(validate(call(ctx), input).await)
    }
}

async fn validate(call: &Call, input: ValidateEntityInput) -> Result<ValidateEntityPayload> {
    let ValidateEntityInput { content, location } = input;
    let mut user_errors = Vec::new();
    if content.len() > LARGEST_TEXT {
        let message = format!("it has {} bytes; the limit is {LARGEST_TEXT}", content.len());
        user_errors.push(UserError::of("content", UserErrorCode::LimitExceeded, message));
    }
    let location = location.map(|text| web_url("location", text.as_str())).transpose();
    user_errors.extend(location.as_ref().err().cloned());
    let Some(location) = location.ok().filter(|_| user_errors.is_empty()) else {
        return Ok(ValidateEntityPayload { user_errors, ..Default::default() });
    };
    let preview = call.catalog.preview_text(&call.caller, content, location.as_ref()).await;
    let preview = preview.map_err(|error| fault(&error))?;
    Ok(ValidateEntityPayload {
        valid: preview.is_valid(),
        found: preview.found.into_iter().take(LARGEST).map(FoundEntity).collect(),
        problems: preview.problems.into_iter().take(LARGEST).map(CatalogProblem).collect(),
        user_errors,
    })
}
