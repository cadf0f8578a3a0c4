//! `plinth-revision`: who wrote to one server and reads from another says up to where it wants to see.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use plinth_auth::Caller;
use plinth_model::Revision;

use super::{App, Refused};

/// How long a request waits for a revision.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until the catalog is as new as the request asks.
pub(super) async fn wait(app: &App, caller: &Caller, headers: &HeaderMap) -> Result<(), Refused> {
    let Some(value) = headers.get("plinth-revision") else { return Ok(()) };
    let wanted = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|it| *it >= 0);
    let wanted = wanted.ok_or_else(|| Refused::bad_input("`plinth-revision` is no revision; expected a number"))?;
    let mut snapshots = app.catalog.watch(caller).map_err(Refused::fault)?;
    let search = app.catalog.search(caller).map_err(Refused::fault)?;
    let come = async {
        snapshots.wait_for(|snapshot| snapshot.revision().0 >= wanted).await.is_ok()
            && search.reached(Revision(wanted)).await.is_ok()
    };
    match tokio::time::timeout(PATIENCE, come).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => {
            let now = snapshots.borrow().revision().0;
            let message = format!("this server is at revision {now}, not yet at {wanted}; try again");
            let refused = Refused::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
            Err(refused.with(header::RETRY_AFTER, "1"))
        }
    }
}
