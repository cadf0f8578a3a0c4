//! Entities: the interface, the kinds, the pages.

mod connection;
mod facet;
mod filter;
mod interface;
mod kinds;
mod order;
mod parts;
mod search;
mod template_form;
mod template_step;
mod view;

pub(crate) use connection::EntityConnection;
pub(crate) use filter::EntityFilter;
pub(crate) use interface::Entity;
pub(crate) use kinds::{Api, Component, CustomEntity, Domain, Group, LocationEntity, Resource, System, Template, User};
pub(crate) use order::EntityOrder;
pub(crate) use search::{Asked, entities};
