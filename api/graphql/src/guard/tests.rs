//! Each limit from both sides, by every way in which a document can reach it.

use serde_json::{Value, json};

use super::{Guard, Limit, Refused, scan};
use crate::operation::find;

const SDL: &str = r#"
    schema { query: Query subscription: Subscription }
    interface Node { id: ID! }
    type Query {
        thing(ref: String): Thing
        things(first: Int, after: String, last: Int, before: String): ThingConnection
        nodes(ids: [ID!]!): [Node]
    }
    type Thing implements Node {
        id: ID!
        name: String!
        parent: Thing
        manifest: String!
        links: [Link!]!
        values(keys: [String!]): [Value!]!
        parts(first: Int, after: String, last: Int, before: String): ThingConnection!
    }
    type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! totalCount: Int! facets(fields: [String!]!): [Facet!]! }
    type Facet { values: [Value!]! missing: Int! }
    type ThingEdge { cursor: String! node: Thing! }
    type Link { url: String! thing: Thing }
    type Value { key: String! value: String! }
    interface StreamEvent { cursor: String! }
    type Changed implements StreamEvent { cursor: String! upserted: [Thing!]! }
    type Subscription { changes: Changed! }
"#;

/// What the guard says of the operation `Q`, or of the only one.
fn admit(query: &str, variables: Value) -> Result<u64, Refused> {
    scan(query)?;
    let document = async_graphql::parser::parse_query(query).unwrap_or_else(|error| panic!("{error}: {query}"));
    let operation = find(&document, Some("Q")).or_else(|_| find(&document, None)).unwrap();
    let Value::Object(variables) = variables else { panic!("no object") };
    Guard::of(SDL).admit(&document, operation, &variables)
}

fn cost(query: &str) -> u64 {
    admit(query, json!({})).unwrap_or_else(|refused| panic!("{refused}: {query}"))
}

fn refusal(query: &str) -> Refused {
    admit(query, json!({})).unwrap_err()
}

/// The limit is accepted and one more is refused, by its name and with the number found.
fn bounds(limit: Limit, document: impl Fn(u64) -> String) {
    let most = limit.most();
    let accepted = document(most);
    admit(&accepted, json!({})).unwrap_or_else(|refused| panic!("{refused}: {accepted}"));
    is_over(&refusal(&document(most + 1)), limit, most + 1);
}

fn is_over(refused: &Refused, limit: Limit, found: u64) {
    assert_eq!(refused.code, "LIMIT_EXCEEDED", "{refused}");
    assert!(
        refused.message.contains(&format!(" {found} ")) || refused.message.contains(&format!(" {found};")),
        "{refused}"
    );
    assert!(refused.message.contains(&format!("; the limit is {}: ", limit.most())), "{refused}");
}

fn times(count: u64, text: impl Fn(u64) -> String) -> String {
    (0..count).map(text).collect()
}

/// `count` of these through a fragment that is spread over and over, and some beside it.
fn reused(count: u64, text: impl Fn(u64) -> String) -> String {
    let (spreads, rest) = (count / 10, count % 10);
    let rest = times(rest, |at| text(100 + at));
    format!(
        "query Q {{{} thing {{name {rest}}}}} fragment F on Query {{thing {{name {}}}}}",
        times(spreads, |_| "...F ".into()),
        times(10, text)
    )
}

#[test]
fn aliases_count_wherever_they_stand() {
    let aliases = |count| times(count, |at| format!("a{at}: name "));
    bounds(Limit::Aliases, |count| format!("{{thing {{{}}}}}", aliases(count)));
    bounds(Limit::Aliases, |count| format!("{{thing {{... on Thing {{... {{{}}}}}}}}}", aliases(count)));
    bounds(Limit::Aliases, |count| format!("{{thing {{...F}}}} fragment F on Thing {{{}}}", aliases(count)));
    bounds(Limit::Aliases, |count| reused(count, |at| format!("a{at}: name ")));
}

#[test]
fn directives_count_wherever_they_stand() {
    let fields = |count| times(count, |_| "name @include(if: true) ".into());
    bounds(Limit::Directives, |count| format!("{{thing {{{}}}}}", fields(count)));
    bounds(Limit::Directives, |count| format!("{{thing {{... @skip(if: false) {{{}}}}}}}", fields(count - 1)));
    bounds(Limit::Directives, |count| reused(count, |_| "name @include(if: true) ".into()));
    bounds(Limit::Directives, |count| {
        format!("query Q($a: Int @x) @y {{thing {{...F @z}}}} fragment F on Thing @w {{{}}}", fields(count - 4))
    });
}

#[test]
fn a_directive_stands_once_in_a_place() {
    let refused = refusal("{thing {name @aa @bb @aa}}");
    assert_eq!((refused.code, refused.places), ("GRAPHQL_VALIDATION_FAILED", vec![(1, 14), (1, 22)]));
}

#[test]
fn root_fields_count_wherever_they_stand() {
    bounds(Limit::RootFields, |count| format!("{{{}}}", "__typename ".repeat(count as usize)));
    bounds(Limit::RootFields, |count| format!("{{... {{{}}}}}", "__typename ".repeat(count as usize)));
    bounds(Limit::RootFields, |count| {
        let (spreads, rest) = ("...F ".repeat(count as usize / 10), "__typename ".repeat(count as usize % 10));
        format!("{{{spreads} {rest}}} fragment F on Query {{{}}}", "__typename ".repeat(10))
    });
}

#[test]
fn operations_and_arguments_are_counted() {
    bounds(Limit::Operations, |count| {
        times(count, |at| format!("query {} {{thing {{id}}}} ", if at == 0 { "Q".into() } else { format!("Q{at}") }))
    });
    let arguments = |count| times(count, |at| format!("a{at}: 1 "));
    bounds(Limit::Arguments, |count| format!("{{thing({}) {{id}}}}", arguments(count)));
    bounds(Limit::Arguments, |count| format!("{{thing {{...F}}}} fragment F on Thing {{id @x({})}}", arguments(count)));
}

#[test]
fn only_the_operation_asked_for_counts_but_all_others_are_bounded() {
    let aliases = times(40, |at| format!("a{at}: name "));
    assert_eq!(cost(&format!("query Q {{thing {{name}}}} query R {{thing {{{aliases}}}}}")), 2);
    let pages = "things(first: 100) {nodes {parts(first: 100) {nodes {parts(first: 100) {nodes {id}}}}}}";
    assert_eq!(cost(&format!("query Q {{thing {{name}}}} query R {{{pages}}}")), 2);
    let (open, close) = ("{parent ".repeat(20), "}".repeat(20));
    let fragment = format!("fragment F on Thing {open}{{id}}{close}");
    let refused = refusal(&format!("query Q {{thing {{name}}}} query R {{thing {open}{{...F}}{close}}} {fragment}"));
    is_over(&refused, Limit::Nesting, 1 + 2 * 21);
    for (count, over) in [(9, false), (10, true)] {
        let query = format!(
            "query Q {{thing {{name}}}} query R {{thing {{{}}}}} fragment F on Thing {{{}}}",
            "...F ".repeat(count),
            "name ".repeat(990)
        );
        assert_eq!(admit(&query, json!({})).is_err(), over, "{count}");
    }
}

#[test]
fn selections_are_counted_with_fragments_expanded() {
    // Nothing of it is answered, as the page is empty; yet the validator would walk through all of it. Each fragment
    // counts once by itself, too.
    bounds(Limit::Selections, |count| {
        let fragment = 1_000;
        let spreads = (count - 2 - fragment) / (fragment + 1);
        let rest = count - 3 - fragment - spreads * (fragment + 1);
        format!(
            "{{things(first: 0) {{nodes {{{} {}}}}}}} fragment F on Thing {{{}}}",
            "...F ".repeat(spreads as usize),
            "name ".repeat(rest as usize),
            "name ".repeat(fragment as usize)
        )
    });
}

#[test]
fn nesting_counts_through_fragments() {
    let nested = |depth: u64| {
        format!("{{thing {}{{id}}{}}}", "{parent ".repeat(depth as usize - 2), "}".repeat(depth as usize - 2))
    };
    bounds(Limit::Nesting, nested);
    let inline = |depth: u64| {
        format!("{{thing {{{}id{}}}}}", "... {".repeat(depth as usize - 2), "}".repeat(depth as usize - 2))
    };
    bounds(Limit::Nesting, inline);
    // Two fragments, each of which is shallow.
    let spread = |depth: u64| {
        let rest = depth as usize - 22;
        format!(
            "{{thing {{...F}}}} fragment F on Thing {}{{...G}}{} fragment G on Thing {}{{id}}{}",
            "{parent ".repeat(19),
            "}".repeat(19),
            "{parent ".repeat(rest - 1),
            "}".repeat(rest - 1)
        )
    };
    bounds(Limit::Nesting, spread);
    // A chain that no operation asks for.
    let chain = |depth: u64| {
        let links = times(depth - 1, |at| format!("fragment F{at} on Thing {{...F{}}} ", at + 1));
        format!("{{thing {{id}}}} {links} fragment F{} on Thing {{id}}", depth - 1)
    };
    bounds(Limit::Nesting, chain);
}

#[test]
fn a_fragment_that_spreads_itself_is_named_with_its_place() {
    for (query, names, places) in [
        ("{thing {...A}} fragment A on Thing {parent {...A}}", "`A`", vec![(1, 16)]),
        (
            "{thing {...A}} fragment A on Thing {...B} fragment B on Thing {parent {...C}} fragment C on Thing {...B}",
            "`B`, which spreads `C`",
            vec![(1, 43), (1, 79)],
        ),
        ("{thing {id}} fragment A on Thing {...A}", "`A`", vec![(1, 14)]),
    ] {
        let refused = refusal(query);
        assert_eq!(refused.code, "GRAPHQL_VALIDATION_FAILED");
        assert!(refused.message.starts_with(&format!("fragment {names} spreads itself")), "{refused}");
        assert_eq!(refused.places, places, "{query}");
    }
}

#[test]
fn pages_multiply_what_stands_in_their_lists_only() {
    assert_eq!(cost("{thing {id name}}"), 3);
    assert_eq!(cost("{things(first: 10) {totalCount}}"), 2);
    assert_eq!(cost("{things(first: 10) {totalCount nodes {id name}}}"), 1 + 1 + 1 + 10 * 2);
    assert_eq!(cost("{things(last: 10) {edges {cursor node {id}}}}"), 1 + 1 + 10 * 3);
    assert_eq!(cost("{things {nodes {id}}}"), 2 + 50);
    let facets = "facets(fields: [\"a\", \"b\"]) {missing values {key value}}";
    for first in [0, 100] {
        assert_eq!(cost(&format!("{{things(first: {first}) {{{facets}}}}}")), 1 + 20 + 2 * (1 + 1 + 100 * 2));
    }
    assert_eq!(cost("{things(first: 10) {nodes {parts(first: 4) {nodes {id}}}}}"), 2 + 10 * (2 + 4));
    assert_eq!(cost("{thing {values {key value}}}"), 2 + 5 * 2);
    assert_eq!(cost("{thing {links {thing {id}}}}"), 2 + 5 * 2);
    assert_eq!(cost("{thing {links {thing {links {url}}}}}"), 2 + 50 * (2 + 5));
    assert_eq!(cost("{thing {links {thing {parts(first: 7) {nodes {id}}}}}}"), 2 + 50 * (3 + 7));
    assert_eq!(cost("{things(first: 10) {nodes {links {url}}}}"), 2 + 10 * (1 + 5));
    assert_eq!(cost("{thing {manifest}}"), 1 + 20);
    assert_eq!(cost("{nodes(ids: [\"a\", \"b\", \"c\"]) {id}}"), 1 + 3);
    assert_eq!(cost("{nodes(ids: \"a\") {id}}"), 1 + 1);
    assert_eq!(cost("subscription {changes {... on Changed {upserted {id name}}}}"), 2 + 2);
    assert_eq!(cost("{nothing {nodes {id}} ...None}"), 3);
}

#[test]
fn pages_are_as_large_as_fragments_and_variables_make_them() {
    let page = "{things(first: $n) {...F}} fragment F on ThingConnection {nodes {...G}} fragment G on Thing {id name}";
    for (head, variables, items) in [
        ("($n: Int)", json!({"n": 7}), 7),
        ("($n: Int = 7)", json!({}), 7),
        ("($n: Int = 7)", json!({"n": 9}), 9),
        ("($n: Int = 7)", json!({"n": null}), 50),
        ("($n: Int)", json!({}), 50),
        ("($n: Int = null)", json!({}), 50),
        ("($n: Int)", json!({"n": 0}), 0),
        // What the field will refuse.
        ("($n: Int)", json!({"n": -1}), 0),
        ("($n: Int)", json!({"n": u64::MAX}), 100),
        ("($n: Int)", json!({"n": 1e300}), 100),
        ("($n: Int)", json!({"n": "many"}), 100),
    ] {
        let found = admit(&format!("query Q{head} {page}"), variables.clone()).unwrap();
        assert_eq!(found, 2 + items * 2, "{head} {variables}");
    }
    assert_eq!(cost("{things(first: null) {nodes {id}}}"), 2 + 50);
    assert_eq!(cost("{things(first: 3, last: 8) {nodes {id}}}"), 2 + 8);
    let listed = "query Q($ids: [ID!]! = [\"a\", \"b\"]) {nodes(ids: $ids) {id}}";
    assert_eq!(cost(listed), 1 + 2);
    assert_eq!(admit(listed, json!({"ids": ["a", "b", "c"]})).unwrap(), 1 + 3);
    assert_eq!(admit(listed, json!({"ids": "a"})).unwrap(), 1 + 1);
    assert_eq!(admit(listed, json!({"ids": vec!["a"; 100]})).unwrap(), 1 + 10 + 100);
}

#[test]
fn cost_is_bounded_by_every_way() {
    // 99 items of 101 fields and one more, then one field more than the limit.
    let fields = |count: u64| "name ".repeat(count as usize);
    let rest = |count: u64| fields(count - 9_903);
    let document = |page: &str, item: &str, count: u64| format!("{{{page} thing {{{}}}}} {item}", rest(count));
    let item = fields(100);
    let fragment = format!("fragment F on Thing {{{item}}}");
    let spread = format!("fragment P on ThingConnection {{nodes {{...F}}}} {fragment}");
    bounds(Limit::Cost, |count| document(&format!("things(first: 99) {{nodes {{{item}}}}}"), "", count));
    bounds(Limit::Cost, |count| {
        document(&format!("things(first: 99) {{nodes {{... on Thing {{{item}}}}}}}"), "", count)
    });
    bounds(Limit::Cost, |count| document("things(first: 99) {...P}", &spread, count));
    bounds(Limit::Cost, |count| {
        format!("query Q($n: Int = 99) {}", document("things(last: $n) {...P}", &spread, count))
    });
    bounds(Limit::Cost, |count| {
        // The same page three times, a third of the items each.
        document("things(first: 33) {...P} things(first: 33) {...P} things(first: 33) {...P}", &spread, count - 4)
    });
    let nested = "{things(first: 100) {nodes {parts(first: 100) {nodes {parts(first: 100) {nodes {id}}}}}}}";
    is_over(&refusal(nested), Limit::Cost, 2 + 100 * (2 + 100 * (2 + 100)));
}

#[test]
fn a_bomb_of_fragments_is_counted_without_being_expanded() {
    for (width, depth) in [(2, 14), (4, 14), (10, 14), (2, 30), (4, 30), (10, 30)] {
        let links =
            times(depth, |at| format!("fragment F{at} on Thing {{{}}} ", times(width, |_| format!("...F{} ", at + 1))));
        let refused = refusal(&format!("{{thing {{...F0}}}} {links} fragment F{depth} on Thing {{id}}"));
        assert_eq!(refused.code, "LIMIT_EXCEEDED", "{width} {depth}: {refused}");
    }
    let saturating =
        times(29, |at| format!("fragment F{at} on Thing {{{}}} ", times(9, |_| format!("...F{} ", at + 1))));
    assert!(
        refusal(&format!("{{thing {{...F0}}}} {saturating} fragment F29 on Thing {{id}}"))
            .message
            .contains("selections")
    );
}

#[test]
fn variables_have_bounded_bytes_and_nesting() {
    let query = "query Q($a: [String!]) {thing {values(keys: $a) {key}}}";
    let nested = |depth: u64| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    let most = Limit::VariableNesting.most();
    assert!(admit(query, json!({"a": nested(most)})).is_ok());
    is_over(&admit(query, json!({"b": nested(most + 1)})).unwrap_err(), Limit::VariableNesting, most + 1);
    assert!(admit(query, json!({"b": nested(2_000)})).is_err());
    let most = Limit::VariableBytes.most();
    // The name, and the quotes.
    let text = |bytes: u64| json!({"b": "x".repeat(bytes as usize - 3)});
    assert!(admit(query, text(most)).is_ok());
    is_over(&admit(query, text(most + 1)).unwrap_err(), Limit::VariableBytes, most + 1);
}

#[test]
fn a_large_argument_weighs_as_often_as_it_is_copied() {
    let query = "query Q($a: [String!]) {things(first: 100) {nodes {values(keys: $a) {key}}}}";
    assert_eq!(admit(query, json!({"a": ["x", "y"]})).unwrap(), 2 + 100 * 6);
    assert_eq!(admit(query, json!({"a": vec!["x"; 200]})).unwrap(), 2 + 100 * (6 + 20));
    is_over(&admit(query, json!({"a": vec!["x"; 1000]})).unwrap_err(), Limit::Cost, 2 + 100 * (6 + 102));
    is_over(&admit(query, json!({"a": ["x".repeat(102_400)]})).unwrap_err(), Limit::Cost, 2 + 100 * (6 + 100));
}

#[test]
fn introspection_goes_round_twice_at_most() {
    let round = |count: u64| {
        let rounds = count as usize - 1;
        format!("{{__schema {{types {{fields {{{}name{}}}}}}}}}", "type {fields {".repeat(rounds), "}}".repeat(rounds))
    };
    bounds(Limit::Introspection, round);
    let spread = "{__type(name: \"Thing\") {...T}} fragment T on __Type {fields {type {...I}}} \
                  fragment I on __Type {interfaces {possibleTypes {name}}}";
    is_over(&refusal(spread), Limit::Introspection, 3);
    // A name is no way around it.
    for query in ["query __schema {__schema {...F}}", "query Q {__schema {...F}}"] {
        let query = format!(
            "{query} fragment F on __Schema {{types {{fields {{type {{fields {{type {{fields {{name}}}}}}}}}}}}}}"
        );
        is_over(&refusal(&query), Limit::Introspection, 3);
    }
}

#[test]
fn two_fields_under_one_name_are_refused_at_the_first_place() {
    for (query, places) in [
        ("{thing {a: id a: name}}", vec![(1, 9), (1, 15)]),
        ("{thing {values(keys: []) {key} values {key}}}", vec![(1, 9), (1, 32)]),
        ("{thing {values(keys: [\"a\"]) {key} values(keys: [\"b\"]) {key}}}", vec![(1, 9), (1, 35)]),
        ("{thing {... on Thing {a: id} ...F}} fragment F on Thing {a: name}", vec![(1, 23), (1, 58)]),
    ] {
        let refused = refusal(query);
        assert_eq!((refused.code, refused.places), ("GRAPHQL_VALIDATION_FAILED", places), "{query}");
    }
    assert_eq!(cost("{thing {id id ... on Thing {id} ... on Other {a: id} ... on Thing {a: name}}}"), 6);
}
