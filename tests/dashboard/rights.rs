//! Who may see it, and what a page of strangers' texts may do.

use serde_json::{Value, json};

use super::{Dashboard, change, reference, titled};
use crate::app::{App, component};

async fn until_it_holds(app: &App, token: &str) {
    app.until("the token is in effect", async |app| app.ask_as(token, "{__typename}").await.0 == 200).await;
}

#[tokio::test]
async fn a_token_is_asked_for_refused_taken_and_asked_for_again_when_it_was_revoked() {
    let mut dashboard = Dashboard::new(&[("catalog/a.yaml", &titled("a", "One"))], false).await;
    dashboard.open().await;
    dashboard.is("Access refused").await;
    dashboard.browser.see("#reason", "The server asks for a token.").await;
    assert_eq!(dashboard.browser.order(json!({"do": "focused"})).await, "token");

    dashboard.browser.fill("#token", "nonsense").await;
    dashboard.browser.press("Enter").await;
    dashboard.browser.see("#reason", "token").await;
    dashboard.browser.miss("#reason", "The server asks for a token.").await;
    dashboard.is("Access refused").await;
    assert!(dashboard.cards().await.is_empty());

    let token = dashboard.app.token(&["--name", "wall", "--scope", "read"]);
    until_it_holds(&dashboard.app, &token).await;
    dashboard.browser.fill("#token", &token).await;
    dashboard.browser.click("#access button").await;
    dashboard.is("Live").await;
    dashboard.browser.see(".card .name", "One").await;
    dashboard.browser.miss("#access", "").await;
    dashboard.app.write("catalog/a.yaml", &titled("a", "Two"));
    dashboard.browser.see(".card .name", "Two").await;
    assert_eq!(dashboard.changes().await, [change("changed", "a")]);

    let revoked = dashboard.app.command(&["token", "revoke", "wall"]).output().unwrap();
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    dashboard.is("Access refused").await;
    dashboard.browser.see("#access", "Token").await;
    // What the token showed is no longer to be seen.
    dashboard.browser.see("#count", "–").await;
    assert!(dashboard.cards().await.is_empty() && dashboard.changes().await.is_empty());

    let token = dashboard.app.token(&["--name", "other", "--scope", "read"]);
    until_it_holds(&dashboard.app, &token).await;
    dashboard.browser.fill("#token", &token).await;
    dashboard.browser.press("Enter").await;
    dashboard.is("Live").await;
    dashboard.browser.see(".card .name", "Two").await;
    dashboard.was_well().await;
}

#[tokio::test]
async fn a_server_that_does_not_list_the_page_is_told_from_one_that_refuses() {
    let mut dashboard = Dashboard::new(&[], true).await;
    dashboard.app.kill();
    let path = dashboard.app.folder.path().join("app-config.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&dashboard.page, "http://127.0.0.1:1")).unwrap();
    dashboard.app.start().await;
    dashboard.open().await;
    dashboard.is("Connecting again").await;
    let reason = format!("does its backend.cors list {}?", dashboard.page);
    dashboard.browser.see("#reason", &reason).await;
}

#[tokio::test]
async fn texts_of_strangers_stay_texts_and_their_links_lead_to_the_web_only() {
    let markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    let links = "  links:\n    - {url: 'javascript:alert(3)', title: wrong}\n    - {url: 'data:text/html,x', title: wrong}\n    - \
                 {url: 'https://example.com/\"><b>', title: '<b>right</b>'}\n    - {url: 'mailto:a@example.com', title: mail}\n";
    let text =
        titled("a", markup).replace("spec:\n", &format!("  description: {}\n{links}spec:\n", Value::from(markup)));
    let text = text.replace("lifecycle: production", &format!("lifecycle: {}", Value::from("<i>&lt;</i>")));
    let gadget = component("g", "").replace("kind: Component", "kind: Gadget");
    let mut dashboard = Dashboard::live(&[("catalog/a.yaml", &text), ("catalog/g.yaml", &gadget)]).await;
    dashboard.browser.see(".card .name", markup).await;
    let texts = dashboard.browser.texts(".card .description").await;
    assert!(texts.contains(&markup.to_owned()), "{texts:?}");
    assert!(dashboard.browser.texts(".lifecycle").await.contains(&"<i>&lt;</i>".to_owned()));
    assert_eq!(dashboard.browser.texts("main :is(img, script, b, i)").await, [""; 0]);
    assert_eq!(dashboard.browser.texts(".links a").await, ["<b>right</b>", "mail"]);
    let order = json!({"do": "attributes", "selector": ".links a", "name": "href"});
    assert_eq!(
        dashboard.browser.order(order).await,
        json!(["https://example.com/%22%3E%3Cb%3E", "mailto:a@example.com"])
    );
    dashboard.app.write("catalog/a.yaml", &text.replace("production", "x").replace("alert(1)", "alert(4)"));
    dashboard.browser.see(".change .name", "alert(4)").await;
    assert_eq!(dashboard.browser.texts("main :is(img, script, b, i)").await, [""; 0]);
    assert_eq!(dashboard.cards().await, [reference("a"), "gadget:default/g".to_owned()]);
    dashboard.was_well().await;
}

#[tokio::test]
async fn the_pages_policy_holds_against_what_would_run_in_it() {
    let mut dashboard = Dashboard::live(&[]).await;
    let order = json!({"do": "violate", "elsewhere": "http://127.0.0.1:9/x"});
    let reported = dashboard.browser.order(order).await;
    assert_eq!(reported, json!(["connect-src", "img-src", "require-trusted-types-for", "style-src-elem"]));
}
