//! Lists of entities: what a filter leaves, in an order, page by page.

mod walk;

use std::{borrow::Cow, cmp::Ordering, ops::Bound, sync::Arc};

use plinth_model::EntityRef;
use serde::{Deserialize, Serialize};

use crate::{
    Entity, List, Page, PageRange, Selection,
    index::{Column, Index},
};

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntityOrder {
    /// The field. Those that lack it come last, whatever the direction.
    pub field: OrderField,
    /// Whether the largest come first.
    pub descending: bool,
}

/// A field that orders lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderField {
    /// `metadata.name`.
    Name,
    /// The title, or else the profile's name, or else the name.
    DisplayName,
    /// `kind`.
    Kind,
    /// `metadata.namespace`.
    Namespace,
    /// `spec.type`.
    Type,
    /// `spec.lifecycle`.
    Lifecycle,
    /// The reference of `spec.owner`.
    Owner,
    /// The reference of `spec.system`.
    System,
    /// When it came.
    CreatedAt,
    /// When its document or place last changed.
    UpdatedAt,
}

/// Where an entity stands in an ordered list: its value in each field of the order, and its reference, which breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityPlace(Vec<Option<String>>, EntityRef);

/// The entities that a filter leaves, in an order.
#[derive(Debug, Clone)]
pub struct Ordered {
    selection: Selection,
    order: Vec<EntityOrder>,
}

// === impl EntityPlace ===

impl EntityPlace {
    fn value(&self, level: usize) -> Option<&str> {
        self.0.get(level).and_then(Option::as_deref)
    }
}

// === impl OrderField ===

impl OrderField {
    pub(crate) fn column(self) -> Column {
        match self {
            Self::Name => Column::Name,
            Self::DisplayName => Column::DisplayName,
            Self::Kind => Column::Kind,
            Self::Namespace => Column::Namespace,
            Self::Type => Column::Type,
            Self::Lifecycle => Column::Lifecycle,
            Self::Owner => Column::Owner,
            Self::System => Column::System,
            Self::CreatedAt => Column::CreatedAt,
            Self::UpdatedAt => Column::UpdatedAt,
        }
    }
}

// === impl Ordered ===

impl Ordered {
    pub(crate) fn new(selection: Selection, order: Vec<EntityOrder>) -> Self {
        Self { selection, order }
    }

    fn index(&self) -> &Index {
        self.selection.snapshot().index()
    }

    fn place(&self, entity: &Entity) -> EntityPlace {
        let values = self.order.iter().map(|it| it.field.column().value(entity).map(Cow::into_owned));
        EntityPlace(values.collect(), entity.reference.clone())
    }

    fn compare(&self, left: &EntityPlace, right: &EntityPlace) -> Ordering {
        let levels = self.order.iter().enumerate();
        let orders = levels.map(|(level, order)| compare(left.value(level), right.value(level), order.descending));
        first_difference(orders).then_with(|| left.1.cmp(&right.1))
    }

    /// Whether an entity stands exactly here.
    fn stands_at(&self, place: &EntityPlace) -> bool {
        let entity = self.selection.snapshot().find(&place.1).filter(|it| self.selection.contains(&it.reference));
        entity.is_some_and(|it| self.compare(&self.place(it), place).is_eq())
    }

    /// Whether anything stands here or further on.
    fn any_from(&self, place: &EntityPlace, backwards: bool) -> bool {
        self.stands_at(place) || !self.walk(Some(place), None, backwards, 1).is_empty()
    }
}

/// Compares values of one field of an order.
fn compare(left: Option<&str>, right: Option<&str>, descending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if descending => right.cmp(left),
        (Some(left), Some(right)) => left.cmp(right),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    }
}

/// What two are by the first field in which they differ.
fn first_difference(mut fields: impl Iterator<Item = Ordering>) -> Ordering {
    fields.find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
}

impl List for Ordered {
    type Key = EntityPlace;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<EntityPlace>,
        to: Bound<EntityPlace>,
    ) -> Box<dyn DoubleEndedIterator<Item = (EntityPlace, Arc<Entity>)> + 'a> {
        let entities = self.selection.hits().iter().filter_map(|number| self.index().entity(number));
        let mut all: Vec<_> = entities.map(|entity| (self.place(entity), entity.clone())).collect();
        all.retain(|(place, _)| {
            let behind = match &from {
                Bound::Unbounded => true,
                Bound::Included(from) => self.compare(place, from).is_ge(),
                Bound::Excluded(from) => self.compare(place, from).is_gt(),
            };
            behind
                && match &to {
                    Bound::Unbounded => true,
                    Bound::Included(to) => self.compare(place, to).is_le(),
                    Bound::Excluded(to) => self.compare(place, to).is_lt(),
                }
        });
        all.sort_by(|(left, _), (right, _)| self.compare(left, right));
        Box::new(all.into_iter())
    }

    fn count(&self) -> usize {
        self.selection.count()
    }

    /// A page costs what it takes to walk to its end, not what it takes to sort the list.
    fn page(&self, range: &PageRange<EntityPlace>) -> Page<EntityPlace, Arc<Entity>> {
        let PageRange { size, from_end, after, before } = range;
        let (from, until) = if *from_end { (before, after) } else { (after, before) };
        let mut items = self.walk(from.as_ref(), until.as_ref(), *from_end, size + 1);
        let more = items.len() > *size;
        items.truncate(*size);
        let passed = || from.as_ref().is_some_and(|from| self.any_from(from, !from_end));
        let cut = more || until.as_ref().is_some_and(|until| self.any_from(until, *from_end));
        if *from_end {
            items.reverse();
            Page { has_next: passed(), has_previous: cut, items }
        } else {
            Page { has_previous: passed(), has_next: cut, items }
        }
    }
}
