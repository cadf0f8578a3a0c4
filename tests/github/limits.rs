//! Rate limits and failures. The stand-in answers.

use super::{Fault, GitHub, component, components, problems};
use crate::app::Database;

#[tokio::test]
async fn a_limit_is_kept_told_and_over_when_it_says() {
    let github = GitHub::start().await;
    for name in ["a", "b", "c", "d", "e", "f"] {
        github.commit(name, "catalog-info.yaml", &component(name, ""));
    }
    github.fail(Fault { status: 403, headers: vec![("retry-after", "6".to_owned())], message: "secondary rate limit" });
    let app = github.app(Database::Sqlite, &[], &github.provider("")).await;
    // Whoever asks while it stands is answered without asking.
    assert_eq!(github.asked().len(), 1);
    assert_eq!(problems(&app).await, ["RATE_LIMITED"]);
    let data = app.data("{catalogProblems {nodes {message severity}}}").await;
    let message = data["catalogProblems"]["nodes"][0]["message"].as_str().unwrap();
    assert!(message.contains("the rate limit of `localhost:") && message.contains("is asked again in"), "{message}");
    app.until("the limit is over", async |app| components(app).await.len() == 6).await;
    assert_eq!(problems(&app).await, Vec::<String>::new());
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(
        metrics.contains("outcome=\"limited\"} 1") && metrics.contains("plinth_github_rate_limit_remaining{"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_failure_that_passes_is_not_noticed_and_a_token_that_is_none_is_told() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    for status in [502, 503] {
        github.fail(Fault { status, headers: Vec::new(), message: "Server Error" });
    }
    let mut app = github.app(Database::Sqlite, &[github.page("shop", "catalog-info.yaml")], "").await;
    assert_eq!((components(&app).await, problems(&app).await), (vec!["shop".to_owned()], Vec::new()));
    app.stop();
    let text = std::fs::read_to_string(app.folder.path().join("app-config.local.yaml")).unwrap();
    app.write("app-config.local.yaml", &text.replace(&format!("token: {}", github.token()), "token: none"));
    app.start().await;
    app.until("the token is told about", async |app| problems(app).await == ["UNREADABLE"]).await;
    assert_eq!(components(&app).await, ["shop"]);
    let data = app.data("{catalogProblems {nodes {message}}}").await;
    let message = data["catalogProblems"]["nodes"][0]["message"].as_str().unwrap();
    assert!(message.contains("does not know the token of `integrations.github`"), "{message}");
}
