//! The entities of a list: what a filter leaves of the catalog, or of what a search found.

#[cfg(test)]
mod generator;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use plinth_model::EntityRef;
use roaring::RoaringBitmap;

use crate::{EntityFilter, EntityOrder, FacetField, Mine, Ordered, Snapshot, index::Question};

/// The entities of a list, to be counted or put in an order. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Selection {
    snapshot: Arc<Snapshot>,
    /// What the filter was asked of.
    among: Arc<RoaringBitmap>,
    filter: Arc<EntityFilter>,
    mine: Arc<Mine>,
    hits: Arc<RoaringBitmap>,
}

impl Selection {
    /// The whole catalog.
    pub fn all(snapshot: &Arc<Snapshot>) -> Self {
        Self::over(snapshot, snapshot.index().all().clone())
    }

    /// These of the catalog, as they were found elsewhere; those that are not in it are left out.
    pub fn of<'r>(snapshot: &Arc<Snapshot>, references: impl IntoIterator<Item = &'r EntityRef>) -> Self {
        let numbers = references.into_iter().filter_map(|it| snapshot.number(it)).collect();
        Self::over(snapshot, Arc::new(numbers))
    }

    /// These of the catalog, by their numbers.
    pub(crate) fn over(snapshot: &Arc<Snapshot>, among: Arc<RoaringBitmap>) -> Self {
        let filter = Arc::new(EntityFilter::everything());
        Self { snapshot: snapshot.clone(), hits: among.clone(), among, filter, mine: Arc::default() }
    }

    /// What a filter leaves of them. A second filter takes the place of the first.
    #[must_use]
    pub fn matching(self, filter: EntityFilter, mine: Mine) -> Self {
        self.asked(Arc::new(filter), Arc::new(mine))
    }

    fn asked(self, filter: Arc<EntityFilter>, mine: Arc<Mine>) -> Self {
        let hits = match &*filter {
            EntityFilter::All(none) if none.is_empty() => self.among.clone(),
            filter => {
                let question = Question { snapshot: &self.snapshot, mine: &mine };
                Arc::new(question.select(filter, &self.among))
            }
        };
        Self { filter, mine, hits, ..self }
    }

    /// The same as if the filter's own tests of a field were away; those within `and`, `or` and `not` stay.
    #[must_use]
    pub fn without(&self, field: FacetField) -> Self {
        let is_own = |filter: &EntityFilter| match filter {
            EntityFilter::Text(of, _) => field == FacetField::Text(*of),
            EntityFilter::Reference(of, _) => field == FacetField::Reference(*of),
            _ => false,
        };
        match &*self.filter {
            EntityFilter::All(all) if all.iter().any(is_own) => {
                let rest = all.iter().filter(|it| !is_own(it)).cloned().collect();
                self.clone().asked(Arc::new(EntityFilter::All(rest)), self.mine.clone())
            }
            _ => self.clone(),
        }
    }

    /// Whether this one is among them: for a list that has an order of its own.
    pub fn contains(&self, reference: &EntityRef) -> bool {
        self.snapshot.number(reference).is_some_and(|number| self.hits.contains(number))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        usize::try_from(self.hits.len()).unwrap_or(usize::MAX)
    }

    /// They in an order; the reference breaks ties.
    pub fn ordered(&self, order: Vec<EntityOrder>) -> Ordered {
        Ordered::new(self.clone(), order)
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(crate) fn hits(&self) -> &RoaringBitmap {
        &self.hits
    }
}
