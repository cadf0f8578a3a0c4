//! GraphQL by event stream: one connection for one operation, as the `graphql-sse` protocol's distinct connections.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{StreamExt, future, stream};
use plinth_auth::Caller;
use plinth_graphql::{Admitted, Answer, Kind};

use crate::{
    caller::until_refused,
    http::{App, Refused},
    metrics::Transport,
    seats::SEATS_OF_A_CALLER,
    serve::until,
};

/// How often a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The stream of an operation: `next` for each answer, then `complete`. A document that was refused is told in the stream
/// as well, for the browser's `EventSource` cannot read another answer.
pub(crate) fn answer(
    app: &App,
    headers: &HeaderMap,
    caller: &Caller,
    admitted: Result<Admitted, Answer>,
) -> Result<Response, Refused> {
    let Some(seat) = app.seats.take(caller) else {
        let message = format!("there are {SEATS_OF_A_CALLER} streams of yours already; end one of them");
        let refused = Refused::new(StatusCode::TOO_MANY_REQUESTS, "LIMIT_EXCEEDED", message);
        return Err(refused.with(header::RETRY_AFTER, "10"));
    };
    // Another operation ends by itself, and the server waits for it.
    let is_subscription = admitted.as_ref().is_ok_and(|it| it.kind() == Kind::Subscription);
    let stopped = until(app.stopped.clone());
    let refused = until_refused(app.clone(), headers.clone(), caller.expires_at());
    let ended = async move {
        if !is_subscription {
            future::pending::<()>().await;
        }
        tokio::select! {
            () = stopped => {}
            // Who may no more is told when it comes again, as an event source does by itself.
            _ = refused => {}
        }
    };
    let answers = match admitted {
        Ok(admitted) => app.api.stream(admitted),
        Err(refused) => stream::once(future::ready(refused)).boxed(),
    };
    let metrics = app.metrics.clone();
    let answers = answers.inspect(move |answer| metrics.answered(Transport::Sse, answer, None));
    let next = |answer: Answer| Event::default().event("next").data(answer.body);
    // Without data, browsers would not tell of it.
    let complete = stream::once(future::ready(Event::default().event("complete").data("{}")));
    let events = answers.map(next).chain(complete).take_until(ended).map(move |event| {
        // Free when the stream is dropped.
        let _ = &seat;
        Ok::<_, Infallible>(event)
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}
