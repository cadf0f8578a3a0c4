//! From a document to the answer, as the client wants to read it.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use plinth_graphql::{Answer, Context, Kind, Request as Document};

use super::{
    App, Refused,
    negotiation::{Accepted, Media},
};
use crate::{metrics::Transport, sse};

/// Which operations a method may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operations {
    /// Those that change nothing.
    Reading,
    /// All.
    All,
}

/// Answers a document.
pub(super) async fn answer(
    app: &App,
    headers: &HeaderMap,
    document: Document,
    context: Context,
    accepted: Accepted,
    operations: Operations,
) -> Result<Response, Refused> {
    let Some(media) = accepted.media else {
        let message = "expected `Accept` with application/graphql-response+json, application/json or text/event-stream";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message));
    };
    let began = std::time::Instant::now();
    let caller = context.caller.clone();
    let admitted = app.api.admit(document, context);
    if operations == Operations::Reading && admitted.as_ref().is_ok_and(|it| it.kind() == Kind::Mutation) {
        let message = "a mutation is sent by POST, never by GET";
        let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message);
        return Err(refused.with(header::ALLOW, "POST"));
    }
    let is_subscription = admitted.as_ref().is_ok_and(|it| it.kind() == Kind::Subscription);
    if media == Media::Events || (accepted.events && is_subscription) {
        return sse::answer(app, headers, &caller, admitted);
    }
    let answer = match admitted {
        Ok(admitted) => app.api.execute(admitted).await,
        Err(refused) => refused,
    };
    app.metrics.answered(Transport::Http, &answer, Some(began.elapsed()));
    Ok(written(answer, media))
}

/// By GraphQL over HTTP, who accepts only JSON gets 200 also for a document that was refused.
fn written(answer: Answer, media: Media) -> Response {
    let has = |code: &str| answer.error_codes.iter().any(|it| it == code);
    let status = match media {
        _ if answer.executed => StatusCode::OK,
        _ if has("TIMEOUT") => StatusCode::GATEWAY_TIMEOUT,
        _ if has("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        Media::GraphQl => StatusCode::BAD_REQUEST,
        Media::Json | Media::Events => StatusCode::OK,
    };
    let headers = [(header::CONTENT_TYPE, media.content_type()), (header::CACHE_CONTROL, "no-store")];
    (status, headers, answer.body).into_response()
}
