//! Lists against what they must be, worked out entity by entity, over catalogs, filters and orders by chance.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use plinth_model::EntityRef;

use super::{Selection, generator::Random};
use crate::{
    Entity, EntityFilter, EntityOrder, EntityPlace, FacetField, FacetRange, List, Mine, OrderField, PageRange,
    RefField, Snapshot, TextField, snapshot::folded,
};

const SEEDS: std::ops::Range<u64> = 1..300;

fn mine() -> Mine {
    [EntityRef::new("group", "default", "a"), EntityRef::new("group", "x", "ab")].into_iter().collect()
}

/// What a filter leaves, asked of each entity.
fn left(snapshot: &Snapshot, filter: &EntityFilter) -> Vec<Arc<Entity>> {
    let all = snapshot.by_name().all();
    all.into_iter().filter(|entity| filter.matches(snapshot, entity, &mine())).collect()
}

fn value(entity: &Entity, field: OrderField) -> Option<String> {
    let reference = |it: &Option<EntityRef>| it.as_ref().map(ToString::to_string);
    let text = |it: Option<&str>| it.map(str::to_lowercase);
    match field {
        OrderField::Name => text(Some(&entity.name)),
        OrderField::DisplayName => text(Some(entity.display_name())),
        OrderField::Kind => text(Some(&entity.kind_name)),
        OrderField::Namespace => text(Some(&entity.namespace)),
        OrderField::Type => text(entity.spec_type.as_deref()),
        OrderField::Lifecycle => text(entity.lifecycle.as_deref()),
        OrderField::Owner => reference(&entity.owner),
        OrderField::System => reference(&entity.system),
        OrderField::CreatedAt => Some(entity.created_at.to_rfc3339()),
        OrderField::UpdatedAt => Some(entity.updated_at.to_rfc3339()),
    }
}

fn compare(left: &Entity, right: &Entity, order: &[EntityOrder]) -> Ordering {
    for EntityOrder { field, descending } in order {
        let (left, right) = (value(left, *field), value(right, *field));
        // Those without a value come last, whatever the direction.
        let by_lack = left.is_none().cmp(&right.is_none());
        let by_value = if *descending { right.cmp(&left) } else { left.cmp(&right) };
        let found = by_lack.then(by_value);
        if found.is_ne() {
            return found;
        }
    }
    left.reference.cmp(&right.reference)
}

fn references<'e>(entities: impl IntoIterator<Item = &'e Arc<Entity>>) -> Vec<String> {
    entities.into_iter().map(|it| it.reference.to_string()).collect()
}

#[test]
fn indexes_leave_what_the_filter_holds_of() {
    for seed in SEEDS {
        let mut random = Random(seed);
        let snapshot = Arc::new(random.catalog());
        for _ in 0..20 {
            let filter = random.filter(3);
            let expected: BTreeSet<_> = references(&left(&snapshot, &filter)).into_iter().collect();
            let selection = Selection::all(&snapshot).matching(filter.clone(), mine());
            let found: BTreeSet<_> = references(&selection.ordered(Vec::new()).all()).into_iter().collect();
            assert_eq!(found, expected, "{seed}: {filter:?}");
            assert_eq!(selection.count(), expected.len());
        }
    }
}

#[test]
fn a_page_is_what_sorting_the_whole_list_would_cut() {
    for seed in SEEDS {
        let mut random = Random(seed);
        let snapshot = Arc::new(random.catalog());
        for _ in 0..20 {
            let (filter, order) = (random.filter(1), random.order());
            let mut expected = left(&snapshot, &filter);
            expected.sort_by(|left, right| compare(left, right, &order));
            let list = Selection::all(&snapshot).matching(filter, mine()).ordered(order.clone());
            let places: Vec<EntityPlace> =
                list.range(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded).map(|it| it.0).collect();
            let mut place = || match random.below(expected.len() + 3) {
                at if at < expected.len() => (Some(at), Some(places[at].clone())),
                _ => (None, None),
            };
            let ((after_at, after), (before_at, before)) = (place(), place());
            let (size, from_end) = (random.below(6), random.below(2) == 0);
            let (begin, end) = (after_at.map_or(0, |it| it + 1), before_at.unwrap_or(expected.len()));
            let end = end.max(begin);
            let (first, last) = match from_end {
                true => (end - size.min(end - begin), end),
                false => (begin, begin + size.min(end - begin)),
            };
            let page = list.page(&PageRange { size, from_end, after, before });
            let items: Vec<_> = page.items.iter().map(|(_, entity)| entity.clone()).collect();
            let context = format!("{seed}: {order:?} {after_at:?} {before_at:?} {size} {from_end}");
            assert_eq!(references(&items), references(&expected[first..last]), "{context}");
            if begin <= before_at.unwrap_or(expected.len())
                && (!items.is_empty() || after_at.is_none() && before_at.is_none())
            {
                assert_eq!((page.has_previous, page.has_next), (first > 0, last < expected.len()), "{context}");
            }
        }
    }
}

/// Walks through all pages while the catalog changes; each entity that stays as it is comes exactly once.
fn walk(random: &mut Random, backwards: bool) {
    let (filter, order) = (random.filter(1), random.order());
    let mut snapshot = random.catalog();
    let mut still: HashMap<EntityRef, Arc<Entity>> =
        left(&snapshot, &filter).into_iter().map(|it| (it.reference.clone(), it)).collect();
    let mut seen = Vec::new();
    let mut place = None;
    loop {
        let list = Selection::all(&Arc::new(snapshot.clone())).matching(filter.clone(), mine()).ordered(order.clone());
        let (after, before) = if backwards { (None, place) } else { (place, None) };
        let page = list.page(&PageRange { size: 3, from_end: backwards, after, before });
        seen.extend(page.items.iter().map(|(_, entity)| entity.reference.clone()));
        let (next, more) = match backwards {
            true => (page.items.first(), page.has_previous),
            false => (page.items.last(), page.has_next),
        };
        place = next.map(|(place, _)| place.clone());
        if !more || place.is_none() {
            break;
        }
        snapshot = random.change(&snapshot, 6);
        let stays = |entity: &Arc<Entity>| {
            snapshot.find(&entity.reference).is_some_and(|it| Arc::ptr_eq(it, entity))
                && filter.matches(&snapshot, entity, &mine())
        };
        still.retain(|_, entity| stays(entity));
    }
    for reference in still.keys() {
        let times = seen.iter().filter(|it| *it == reference).count();
        assert_eq!(times, 1, "{reference} {filter:?} {order:?}");
    }
}

#[test]
fn whoever_does_not_move_comes_once_while_others_come_and_go() {
    for seed in SEEDS {
        walk(&mut Random(seed), false);
        walk(&mut Random(seed), true);
    }
}

#[test]
fn facets_count_what_the_list_holds() {
    let fields = [
        FacetField::Text(TextField::Kind),
        FacetField::Text(TextField::Type),
        FacetField::Text(TextField::Tag),
        FacetField::Text(TextField::Namespace),
        FacetField::Reference(RefField::Owner),
    ];
    for seed in SEEDS {
        let mut random = Random(seed);
        let snapshot = Arc::new(random.catalog());
        let filter = random.filter(2);
        let entities = left(&snapshot, &filter);
        let selection = Selection::all(&snapshot).matching(filter, mine());
        for field in fields {
            let (mut counts, mut missing) = (BTreeMap::<String, usize>::new(), 0);
            for entity in &entities {
                let values: BTreeSet<String> = match field {
                    FacetField::Text(field) => field.of(entity).into_iter().map(folded).collect(),
                    FacetField::Reference(field) => field.of(entity).into_iter().map(ToString::to_string).collect(),
                };
                missing += usize::from(values.is_empty());
                values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
            }
            for starts_with in [None, Some("A")] {
                let mut expected: Vec<_> = counts
                    .iter()
                    .filter(|(value, _)| {
                        let name = value.rsplit('/').next().unwrap();
                        starts_with.is_none_or(|_| value.starts_with('a') || name.starts_with('a'))
                    })
                    .map(|(value, count)| (Reverse(*count), value.clone()))
                    .collect();
                expected.sort();
                let facet = selection.facet(field, FacetRange { limit: 3, starts_with });
                assert_eq!((facet.missing, facet.distinct), (missing, expected.len()), "{seed} {field:?}");
                let found: Vec<_> = facet.values.iter().map(|it| (Reverse(it.count), folded(&it.value))).collect();
                assert_eq!(found, expected[..expected.len().min(3)], "{seed} {field:?}");
            }
        }
    }
}

#[test]
fn a_field_is_counted_as_if_its_own_test_were_away() {
    let mut random = Random(7);
    let snapshot = Arc::new((0..3).fold(Snapshot::default(), |snapshot, _| random.change(&snapshot, 200)));
    let own = EntityFilter::Text(TextField::Kind, crate::TextTest::default().is_in(["group"]));
    let other = EntityFilter::Text(TextField::Tag, crate::TextTest::default().exists(true));
    let both = EntityFilter::All(vec![own.clone(), other.clone()]);
    let kept = EntityFilter::All(vec![EntityFilter::All(vec![own]), other.clone()]);
    let select = |filter| Selection::all(&snapshot).matching(filter, mine());
    let kind = FacetField::Text(TextField::Kind);
    let whole = select(other).count();
    assert_eq!(select(both.clone()).without(kind).count(), whole);
    assert!(select(both.clone()).count() < whole, "the test of the kind leaves less");
    assert_eq!(select(both.clone()).without(FacetField::Text(TextField::Type)).count(), select(both).count());
    assert!(select(kept).without(kind).count() < whole, "what stands within `and` stays");
}

#[test]
fn a_list_can_be_what_a_search_found() {
    let mut random = Random(3);
    let snapshot = Arc::new(random.change(&Snapshot::default(), 200));
    let all: Vec<_> = snapshot.by_name().all().iter().map(|it| it.reference.clone()).collect();
    let gone = EntityRef::new("component", "default", "gone");
    let found = Selection::of(&snapshot, all.iter().step_by(2).chain([&gone]));
    assert_eq!(found.count(), all.len().div_ceil(2));
    let filter = EntityFilter::Text(TextField::Kind, crate::TextTest::default().is_in(["component"]));
    let expected = all.iter().step_by(2).filter(|it| it.kind() == "component");
    let left = found.matching(filter, Mine::default());
    assert_eq!(left.count(), expected.clone().count());
    assert!(expected.into_iter().all(|it| left.contains(it)) && !left.contains(&gone));
}
