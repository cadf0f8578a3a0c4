//! The server ends at once in the middle of a discovery, while the proxy holds what it asks for. The emulator answers the rest;
//! the list of the organisation is the proxy's.

use super::{Configured, components, problems, service};
use crate::{
    app::{App, BOTH},
    emulated::{Fault, Gate, GitHub, Seed},
};

const MANY: usize = 40;

#[tokio::test]
async fn a_server_that_is_killed_while_it_looks_finds_all_once_when_it_comes_again() {
    let names: Vec<String> = (0..MANY).map(|number| format!("s{number:02}")).collect();
    for database in BOTH {
        let seed = names.iter().fold(Seed::default(), |seed, name| seed.repository(service(name)));
        let github = GitHub::start(seed).await;
        let mut app = App::new(database).await;
        Configured::of(&github).discovery("").write(&app);
        let open = Gate::new();
        open.open();
        github.fail("/contents/", 15, Fault::Held(open));
        // What comes after those.
        let gate = github.hold("/contents/");
        tokio::select! {
            () = app.start() => panic!("it cannot be ready"),
            () = gate.reached(1) => {}
        }
        app.kill();
        let asked = github.exchanges().iter().filter(|it| it.path.contains("/contents/")).count();
        assert!((1..MANY).contains(&asked), "in the middle of it: {asked}");
        gate.open();
        app.start().await;
        assert_eq!((components(&app).await, problems(&app).await), (names.clone(), Vec::new()), "{database:?}");
        let count = app.data("{locations {totalCount}}").await;
        assert_eq!(count["locations"]["totalCount"], MANY + 1, "each once, and the provider");
    }
}
