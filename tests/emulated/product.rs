//! The server on this GitHub. Each module says who answers it: the emulator, the proxy, or a fault.

mod apps;
mod discovery;
mod faults;
mod kills;
mod limits;
mod locations;
mod many;
mod people;
mod webhooks;

use serde_json::{Value, json};

use super::{Delivery, GitHub, ORGANIZATION, Repository, TOKEN};
use crate::app::{App, Database, component};

/// What signs webhooks.
const SECRET: &str = "secret-of-the-webhook";

/// So long nothing is read of its own accord while a test runs.
const NEVER: &str = "PT10H";

const REFRESH: &str = "mutation($id: ID!) {refreshLocation(input: {locationId: $id, wait: \"PT25S\"}) \
                       {sync {state unchanged changed} userErrors {message}}}";

/// What the configuration says of a GitHub.
struct Configured<'g> {
    github: &'g GitHub,
    /// The keys of the integration that tell who asks.
    who: String,
    locations: Vec<String>,
    /// The keys under `catalog.providers`.
    providers: Vec<String>,
    /// From one reading to the next: of locations, and of providers.
    interval: &'static str,
    frequency: &'static str,
}

// === impl Configured ===

impl<'g> Configured<'g> {
    /// Asks by the token, and reads nothing.
    fn of(github: &'g GitHub) -> Self {
        let who = format!("token: {TOKEN}");
        Self { github, who, locations: Vec::new(), providers: Vec::new(), interval: NEVER, frequency: NEVER }
    }

    fn who(mut self, keys: &str) -> Self {
        keys.clone_into(&mut self.who);
        self
    }

    fn location(mut self, target: &str) -> Self {
        self.locations.push(format!("{{type: url, target: '{target}'}}"));
        self
    }

    /// Locations are read again after this time; until then only on demand.
    fn interval(mut self, interval: &'static str) -> Self {
        self.interval = interval;
        self
    }

    /// The same for the providers that are named after this.
    fn frequency(mut self, frequency: &'static str) -> Self {
        self.frequency = frequency;
        self
    }

    /// Finds files in the organisation's repositories, by these further keys.
    fn discovery(mut self, more: &str) -> Self {
        let (host, frequency) = (self.github.host(), self.frequency);
        let keys = format!("host: '{host}', organization: {ORGANIZATION}, schedule: {{frequency: {frequency}}}{more}");
        self.providers.push(format!("github: {{acme: {{{keys}}}}}"));
        self
    }

    /// Finds the organisation's people and teams.
    fn people(mut self) -> Self {
        let (url, frequency) = (self.github.url(), self.frequency);
        let keys =
            format!("id: acme, githubUrl: '{url}', orgs: [{ORGANIZATION}], schedule: {{frequency: {frequency}}}");
        self.providers.push(format!("githubOrg: {{{keys}}}"));
        self
    }

    fn write(&self, app: &App) {
        let Self { github, who, locations, providers, interval, frequency: _ } = self;
        app.configure(&format!("locations: [{}]\n  processingInterval: {interval}", locations.join(", ")));
        let (host, url) = (github.host(), github.url());
        let text = format!(
            "integrations:\n  github: [{{host: '{host}', apiBaseUrl: '{url}', {who}}}]\nevents: {{modules: {{github: \
             {{webhookSecret: {SECRET}}}}}}}\ncatalog:\n  providers: {{{}}}\n",
            providers.join(", ")
        );
        app.write("app-config.local.yaml", &text);
    }

    /// A server that has read all of it.
    async fn start(&self, database: Database) -> App {
        let mut app = App::new(database).await;
        self.write(&app);
        app.start().await;
        app
    }
}

/// A repository with a component of its own name.
fn service(name: &str) -> Repository {
    Repository::new(name).file("catalog-info.yaml", &component(name, ""))
}

/// Writes a component to a repository's `catalog-info.yaml`.
async fn commit(github: &GitHub, repository: &str, name: &str) -> Delivery {
    github.commit(repository, "main", &[("catalog-info.yaml", Some(&component(name, "")))]).await
}

/// A new repository with a component of its own name.
async fn create(github: &GitHub, name: &str) -> Delivery {
    let created = github.create(name).await;
    commit(github, name, name).await;
    created
}

/// The names of all components, in order.
async fn components(app: &App) -> Vec<String> {
    let query = "query($after: String) {entities(filter: {kind: {eq: \"Component\"}}, first: 100, after: $after) \
                 {nodes {name} pageInfo {hasNextPage endCursor}}}";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = app.run(query, json!({"after": after})).await["entities"].take();
        names.extend(page["nodes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            names.sort();
            return names;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The codes of all problems.
async fn problems(app: &App) -> Vec<String> {
    let data = app.data("{catalogProblems {nodes {code}}}").await;
    let nodes = data["catalogProblems"]["nodes"].as_array().unwrap();
    nodes.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

/// What the first problem says.
async fn problem(app: &App) -> String {
    let data = app.data("{catalogProblems {nodes {message}}}").await;
    data["catalogProblems"]["nodes"][0]["message"].as_str().unwrap_or_default().to_owned()
}

async fn revision(app: &App) -> Value {
    app.data("{catalogRevision}").await["catalogRevision"].take()
}

/// The ids of the locations of a type.
async fn locations(app: &App, kind: &str) -> Vec<Value> {
    let data = app.data(&format!("{{locations(filter: {{type: {kind}}}, first: 100) {{nodes {{id}}}}}}")).await;
    data["locations"]["nodes"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect()
}

/// Reads a location to the end; gives the reading.
async fn refresh(app: &App, location: &Value) -> Value {
    let mut refreshed = app.run(REFRESH, json!({"id": location})).await["refreshLocation"].take();
    assert_eq!(refreshed["userErrors"], json!([]));
    refreshed["sync"].take()
}

/// Sends a webhook, again where it could not be queued within the second that GitHub is answered in.
async fn send(app: &App, delivery: &Delivery, secret: &str) -> (u16, Value) {
    for _ in 0..20 {
        let answer = delivery.send(app.client(), &app.url("/webhooks/github"), secret).await;
        let status = answer.status().as_u16();
        if status != 503 {
            return (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap());
        }
    }
    panic!("nothing is queued: {}", app.log());
}

/// Sends a webhook that must be taken; how many locations are read for it.
async fn tell(app: &App, delivery: &Delivery) -> u64 {
    let (status, answer) = send(app, delivery, SECRET).await;
    assert_eq!(status, 202, "{answer}");
    answer["locations"].as_u64().unwrap()
}
