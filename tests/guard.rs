//! Documents made to hurt: each is refused with its limit, or answered, and the server answers the next one.

use serde_json::{Value, json};

use crate::{
    app::{App, Database, component},
    transport::OF_QUERIES,
};

/// What tools send to learn the whole schema.
const INTROSPECTION: &str = "
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
    }";

async fn app() -> App {
    // Part of itself, so that a document can go down as far as it may.
    let component = component("a", "  subcomponentOf: a\n");
    App::started(Database::Sqlite, &[("catalog/a.yaml", &component)]).await
}

/// It is refused before anything runs, with this code and these words, and the server is still there.
async fn refuses(app: &App, query: &str, variables: Value, code: &str, words: &str) {
    let start: String = query.chars().take(120).collect();
    let answer = app.answer(query, variables).await;
    assert!(answer.get("data").is_none(), "{start}: {answer}");
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], code, "{start}: {answer}");
    assert!(error["message"].as_str().unwrap().contains(words), "{start}: {answer}");
    assert!(answer["errors"].as_array().unwrap().len() <= 20, "{start}: {answer}");
    assert!(app.data("{catalogRevision}").await["catalogRevision"].is_i64());
}

async fn limits(app: &App, query: &str, words: &str) {
    refuses(app, query, json!({}), "LIMIT_EXCEEDED", words).await;
}

/// Fragments each of which spreads the next some times.
fn bomb(width: usize, depth: usize) -> String {
    let links: String = (0..depth)
        .map(|at| format!("fragment F{at} on Query {{{}}} ", format!("...F{} ", at + 1).repeat(width)))
        .collect();
    format!("{{...F0}} {links} fragment F{depth} on Query {{catalogRevision}}")
}

#[tokio::test]
async fn deep_texts_are_refused_whatever_they_nest() {
    let app = app().await;
    let nested = |before: &str, open: &str, close: &str, after: &str, depth: usize| {
        format!("{before}{}{}{after}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [33, 1_900] {
        limits(&app, &nested("{entity(ref:", "[", "]", "){name}}", depth), "nested").await;
        limits(&app, &nested("query($a:", "[", "]", "){catalogRevision}", depth), "nested").await;
    }
    for depth in [33, 900] {
        limits(&app, &nested("{entity(ref:", "{a:", "}", "){name}}", depth), "nested").await;
        limits(&app, &nested("", "{a", "}", "", depth), "nested").await;
        limits(&app, &nested("{", "...{", "}", "}", depth), "nested").await;
    }
    for (before, open) in [("{entity(ref:", "["), ("{entity(ref:", "{a:"), ("query($a:", "["), ("", "{a")] {
        for depth in [2_000, 3_000, 6_000] {
            limits(&app, &nested(before, open, "", "", depth), "the limit is").await;
        }
        limits(&app, &nested(before, open, "", "", 100_000), "bytes; the limit is 15000").await;
    }
}

#[tokio::test]
async fn bombs_of_fragments_are_refused_and_others_are_answered_beside_them() {
    let app = app().await;
    for (width, depth) in [(2, 14), (4, 14), (10, 14), (2, 30), (4, 30), (10, 30)] {
        limits(&app, &bomb(width, depth), "with its fragments expanded").await;
    }
    let bomb = bomb(4, 14);
    for _ in 0..20 {
        let bombs = (app.answer(&bomb, json!({})), app.answer(&bomb, json!({})), app.answer(&bomb, json!({})));
        let (first, second, third, data) = tokio::join!(bombs.0, bombs.1, bombs.2, app.data("{catalogRevision}"));
        assert!(data["catalogRevision"].is_i64());
        for answer in [first, second, third] {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{answer}");
        }
    }
    let circle = "{...A} fragment A on Query {...B} fragment B on Query {catalogRevision ...A}";
    refuses(&app, circle, json!({}), "GRAPHQL_VALIDATION_FAILED", "`A`, which spreads `B` spreads itself").await;
}

#[tokio::test]
async fn many_of_anything_are_refused() {
    let app = app().await;
    let aliases: String = (0..101).map(|at| format!("a{at}: __typename ")).collect();
    limits(&app, &format!("{{entity(ref: \"component:a\") {{{aliases}}}}}"), "101 aliases").await;
    limits(&app, &format!("{{{aliases}}}"), "101 root fields").await;
    limits(&app, &format!("{{{}}}", "__typename ".repeat(500)), "500 root fields").await;
    let operations = |count: usize| -> String { (0..count).map(|at| format!("query q{at}{{a}}")).collect() };
    limits(&app, &operations(3_000), "bytes").await;
    limits(&app, &"{a}".repeat(3_000), "9000 tokens").await;
    let body = json!({"query": operations(51), "operationName": "q1"}).to_string();
    let request = app.client().post(app.url("/graphql")).header("content-type", "application/json").body(body);
    let answer = request.send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("the document has 51 operations; the limit is 50"), "{answer}");
    let twice = "{catalogRevision @aa @aa @aa @aa @aa @aa @aa @aa @aa @aa}";
    refuses(&app, twice, json!({}), "GRAPHQL_VALIDATION_FAILED", "`@aa` stands here twice").await;
    let unknown: String = (0..50).map(|at| format!("f{at} ")).collect();
    refuses(&app, &format!("{{{unknown}}}"), json!({}), "GRAPHQL_VALIDATION_FAILED", "Unknown field").await;
    let conflict =
        format!("{{entity(ref: \"component:a\") {{annotations(keys: []) {{key}} {}}}}}", "annotations ".repeat(3_000));
    limits(&app, &conflict, "bytes").await;
    let conflict = format!("{{a({}) {}}}", "x: 1 ".repeat(30), "a ".repeat(45));
    refuses(&app, &conflict, json!({}), "GRAPHQL_VALIDATION_FAILED", "to be answered as `a`").await;
}

#[tokio::test]
async fn pages_multiply_through_fragments_variables_and_defaults() {
    let app = app().await;
    let inner = "{nodes {relations(first: 100) {nodes {target {ref}}}}}";
    for page in ["100", "99"] {
        limits(&app, &format!("{{entities(first: {page}) {inner}}}"), "the operation costs").await;
        limits(&app, &format!("query($n: Int = {page}) {{entities(last: $n) {inner}}}"), "the operation costs").await;
    }
    let query = "query($n: Int) {entities(first: $n) {...A}} fragment A on EntityConnection {nodes {...B ...B}} \
                 fragment B on Entity {relations(first: $n) {totalCount nodes {type}}}";
    refuses(&app, query, json!({"n": 100}), "LIMIT_EXCEEDED", "the operation costs 22402; the limit is 10000").await;
    let answer = app.answer(query, json!({"n": 10})).await;
    assert_eq!(answer["extensions"]["cost"], json!({"asked": 2 + 10 * 2 * (10 + 2 + 10), "limit": 10_000}), "{answer}");
    assert!(answer.get("errors").is_none(), "{answer}");
    let data = app.data("{server {limits {cost depth}}}").await;
    assert_eq!(data["server"]["limits"], json!({"cost": 10_000, "depth": 32}));
    // A name is no way around it.
    for query in [
        format!("query __schema {{entities(first: 100) {inner}}}"),
        format!("{{...__schema}} fragment __schema on Query {{entities(first: 100) {inner}}}"),
    ] {
        limits(&app, &query, "the operation costs").await;
    }
    // A list that does not say how long it is, inside another one.
    let (down, up) = ("declaredRelations {target {".repeat(4), "}}".repeat(4));
    limits(&app, &format!("{{entity(ref: \"component:a\") {{{down}name{up}}}}}"), "the operation costs").await;
    // Those of a list that the caller gives.
    let ids = vec!["x"; 100];
    let query = format!("query($ids: [ID!]!) {{nodes(ids: $ids) {{{}}}}}", "id ".repeat(100));
    refuses(&app, &query, json!({"ids": ids}), "LIMIT_EXCEEDED", "the operation costs 10011").await;
}

#[tokio::test]
async fn variables_are_bounded_apart_from_the_text() {
    let app = app().await;
    let query = "query($keys: [String!]) {entity(ref: \"component:a\") {annotations(keys: $keys) {key}}}";
    let answer = app.answer(query, json!({"keys": ["x".repeat(500_000)]})).await;
    assert_eq!(answer["data"]["entity"]["annotations"], json!([]), "{answer}");
    let deep = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    let answer = app.answer("{catalogRevision}", json!({"a": deep(32)})).await;
    assert!(answer["data"]["catalogRevision"].is_i64(), "{answer}");
    refuses(&app, "{catalogRevision}", json!({"a": deep(33)}), "LIMIT_EXCEEDED", "a variable is nested 33 deep").await;
    let many: serde_json::Map<String, Value> = (0..10_000).map(|at| (format!("k{at}"), json!(at))).collect();
    let answer = app.answer("{catalogRevision}", Value::Object(many)).await;
    assert!(answer["data"]["catalogRevision"].is_i64(), "{answer}");
    let uses = format!(
        "query($keys: [String!]) {{entity(ref: \"component:a\") {{{}}}}}",
        "annotations(keys: $keys) {key} ".repeat(300)
    );
    refuses(&app, &uses, json!({"keys": vec![""; 250_000]}), "LIMIT_EXCEEDED", "selections and arguments").await;
}

#[tokio::test]
async fn strange_characters_and_numbers_are_refused_or_read() {
    let app = app().await;
    for (query, code, words) in [
        ("{catalogRevision\0}", "GRAPHQL_PARSE_FAILED", "U+0000"),
        ("{catalogRevision \u{1F600}}", "GRAPHQL_PARSE_FAILED", "U+1F600"),
        ("{entity(ref: \"\\uD800\") {ref}}", "GRAPHQL_PARSE_FAILED", ""),
        ("{entity(ref: \"component:a) {ref}}", "GRAPHQL_PARSE_FAILED", "this string does not end"),
        ("{entities(first: 1e999) {totalCount}}", "GRAPHQL_PARSE_FAILED", "number"),
        ("", "GRAPHQL_PARSE_FAILED", ""),
        ("# [[[", "GRAPHQL_PARSE_FAILED", ""),
    ] {
        refuses(&app, query, json!({}), code, words).await;
    }
    let data = app.data("\u{feff}{\u{feff}catalogRevision} # \u{0} \u{1F600}").await;
    assert!(data["catalogRevision"].is_i64(), "{data}");
    let answer = app.answer("{entities(first: 9007199254740993) {totalCount}}", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    for body in [
        b"{\"query\": \"{catalogRevision \xff}\"}".as_slice(),
        b"{\"query\": \"{catalogRevision \\ud800}\"}",
        b"{\"query\": \"{catalogRevision}\", \"variables\": {\"a\": 1e999}}",
        &[b"{\"query\": \"{catalogRevision}\", \"variables\": {\"a\": ".as_slice(), &[b'['; 100_000]].concat(),
    ] {
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
        let answer = request.body(body.to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
}

#[tokio::test]
async fn long_block_strings_are_refused_or_read() {
    let app = app().await;
    let query = |spaces: usize| format!("{{entity(ref: \"\"\"\n{}component:a\n\"\"\") {{name}}}}", " ".repeat(spaces));
    limits(&app, &query(1 << 19), "bytes").await;
    assert_eq!(app.data(&query(14_000)).await["entity"]["name"], "a");
}

#[tokio::test]
async fn the_whole_schema_can_be_asked_for_but_not_round_and_round() {
    let app = app().await;
    let data = app.data(INTROSPECTION).await;
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 40);
    let round = |times: usize| {
        let (open, close) = ("fields {type {".repeat(times), "}}".repeat(times));
        format!("{{__schema {{types {{{open}name{close}}}}}}}")
    };
    app.data(&round(2)).await;
    limits(&app, &round(4), "introspection goes through 4 lists of types; the limit is 2").await;
}

#[tokio::test]
async fn the_deepest_document_that_is_accepted_is_answered() {
    let app = app().await;
    let hops = 15;
    let (down, up) = ("{... on Component {subcomponentOf ".repeat(hops), "}}".repeat(hops));
    let query = format!("{{entity(ref: \"component:a\") {down}{{name}}{up}}}");
    let expected = (0..hops).fold(json!({"name": "a"}), |below, _| json!({"subcomponentOf": below}));
    assert_eq!(app.data(&query).await["entity"], expected);
    let list = format!("{{entity(ref: {}\"a\"{}) {{ref}}}}", "[".repeat(30), "]".repeat(30));
    refuses(&app, &list, json!({}), "GRAPHQL_VALIDATION_FAILED", "ref").await;
    let types = format!("query($a: {}Int{}) {{catalogRevision}}", "[".repeat(31), "]".repeat(31));
    refuses(&app, &types, json!({}), "GRAPHQL_VALIDATION_FAILED", "$a").await;
}

/// For each limit a document that is just within it, written out and through fragments, variables and defaults, and one just
/// beyond.
fn edges() -> Vec<(&'static str, [(String, Value); 2])> {
    let none = || json!({});
    let both = |make: &dyn Fn(usize) -> String, limit: usize| [(make(limit), none()), (make(limit + 1), none())];
    let ids = |count: usize| "id ".repeat(count);
    let within = |inner: &str| format!("{{entity(ref: \"component:a\") {{{inner}}}}}");
    let fragment = |inner: &str| format!("{{entity(ref: \"component:a\") {{...F}}}} fragment F on Entity {{{inner}}}");
    let nested = |depth: usize| format!("{}id{}", "...{".repeat(depth), "}".repeat(depth));
    let aliases = |count: usize| (0..count).map(|at| format!("a{at}: id ")).collect::<String>();
    let directives = |count: usize| "id @skip(if: false) ".repeat(count);
    let costly = |page: &str, more: usize| {
        format!("entities({page}) {{nodes {{{}}}}} entity(ref: \"component:a\") {{{}}}", ids(99), ids(more))
    };
    let of_variable =
        |count: i64, more: usize| (format!("query($n: Int) {{{}}}", costly("first: $n", more)), json!({"n": count}));
    vec![
        ("bytes", both(&|bytes| format!("{{__typename}}{}", " ".repeat(bytes - 12)), 15_000)),
        ("tokens", both(&|tokens| within(&ids(tokens - 10)), 4_000)),
        ("nesting", both(&|depth| within(&nested(depth - 2)), 32)),
        // The fragment nests once more where it is spread.
        ("nesting in a fragment", both(&|depth| fragment(&nested(depth - 3)), 32)),
        ("aliases", both(&|count| within(&aliases(count)), 30)),
        ("aliases in a fragment", both(&|count| fragment(&aliases(count)), 30)),
        ("directives", both(&|count| within(&directives(count)), 50)),
        ("directives in a fragment", both(&|count| fragment(&directives(count)), 50)),
        ("cost", both(&|cost| format!("{{{}}}", costly("first: 100", cost - 9_903)), 10_000)),
        ("cost of a variable", [of_variable(100, 97), of_variable(100, 98)]),
        (
            "cost of a default",
            both(&|cost| format!("query($n: Int = 100) {{{}}}", costly("first: $n", cost - 9_903)), 10_000),
        ),
        (
            "cost in a fragment",
            both(&|cost| format!("{{...F}} fragment F on Query {{{}}}", costly("last: 100", cost - 9_903)), 10_000),
        ),
        ("root fields", both(&|count| format!("{{{}}}", "__typename ".repeat(count)), 50)),
    ]
}

#[tokio::test]
async fn each_limit_holds_on_each_way_in() {
    let app = app().await;
    for (what, [(at, given), (above, more)]) in edges() {
        for transport in OF_QUERIES {
            let answer = transport.ask(&app, None, &at, &given).await;
            assert!(answer.get("errors").is_none() && answer["data"].is_object(), "{what} by {transport:?}: {answer}");
            let answer = transport.ask(&app, None, &above, &more).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED",
                "{what} by {transport:?}: {answer}"
            );
            assert!(answer.get("data").is_none(), "{what} by {transport:?}: {answer}");
        }
    }
}
