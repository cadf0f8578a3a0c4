//! Mutations of locations: register, unregister, refresh.

use std::time::Duration;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use plinth_catalog::{LocationId, LocationOrigin, Preview, Registered, Sync, Unregistered};
use plinth_model::NodeId;

use crate::{
    api::{Call, call},
    argument::EntityRef,
    entity::Entity,
    error::fault,
    found::FoundEntity,
    location::RegisteredLocation,
    page::LARGEST,
    problem::CatalogProblem,
    scalar::{self, Revision},
    sync::LocationSync,
    user_error::{UserError, UserErrorCode},
};

/// How long a mutation may wait.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A URL to read entities from.
#[derive(InputObject)]
pub(crate) struct RegisterLocationInput {
    /// The URL of a file, as `https://example.com/catalog-info.yaml`. Files on the server's disk are registered in the
    /// configuration.
    target: String,
    /// Only tell what would be found; false when left out.
    dry_run: Option<bool>,
    /// How long to stay for the end of the first reading, 30 s at most; not at all when left out.
    wait: Option<scalar::Duration>,
}

/// A location, registered now or before, or what one would hold.
#[derive(SimpleObject, Default)]
pub(crate) struct RegisterLocationPayload {
    /// The location; null in a dry run.
    location: Option<RegisteredLocation>,
    /// The reading that was waited for, or the latest.
    sync: Option<LocationSync>,
    /// The documents found, 100 at most, in a dry run too; all of them are under `location` once it is read.
    found: Vec<FoundEntity>,
    /// What is wrong with them, 100 at most; all of it is under `location`.
    problems: Vec<CatalogProblem>,
    /// The catalog after it.
    revision: Option<Revision>,
    /// Why it was refused; one for each fault of the input.
    user_errors: Vec<UserError>,
}

/// Which location to unregister.
#[derive(InputObject)]
pub(crate) struct UnregisterLocationInput {
    /// The location's id.
    location_id: ID,
}

/// A location that is gone.
#[derive(SimpleObject, Default)]
pub(crate) struct UnregisterLocationPayload {
    /// The location's id.
    location_id: Option<ID>,
    /// How many entities left with it.
    removed_count: i32,
    /// The catalog after it.
    revision: Option<Revision>,
    /// Why it was refused; one for each fault of the input.
    user_errors: Vec<UserError>,
}

/// Which location to read.
#[derive(InputObject)]
pub(crate) struct RefreshLocationInput {
    /// The location's id.
    location_id: ID,
    /// How long to stay for the end, 30 s at most; not at all when left out. The payload's `sync.state` tells whether it
    /// came.
    wait: Option<scalar::Duration>,
}

/// A reading that was asked for.
#[derive(SimpleObject, Default)]
pub(crate) struct RefreshLocationPayload {
    /// The reading, which began after the mutation did.
    sync: Option<LocationSync>,
    /// Why it was refused; one for each fault of the input.
    user_errors: Vec<UserError>,
}

/// Whose location to read.
#[derive(InputObject)]
pub(crate) struct RefreshEntityInput {
    /// The entity, with its kind.
    #[graphql(name = "ref")]
    reference: EntityRef,
    /// How long to stay for the end, 30 s at most; not at all when left out. The payload's `sync.state` tells whether it
    /// came.
    wait: Option<scalar::Duration>,
}

/// A reading that was asked for, and the entity after it.
#[derive(SimpleObject, Default)]
pub(crate) struct RefreshEntityPayload {
    /// The entity as it is now; null where it left.
    entity: Option<Entity>,
    /// The reading, which began after the mutation did.
    sync: Option<LocationSync>,
    /// Why it was refused; one for each fault of the input.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RegistrationMutation;

#[Object]
impl RegistrationMutation {
    /// Registers a URL and reads it. Registering it again answers the first one.
    async fn register_location(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to register.")] input: RegisterLocationInput,
    ) -> Option<Result<RegisterLocationPayload>> {
        Some(register(call(ctx), input).await)
    }

    /// Unregisters a location that was registered by a mutation. What it holds leaves the catalog, or stays as orphans where
    /// `catalog.orphanStrategy` is `keep`.
    async fn unregister_location(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to unregister.")] input: UnregisterLocationInput,
    ) -> Option<Result<UnregisterLocationPayload>> {
        Some(unregister(call(ctx), input).await)
    }

    /// Reads a location now.
    async fn refresh_location(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to read.")] input: RefreshLocationInput,
    ) -> Option<Result<RefreshLocationPayload>> {
        Some(refresh_location(call(ctx), input).await)
    }

    /// Reads the location of an entity now.
    async fn refresh_entity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose location to read.")] input: RefreshEntityInput,
    ) -> Option<Result<RefreshEntityPayload>> {
        Some(refresh_entity(call(ctx), input).await)
    }
}

async fn register(call: &Call, input: RegisterLocationInput) -> Result<RegisterLocationPayload> {
    let refused = |errors| Ok(RegisterLocationPayload { user_errors: errors, ..Default::default() });
    let (url, wait) = match (web_url("target", &input.target), patience(input.wait.as_ref())) {
        (Ok(url), Ok(wait)) => (url, wait),
        (url, wait) => return refused(url.err().into_iter().chain(wait.err()).collect()),
    };
    if let Err(error) = call.catalog.check_url(&call.caller, &url).map_err(|error| fault(&error))? {
        return refused(vec![UserError::of("target", UserErrorCode::NotAllowed, error.to_string())]);
    }
    if input.dry_run == Some(true) {
        let preview = call.catalog.preview_url(&call.caller, &url).await;
        let Preview { found, problems } = preview.map_err(|error| fault(&error))?;
        let found = found.into_iter().take(LARGEST).map(FoundEntity).collect();
        let problems = problems.into_iter().take(LARGEST).map(CatalogProblem).collect();
        return Ok(RegisterLocationPayload { found, problems, ..Default::default() });
    }
    let before = call.snapshot();
    let Registered { location, sync } =
        call.catalog.register(&call.caller, &url).await.map_err(|error| fault(&error))?;
    let latest = call.catalog.last_sync(&call.caller, location.id).map_err(|error| fault(&error))?;
    let sync = match sync.or(latest) {
        Some(sync) => Some(ended(call, sync, wait).await?),
        None => None,
    };
    let snapshot = call.renew();
    let location = snapshot.location(location.id).cloned().unwrap_or(location);
    let is_read = sync.as_ref().is_some_and(Sync::is_ended);
    let found = if is_read { snapshot.found_at(location.id, &before, LARGEST) } else { Vec::new() };
    let problems = snapshot.problems_at(&location).take(LARGEST);
    Ok(RegisterLocationPayload {
        found: found.into_iter().map(FoundEntity).collect(),
        problems: problems.map(|it| CatalogProblem(it.into_owned())).collect(),
        revision: Some(Revision(snapshot.revision())),
        sync: sync.map(LocationSync),
        location: Some(RegisteredLocation(location)),
        user_errors: Vec::new(),
    })
}

/// A reading when it has ended, or when the time to wait is over.
async fn ended(call: &Call, sync: Sync, wait: Duration) -> Result<Sync> {
    call.catalog.wait(&call.caller, sync, wait).await.map_err(|error| fault(&error))
}

async fn unregister(call: &Call, input: UnregisterLocationInput) -> Result<UnregisterLocationPayload> {
    let refused = |error| Ok(UnregisterLocationPayload { user_errors: vec![error], ..Default::default() });
    let Some(id) = location_id(&input.location_id) else { return refused(no_location()) };
    let done = call.catalog.unregister(&call.caller, id).await.map_err(|error| fault(&error))?;
    let snapshot = call.renew();
    match done {
        Unregistered::Done { removed } => Ok(UnregisterLocationPayload {
            location_id: Some(input.location_id),
            removed_count: i32::try_from(removed).unwrap_or(i32::MAX),
            revision: Some(Revision(snapshot.revision())),
            user_errors: Vec::new(),
        }),
        Unregistered::NotFound => refused(no_location()),
        Unregistered::Named(location) => {
            let by = match location.origin {
                LocationOrigin::Entity => match &location.declared_by {
                    Some(entity) => format!("the entity `{entity}` names it; remove it there"),
                    None => "a `Location` entity names it; remove it there".to_owned(),
                },
                LocationOrigin::Discovery => "a provider found it; change `catalog.providers`".to_owned(),
                _ => "the configuration names it; remove it from `catalog.locations`".to_owned(),
            };
            refused(UserError::of("locationId", UserErrorCode::NotAllowed, by))
        }
    }
}

async fn refresh_location(call: &Call, input: RefreshLocationInput) -> Result<RefreshLocationPayload> {
    let refused = |error| Ok(RefreshLocationPayload { sync: None, user_errors: vec![error] });
    let wait = match patience(input.wait.as_ref()) {
        Ok(wait) => wait,
        Err(error) => return refused(error),
    };
    let Some(id) = location_id(&input.location_id) else { return refused(no_location()) };
    let Some(sync) = call.catalog.refresh(&call.caller, id).await.map_err(|error| fault(&error))? else {
        return refused(no_location());
    };
    let sync = ended(call, sync, wait).await?;
    call.renew();
    Ok(RefreshLocationPayload { sync: Some(LocationSync(sync)), user_errors: Vec::new() })
}

async fn refresh_entity(call: &Call, input: RefreshEntityInput) -> Result<RefreshEntityPayload> {
    let refused = |error| Ok(RefreshEntityPayload { user_errors: vec![error], ..Default::default() });
    let reference = input.reference.of("ref")?;
    let wait = match patience(input.wait.as_ref()) {
        Ok(wait) => wait,
        Err(error) => return refused(error),
    };
    let snapshot = call.snapshot();
    let Some(entity) = snapshot.find(&reference) else {
        return refused(UserError::of("ref", UserErrorCode::NotFound, format!("`{reference}` is not in the catalog")));
    };
    let refreshed = match entity.location {
        Some(id) => call.catalog.refresh(&call.caller, id).await.map_err(|error| fault(&error))?,
        None => None,
    };
    let Some(sync) = refreshed else {
        let message = format!("`{reference}` is an orphan: no location holds it, so there is nothing to read");
        return refused(UserError::of("ref", UserErrorCode::WrongState, message));
    };
    let sync = ended(call, sync, wait).await?;
    call.renew();
    let entity = call.entity(&reference);
    Ok(RefreshEntityPayload { entity, sync: Some(LocationSync(sync)), user_errors: Vec::new() })
}

/// A URL of the web in a field of the input.
pub(crate) fn web_url(field: &str, text: &str) -> Result<url::Url, UserError> {
    let invalid = |reason: &str| {
        UserError::of(field, UserErrorCode::Invalid, format!("{reason}; expected an `http` or `https` URL"))
    };
    let mut url = url::Url::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => {
            // What stands behind `#` is never sent, and would make another location of the same file.
            url.set_fragment(None);
            Ok(url)
        }
        "file" => Err(invalid("files on the server's disk are registered in the configuration, `catalog.locations`")),
        scheme => Err(invalid(&format!("the scheme is `{scheme}`"))),
    }
}

/// How long to wait.
fn patience(wait: Option<&scalar::Duration>) -> Result<Duration, UserError> {
    let Some(wait) = wait else { return Ok(Duration::ZERO) };
    let error = |code, message| Err(UserError::of("wait", code, message));
    match wait.get() {
        None => error(UserErrorCode::Invalid, "it is no ISO 8601 duration; expected one such as `PT10S`".to_owned()),
        Some(wait) if wait > LONGEST_WAIT => {
            error(UserErrorCode::LimitExceeded, format!("the longest wait is PT{}S", LONGEST_WAIT.as_secs()))
        }
        Some(wait) => Ok(wait),
    }
}

fn location_id(id: &ID) -> Option<LocationId> {
    match NodeId::decode(id) {
        Ok(NodeId::Location(id)) => Some(LocationId(id)),
        _ => None,
    }
}

fn no_location() -> UserError {
    UserError::of("locationId", UserErrorCode::NotFound, "there is no location of this id")
}
