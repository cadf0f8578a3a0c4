//! What a list of entities is ordered by.

use async_graphql::{Enum, InputObject, Result};
use plinth_catalog::{EntityOrder as Order, OrderField};

use crate::error::bad_input;

/// Fields of an order at most: as many as there are.
const MOST: usize = 10;

/// Which way a field orders.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderDirection {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// A field that orders entities.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::OrderField")]
pub(crate) enum EntityOrderField {
    /// The name.
    Name,
    /// The title, or else the profile's name, or else the name.
    DisplayName,
    /// The kind.
    Kind,
    /// The namespace.
    Namespace,
    /// The type.
    Type,
    /// The lifecycle.
    Lifecycle,
    /// The reference of the owner.
    Owner,
    /// The reference of the system.
    System,
    /// When it came.
    CreatedAt,
    /// When its document or place last changed.
    UpdatedAt,
}

/// A field that orders entities, and which way. Texts compare without case, by code points; those that lack the field come
/// last, in both directions.
#[derive(InputObject)]
pub(crate) struct EntityOrder {
    /// The field.
    field: EntityOrderField,
    /// ASC when left out.
    direction: Option<OrderDirection>,
}

// === impl EntityOrder ===

impl EntityOrder {
    /// The order that the argument `orderBy` gives; by name where there is none.
    pub(crate) fn read(given: Option<Vec<Self>>) -> Result<Vec<Order>> {
        let given = given.unwrap_or_default();
        if given.len() > MOST {
            return Err(bad_input(format!("`orderBy` has {} members; the limit is {MOST}", given.len())));
        }
        if given.is_empty() {
            return Ok(vec![Order { field: OrderField::Name, descending: false }]);
        }
        let order = given.into_iter().map(|Self { field, direction }| Order {
            field: field.into(),
            descending: direction == Some(OrderDirection::Desc),
        });
        Ok(order.collect())
    }
}
