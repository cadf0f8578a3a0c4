//! POST: every operation, one at a time.

use axum::{
    Extension,
    extract::{Request, State},
    http::Method,
    response::Response,
};
use plinth_graphql::Context;

use super::{
    App, Refused, RequestId, body, csrf,
    execute::{self, Operations},
    negotiation::Accepted,
    revision,
};
use crate::caller::{caller, who};

pub(super) async fn post(State(app): State<App>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let accepted = Accepted::of(request.headers());
    let answer = answer(&app, &id, accepted, request).await;
    answer.unwrap_or_else(|refused| refused.answer(&id, accepted.refusal()))
}

async fn answer(app: &App, id: &RequestId, accepted: Accepted, request: Request) -> Result<Response, Refused> {
    csrf::check(app, &Method::POST, request.headers())?;
    let caller = caller(app, request.headers())?;
    let headers = request.headers().clone();
    let document = body::read(request).await?;
    revision::wait(app, &caller, &headers).await?;
    let context = Context { caller, who: who(app, &headers), request_id: id.0.clone() };
    execute::answer(app, &headers, document, context, accepted, Operations::All).await
}
