//! Readings of locations, followed; and which server reads them.

use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, Database, component},
    sockets::Socket,
    web::Web,
};

const SYNCS: &str = "subscription($id: ID, $after: Cursor) {locationSyncs(locationId: $id, after: $after) {
    __typename ... on StreamEvent {cursor at} ... on StreamReset {reason}
    ... on LocationSyncChanged {sync {id state stage cause added changed removed revision location {target} endedAt}}}}";
const REGISTER: &str = "mutation($input: RegisterLocationInput!) {registerLocation(input: $input) {location {id} sync {id state} userErrors {message}}}";
const REFRESH: &str = "mutation($input: RefreshLocationInput!) {refreshLocation(input: $input) {sync {id state added changed removed unchanged revision}}}";

struct Readings(Socket);

impl Readings {
    async fn follow(app: &App, location: Option<&Value>, after: Option<&Value>) -> Self {
        let mut socket = Socket::ready(app).await;
        socket.subscribe("1", json!({"query": SYNCS, "variables": {"id": location, "after": after}})).await;
        Self(socket)
    }

    async fn next(&mut self) -> Value {
        let mut message = self.0.message().await;
        assert!(message["type"] == "next" && message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"]["locationSyncs"].take()
    }

    async fn synced(&mut self) -> Value {
        let event = self.next().await;
        assert_eq!(event["__typename"], "StreamSynced", "{event}");
        event["cursor"].clone()
    }

    /// What is told until a reading has ended.
    async fn ended(&mut self, id: &Value) -> Value {
        loop {
            let event = self.next().await;
            if &event["sync"]["id"] == id && !event["sync"]["endedAt"].is_null() {
                return event;
            }
        }
    }
}

async fn register(app: &App, web: &Web, path: &str, wait: &str) -> Value {
    let input = json!({"input": {"target": web.url(path), "wait": wait}});
    app.run(REGISTER, input).await["registerLocation"].take()
}

async fn refresh(app: &App, id: &Value) -> Value {
    let input = json!({"input": {"locationId": id, "wait": "PT25S"}});
    app.run(REFRESH, input).await["refreshLocation"]["sync"].take()
}

#[tokio::test]
async fn readings_are_told_while_they_go_on_and_those_at_work_come_first() {
    for database in BOTH {
        let web = Web::start().await;
        web.write("/a.yaml", &component("a", ""));
        let mut app = App::new(database).await;
        app.configure_with(&web.allowed(), "locations: []");
        app.start().await;
        let mut all = Readings::follow(&app, None, None).await;
        all.synced().await;
        let done = register(&app, &web, "/a.yaml", "PT20S").await;
        let first = all.ended(&done["sync"]["id"]).await;
        let sync = &first["sync"];
        assert_eq!((&sync["state"], &sync["added"], &sync["stage"]), (&json!("SUCCEEDED"), &json!(1), &json!("ENDED")));
        assert_eq!(sync["location"]["target"], web.url("/a.yaml"));
        assert!(sync["revision"].is_i64(), "{sync}");

        // One that waits for its server is told to who comes meanwhile.
        let gate = web.hold();
        let input = json!({"input": {"locationId": done["location"]["id"]}});
        let asked = app.run(REFRESH, input).await["refreshLocation"]["sync"].take();
        let mut late = Readings::follow(&app, Some(&done["location"]["id"]), None).await;
        let at_work = late.next().await;
        assert_eq!((&at_work["sync"]["id"], &at_work["sync"]["state"]), (&asked["id"], &json!("RUNNING")), "{at_work}");
        let mut other = Readings::follow(&app, Some(&json!("bA")), None).await;
        let refused = other.0.message().await["payload"]["errors"][0].take();
        assert_eq!(refused["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
        gate.notify_one();
        let ended = late.ended(&asked["id"]).await;
        assert_eq!(ended["sync"]["state"], "SUCCEEDED");

        // Who was away learns how what it missed stands.
        app.kill();
        app.start().await;
        let mut again = Readings::follow(&app, None, Some(&first["cursor"])).await;
        assert_eq!(again.ended(&asked["id"]).await["sync"], ended["sync"], "{database:?}");
    }
}

async fn two(web: &Web) -> (App, App) {
    let mut first = App::new(Database::Postgres).await;
    let mut second = first.beside();
    for app in [&mut first, &mut second] {
        app.configure_with(&web.allowed(), "locations: []");
        app.start().await;
    }
    (first, second)
}

#[tokio::test]
async fn whoever_is_asked_one_server_reads_and_the_log_holds_one_row_for_each_change() {
    let web = Web::start().await;
    web.write("/a.yaml", &component("a", ""));
    let (first, second) = two(&web).await;
    let done = register(&second, &web, "/a.yaml", "PT20S").await;
    assert_eq!(done["sync"]["state"], "SUCCEEDED", "{done}");
    let id = &done["location"]["id"];
    let mut readings = Readings::follow(&second, Some(id), None).await;
    readings.synced().await;
    let before = web.requests();
    let mut changed = 0;
    for round in 0..10 {
        if round % 3 == 0 {
            web.write("/a.yaml", &component("a", &format!("  system: s{round}\n")));
        }
        let app = if round % 2 == 0 { &first } else { &second };
        let sync = refresh(app, id).await;
        assert_eq!(
            (&sync["state"], &sync["changed"]),
            (&json!("SUCCEEDED"), &json!(i32::from(round % 3 == 0))),
            "{round}"
        );
        changed += sync["changed"].as_i64().unwrap();
        readings.ended(&sync["id"]).await;
    }
    assert_eq!(web.requests() - before, 10, "each was read once");
    let rows = "select count(*) from plinth.catalog_log where ref = 'component:default/a' and before is not null";
    let (rows,): (i64,) = sqlx::query_as(rows).fetch_one(&mut first.connect().await).await.unwrap();
    assert_eq!((rows, changed), (4, 4));
    let readers = "select count(*) from plinth.lease";
    let (readers,): (i64,) = sqlx::query_as(readers).fetch_one(&mut first.connect().await).await.unwrap();
    assert_eq!(readers, 1);
}

/// The configuration that lets a server read the files in the folder of one.
fn files_of(app: &App) -> String {
    let target = app.folder.path().join("catalog/*.yaml");
    format!("locations: [{{type: file, target: '{}'}}]", target.display())
}

/// Writes a file of its own again and again, and asks each time for all to be read: what it has written must be there.
async fn write_and_refresh(writer: &App, asked: &App, id: &Value, name: &str) {
    for round in 0..12 {
        let title = format!("{name} {round}");
        let document = component(name, "").replace("spec:", &format!("  title: {title}\nspec:"));
        writer.write(&format!("catalog/{name}.yaml"), &document);
        let sync = refresh(asked, id).await;
        assert_eq!(sync["state"], "SUCCEEDED", "{title}: {sync} {}", asked.log());
        let data = asked.data(&format!("{{entity(ref: \"component:{name}\") {{title}}}}")).await;
        assert_eq!(data["entity"]["title"], title, "{sync} {}", asked.log());
    }
}

#[tokio::test]
async fn whoever_asks_for_a_reading_sees_what_was_written_before_however_many_ask_at_once() {
    for database in BOTH {
        let mut first = App::new(database).await;
        first.write("catalog/c0.yaml", &component("c0", ""));
        let files = files_of(&first);
        let mut second = matches!(database, Database::Postgres).then(|| first.beside());
        for app in std::iter::once(&mut first).chain(&mut second) {
            app.configure(&files);
            app.start().await;
        }
        let id = first.data("{locations(first: 1) {nodes {id}}}").await["locations"]["nodes"][0]["id"].take();
        let servers: Vec<&App> = std::iter::once(&first).chain(&second).collect();
        let names: Vec<String> = (0..6).map(|it| format!("c{it}")).collect();
        let all = names.iter().zip(servers.iter().cycle());
        futures_util::future::join_all(all.map(|(name, asked)| write_and_refresh(&first, asked, &id, name))).await;
    }
}

#[tokio::test]
async fn when_the_server_that_reads_is_killed_another_reads_on() {
    let mut first = App::new(Database::Postgres).await;
    let mut others = [first.beside(), first.beside()];
    first.write("catalog/a.yaml", &component("a", ""));
    let files = files_of(&first);
    for app in std::iter::once(&mut first).chain(&mut others) {
        app.configure(&files);
        app.start().await;
    }
    let has = async |app: &App, name: &str| {
        app.data(&format!("{{entity(ref: \"component:{name}\") {{ref}}}}")).await["entity"].is_object()
    };
    first.kill();
    first.write("catalog/b.yaml", &component("b", ""));
    let [second, third] = &mut others;
    second.until("another server has read it", async |app| has(app, "b").await).await;
    third.until("and all see it", async |app| has(app, "b").await).await;
    let reads = |app: &App| app.log().matches("this server reads the locations").count();
    assert_eq!(reads(second) + reads(third), 1);

    // One that ends as it should lets the next one read at once.
    let (reader, other) = if reads(second) == 1 { (second, third) } else { (third, second) };
    reader.stop();
    first.write("catalog/c.yaml", &component("c", ""));
    other.until("the last one has read it", async |app| has(app, "c").await).await;
}
