//! What others tell of their own accord: webhooks.

use plinth_auth::{Caller, Scope};
use plinth_github::Event;

use super::Catalog;
use crate::{Location, LocationId, LocationType, Result, contents::web_url};

impl Catalog {
    /// Lets everything be read again that an event of a GitHub host is about; says how many locations that are. Told twice, it is
    /// read once more, and nothing else.
    ///
    /// # Errors
    /// Where the caller may not, or where the database fails.
    pub async fn tell(&self, caller: &Caller, event: &Event) -> Result<usize> {
        caller.may(Scope::Write)?;
        let locations: Vec<LocationId> =
            self.all_locations().into_iter().filter(|it| self.is_about(event, it)).map(|it| it.id).collect();
        // One row each, all at once: who tells waits for it.
        let asked = futures_util::future::try_join_all(locations.iter().map(|it| self.queue(*it))).await?;
        Ok(asked.len())
    }

    /// Whether a location is in a repository of a host that tells of changes.
    pub(crate) fn is_in_repository(&self, location: &Location) -> bool {
        web_url(&location.target).is_some_and(|url| self.0.contents.place(&url).is_some())
    }

    fn is_about(&self, event: &Event, location: &Location) -> bool {
        match location.kind {
            LocationType::File => false,
            LocationType::GithubDiscovery | LocationType::GithubOrg => {
                self.provider(&location.target).is_some_and(|it| it.is_concerned(event))
            }
            LocationType::Url => {
                let place = web_url(&location.target).and_then(|url| self.0.contents.place(&url));
                place.is_some_and(|place| event.is_about(&place))
            }
        }
    }
}
