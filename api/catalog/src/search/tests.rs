//! What is found, and in which order.

use std::ops::Bound;

use serde_json::{Value, json};

use super::*;
use crate::{Entity, List, PageRange, fixture, snapshot};

/// An index that is driven by hand.
struct Bench {
    index: Index,
    known: Arc<Snapshot>,
    view: Arc<View>,
}

impl Bench {
    fn new(entities: Vec<Arc<Entity>>) -> Self {
        let mut index = Index::new().unwrap();
        let known = Arc::new(Snapshot::default());
        let view = Arc::new(index.commit(known.clone()).unwrap());
        let mut bench = Self { index, known, view };
        bench.follow(fixture::with(&Snapshot::default(), entities));
        bench
    }

    /// Indexes the next snapshot, without definitions.
    fn follow(&mut self, next: Snapshot) {
        let next = Arc::new(next);
        let Changes { gone, come } = Changes::between(&self.known, &next, &HashSet::new());
        gone.into_iter().for_each(|number| self.index.remove(number));
        come.iter().for_each(|write| self.index.write(write).unwrap());
        self.view = Arc::new(self.index.commit(next.clone()).unwrap());
        self.known = next;
    }

    /// What is found in a snapshot, the best first.
    fn found_in(&self, snapshot: &Arc<Snapshot>, text: &str) -> Vec<String> {
        let text = SearchText::read(text).unwrap().unwrap();
        let found = self.view.find(snapshot, &text).unwrap();
        found.best(1000).all().iter().map(|entity| entity.reference.name().to_owned()).collect()
    }

    fn check(&self, text: &str, expected: &[&str]) {
        assert_eq!(self.found_in(&self.known, text), expected, "{text}");
    }
}

fn component(name: &str, title: Value, description: &str) -> Arc<Entity> {
    let metadata = json!({"name": name, "title": title, "description": description});
    fixture::of("Component", metadata, json!({}))
}

fn without(before: &Snapshot, name: &str) -> Snapshot {
    let removed = vec![EntityRef::new("component", "default", name)];
    before.apply(snapshot::Changes {
        revision: Revision(before.revision().0 + 1),
        removed,
        ..snapshot::Changes::default()
    })
}

#[test]
fn names_come_before_descriptions_and_whole_words_before_beginnings() {
    let bench = Bench::new(vec![
        component("billing", json!(null), "It sends each order."),
        component("ordering", json!(null), ""),
        component("my-order", json!(null), ""),
        component("order", json!(null), ""),
        component("order-service", json!(null), ""),
        component("reorder", json!(null), ""),
    ]);
    bench.check("order", &["order", "order-service", "ordering", "my-order", "billing"]);
    bench.check("ORDER service", &["order-service"]);
    bench.check("o s", &["order-service"]);
    bench.check("orderservice", &["order-service"]);
}

#[test]
fn errors_are_forgiven_in_words_that_are_not_known() {
    let bench = Bench::new(vec![
        component("payment-gateway", json!(null), ""),
        component("payments", json!(null), ""),
        component("statement", json!(null), "Invoices."),
    ]);
    bench.check("paymnet", &["payment-gateway", "payments"]);
    bench.check("paymnet gatway", &["payment-gateway"]);
    bench.check("paymentgatewya", &["payment-gateway"]);
    // Descriptions, too, where nothing else was found.
    bench.check("invoises", &["statement"]);
    // Known words mean themselves.
    bench.check("payment", &["payment-gateway", "payments"]);
    bench.check("pax", &[]);
}

#[test]
fn chinese_is_found_by_any_part_of_it() {
    let bench = Bench::new(vec![
        component("a", json!("用户管理服务"), ""),
        component("b", json!("用户接口"), "管理用户"),
        component("c", json!("订单服务"), "由用户下单"),
    ]);
    bench.check("用户管理服务", &["a"]);
    bench.check("用户", &["b", "a", "c"]);
    bench.check("管理 用户", &["a", "b"]);
    bench.check("单", &["c"]);
    bench.check("务", &["a", "c"]);
    // One wrong character.
    bench.check("用户官理服务", &["a"]);
    bench.check("仓库", &[]);
}

#[test]
fn what_left_is_no_hit_and_what_came_is_one_after_the_next_batch() {
    let mut bench = Bench::new((0..20).map(|it| component(&format!("service-{it}"), json!(null), "")).collect());
    let behind = Arc::new(without(&bench.known, "service-7"));
    assert_eq!(bench.found_in(&behind, "service").len(), 19);
    assert_eq!(bench.found_in(&bench.known, "service").len(), 20);
    let behind = fixture::with(&behind, vec![component("service-new", json!("Neu"), "")]);
    bench.follow(behind);
    assert_eq!(bench.found_in(&bench.known, "service").len(), 20);
    bench.check("neu", &["service-new"]);
    bench.follow(fixture::with(&bench.known, vec![component("service-new", json!("Alt"), "")]));
    bench.check("neu", &[]);
    bench.check("alt", &["service-new"]);
}

#[test]
fn a_place_does_not_depend_on_other_entities() {
    let entity = component("order-service", json!("订单服务"), "Takes orders.");
    let others = (0..50).map(|it| component(&format!("order-{it}"), json!(null), "Takes orders."));
    let (alone, among) = (Bench::new(vec![entity.clone()]), Bench::new(others.chain([entity.clone()]).collect()));
    for text in ["order", "订单", "takes", "ordre"] {
        let key = |bench: &Bench| {
            let found = bench.view.find(&bench.known, &SearchText::read(text).unwrap().unwrap()).unwrap();
            let best = found.best(1000);
            best.range(Bound::Unbounded, Bound::Unbounded)
                .find(|(_, it)| it.reference == entity.reference)
                .map(|(key, _)| key)
        };
        assert!(key(&alone).is_some(), "{text}");
        assert_eq!(key(&alone), key(&among), "{text}");
    }
}

#[test]
fn the_best_are_the_first_of_all_in_order() {
    let mut numbers = fixture::Random(3);
    let names = (0..200).map(|it| ["order", "order-line", "my-order"][numbers.below(3)].to_owned() + &format!("-{it}"));
    let bench = Bench::new(names.map(|name| component(&name, json!(null), "")).collect());
    let all = bench.found_in(&bench.known, "order");
    assert_eq!(all.len(), 200);
    let text = SearchText::read("order").unwrap().unwrap();
    for most in [0, 1, 7, 199, 200, 300] {
        let best = bench.view.find(&bench.known, &text).unwrap().best(most);
        assert_eq!(best.count(), 200);
        let listed: Vec<_> = best.range(Bound::Unbounded, Bound::Unbounded).collect();
        assert!(listed.is_sorted_by_key(|(key, _)| key.clone()));
        assert!(listed.iter().map(|(_, entity)| entity.reference.name()).eq(all.iter().take(most)));
    }
}

#[test]
fn pages_of_the_best_follow_each_other() {
    let bench = Bench::new((0..25).map(|it| component(&format!("order-{it}"), json!(null), "")).collect());
    let best = bench.view.find(&bench.known, &SearchText::read("order").unwrap().unwrap()).unwrap().best(20);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = best.page(&PageRange { size: 7, from_end: false, after, before: None });
        seen.extend(page.items.iter().map(|(_, entity)| entity.reference.clone()));
        if !page.has_next {
            break;
        }
        after = page.items.last().map(|(key, _)| key.clone());
    }
    assert_eq!(seen, best.all().iter().map(|it| it.reference.clone()).collect::<Vec<_>>());
    let last = best.page(&PageRange { size: 7, from_end: true, after: None, before: None });
    assert_eq!(last.items.iter().map(|(_, it)| it.reference.clone()).collect::<Vec<_>>(), seen[13..]);
}

#[tokio::test]
async fn segments_that_are_put_together_find_the_same() {
    let mut bench = Bench::new(vec![component("order-service", json!("订单服务"), "Takes orders.")]);
    for number in 0..20 {
        let next = fixture::with(&bench.known, vec![component(&format!("order-{number}"), json!(null), "")]);
        bench.follow(if number % 3 == 0 { without(&next, &format!("order-{}", number / 2)) } else { next });
    }
    let searches = ["order", "ordre", "订单", "order 1", "takes"];
    let found = searches.map(|text| bench.found_in(&bench.known, text));
    while let Some(merging) = bench.index.merge().unwrap() {
        merging.await.unwrap();
        bench.index.merged();
        bench.view = Arc::new(bench.index.commit(bench.known.clone()).unwrap());
    }
    assert!(bench.view.segments() < 8, "{} segments", bench.view.segments());
    assert_eq!(searches.map(|text| bench.found_in(&bench.known, text)), found);
}
