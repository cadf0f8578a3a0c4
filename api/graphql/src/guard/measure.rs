//! How much a document asks for, each fragment measured once.

use std::{collections::HashMap, ptr};

use async_graphql::{
    Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{
    fragments,
    limit::{Limit, Refused},
    shape::{Many, Shape},
    values::{Arguments, Values},
};
use crate::page::DEFAULT;

/// Items that a list is reckoned to have where the schema does not say.
const LIST: u64 = 5;
/// The same where there are lists inside it: from thing to thing, the long ones multiply.
const LIST_OF_LISTS: u64 = 50;

/// What an operation costs; refused where it, or anything else in its document, is over a limit.
pub(super) fn measure(
    shape: &Shape,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    values: &Values<'_>,
) -> Result<u64, Refused> {
    let mut operations: Vec<_> = document.operations.iter().map(|(_, operation)| operation).collect();
    Limit::Operations.check(operations.len() as u64, None)?;
    operations.sort_by_key(|operation| operation.pos);
    let mut measuring = Measuring { shape, values, fragments: HashMap::new() };
    let mut selections = 0_u64;
    for (name, fragment) in fragments::ordered(document)? {
        let from = fragment.node.type_condition.node.on.node.as_str();
        let mut measure = measuring.set(from, &fragment.node.selection_set.node)?;
        measuring.directives(&fragment.node.directives, &mut measure)?;
        Limit::Nesting.check(measure.nesting, Some(fragment.pos))?;
        selections = selections.saturating_add(measure.selections);
        measuring.fragments.insert(name, measure);
    }
    let mut asked = None;
    for other in operations {
        let measure = measuring.operation(&other.node)?;
        Limit::Nesting.check(measure.nesting, Some(other.pos))?;
        selections = selections.saturating_add(measure.selections);
        if ptr::eq(&raw const other.node, operation) {
            asked = Some((measure, other.pos));
        }
    }
    Limit::Selections.check(selections, None)?;
    let (measure, pos) = asked.unwrap_or_default();
    Limit::RootFields.check(measure.fields, Some(pos))?;
    if operation.ty == OperationType::Subscription && measure.fields != 1 {
        return Err(Refused::invalid("a subscription has one root field, so that its events come in one order", [pos]));
    }
    Limit::Aliases.check(measure.aliases, Some(pos))?;
    Limit::Directives.check(measure.directives, Some(pos))?;
    Limit::Introspection.check(measure.introspection, Some(pos))?;
    let cost = measure.total();
    Limit::Cost.check(cost, Some(pos))?;
    Ok(cost)
}

/// What a selection set comes to, each fragment counted wherever it is spread.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    /// Selections and arguments, however often they are answered.
    selections: u64,
    aliases: u64,
    directives: u64,
    /// Fields at the top.
    fields: u64,
    /// Selection sets inside each other.
    nesting: u64,
    /// Lists inside each other.
    lists: u64,
    /// Lists inside each other by which introspection can go round.
    introspection: u64,
    /// Fields that are answered once for each answer of the set.
    once: u64,
    /// Fields that are answered once for each item of the page that the set describes.
    each: u64,
}

struct Measuring<'a> {
    shape: &'a Shape,
    values: &'a Values<'a>,
    fragments: HashMap<&'a str, Measure>,
}

// === impl Measure ===

impl Measure {
    fn add(&mut self, other: &Self) {
        let Self { selections, aliases, directives, fields, nesting, lists, introspection, once, each } = *other;
        self.selections = self.selections.saturating_add(selections);
        self.aliases = self.aliases.saturating_add(aliases);
        self.directives = self.directives.saturating_add(directives);
        self.fields = self.fields.saturating_add(fields);
        self.nesting = self.nesting.max(nesting);
        self.lists = self.lists.max(lists);
        self.introspection = self.introspection.max(introspection);
        self.once = self.once.saturating_add(once);
        self.each = self.each.saturating_add(each);
    }

    /// All fields, those of a page's items for as many as a page of this size has.
    fn of_page(&self, items: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(items))
    }

    /// All fields; a page of which nobody says the size has the usual one.
    fn total(&self) -> u64 {
        self.of_page(DEFAULT as u64)
    }
}

// === impl Measuring ===

impl Measuring<'_> {
    fn operation(&self, operation: &OperationDefinition) -> Result<Measure, Refused> {
        let mut measure = self.set(self.shape.root(operation.ty), &operation.selection_set.node)?;
        self.directives(&operation.directives, &mut measure)?;
        for variable in &operation.variable_definitions {
            self.directives(&variable.node.directives, &mut measure)?;
        }
        Ok(measure)
    }

    /// Calls itself as deep as the text is nested, which the scan has bounded; what is spread was measured before.
    fn set(&self, from: &str, set: &SelectionSet) -> Result<Measure, Refused> {
        let mut sum = Measure::default();
        for selection in &set.items {
            let mut measure = match &selection.node {
                Selection::Field(field) => self.field(from, field)?,
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.set(on.unwrap_or(from), &fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragments.get(spread.node.fragment_name.node.as_str()).copied().unwrap_or_default()
                }
            };
            measure.selections = measure.selections.saturating_add(1);
            self.directives(selection.node.directives(), &mut measure)?;
            sum.add(&measure);
        }
        sum.nesting += 1;
        Ok(sum)
    }

    fn field(&self, from: &str, field: &Positioned<Field>) -> Result<Measure, Refused> {
        let pos = field.pos;
        let field = &field.node;
        let shape = self.shape.field(from, &field.name.node);
        let below = match field.selection_set.node.items.as_slice() {
            [] => Measure::default(),
            _ => self.set(shape.map_or("", |shape| shape.of.as_str()), &field.selection_set.node)?,
        };
        let many = shape.map_or(&Many::Once, |shape| &shape.many);
        let mut measure = Measure {
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            fields: 1,
            lists: below.lists + u64::from(!matches!(many, Many::Once | Many::Page | Many::Graph)),
            introspection: below.introspection + u64::from(shape.is_some_and(|shape| shape.goes_round)),
            once: shape.map_or(1, |shape| shape.worth),
            each: 0,
            ..below
        };
        let mut each = 0;
        let answered = match many {
            Many::Once => below.total(),
            Many::Page => below.of_page(self.values.page(&field.arguments)),
            Many::Graph => below.of_page(self.values.nodes(&field.arguments)),
            Many::Item(times) => {
                each = below.total().saturating_mul(*times);
                0
            }
            Many::Argument(name) => below.total().saturating_mul(self.values.length(&field.arguments, name)),
            Many::List if below.lists == 0 => below.total().saturating_mul(LIST),
            Many::List => below.total().saturating_mul(LIST_OF_LISTS),
            Many::Times(times) => below.total().saturating_mul(*times),
        };
        measure.once = measure.once.saturating_add(answered);
        measure.each = each;
        self.arguments(&field.arguments, pos, &mut measure)?;
        Ok(measure)
    }

    fn arguments(&self, arguments: &Arguments, pos: Pos, measure: &mut Measure) -> Result<(), Refused> {
        let count = arguments.len() as u64;
        Limit::Arguments.check(count, Some(pos))?;
        let weight = self.values.weight(arguments);
        measure.selections = measure.selections.saturating_add(count).saturating_add(weight);
        measure.once = measure.once.saturating_add(weight);
        Ok(())
    }

    /// Adds the directives of one place, each of which may stand there once.
    fn directives(&self, directives: &[Positioned<Directive>], measure: &mut Measure) -> Result<(), Refused> {
        for (place, directive) in directives.iter().enumerate() {
            let name = &directive.node.name.node;
            if let Some(first) = directives.iter().take(place).find(|earlier| earlier.node.name.node == *name) {
                let message = format!("`@{name}` stands here twice; once is enough");
                return Err(Refused::invalid(message, [first.pos, directive.pos]));
            }
            self.arguments(&directive.node.arguments, directive.pos, measure)?;
            measure.directives = measure.directives.saturating_add(1);
        }
        Ok(())
    }
}
