//! Webhooks as GitHub would send them.

use ring::hmac;
use serde_json::Value;
use uuid::Uuid;

use super::seed::APP;

/// What is told by one webhook. The same delivery may be sent more than once, as GitHub does when a person asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// `X-GitHub-Event`.
    pub(crate) event: &'static str,
    /// `X-GitHub-Delivery`.
    pub(crate) id: Uuid,
    /// What is signed, byte by byte.
    pub(crate) body: String,
    content_type: &'static str,
}

impl Delivery {
    pub(crate) fn new(event: &'static str, payload: &Value) -> Self {
        // GitHub's are of the version that has a time in it.
        let id = uuid::Builder::from_random_bytes(Uuid::new_v4().into_bytes()).with_version(uuid::Version::Mac);
        Self { event, id: id.into_uuid(), body: payload.to_string(), content_type: "application/json" }
    }

    /// The same as a form, which a person may choose for a webhook.
    pub(crate) fn as_form(&self) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("payload", &self.body).finish();
        Self { body, content_type: "application/x-www-form-urlencoded", ..self.clone() }
    }

    /// What it tells; not of a form.
    pub(crate) fn payload(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// `X-Hub-Signature-256` by a secret.
    pub(crate) fn signature(&self, secret: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, self.body.as_bytes());
        format!("sha256={}", tag.as_ref().iter().map(|it| format!("{it:02x}")).collect::<String>())
    }

    /// All headers that GitHub sends with it, signed by a secret.
    pub(crate) fn headers(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("user-agent", "GitHub-Hookshot/7f2e9c4".to_owned()),
            ("content-type", self.content_type.to_owned()),
            ("x-github-event", self.event.to_owned()),
            ("x-github-delivery", self.id.to_string()),
            ("x-github-hook-id", "458713902".to_owned()),
            ("x-github-hook-installation-target-type", "integration".to_owned()),
            ("x-github-hook-installation-target-id", APP.to_string()),
            ("x-hub-signature-256", self.signature(secret)),
        ]
    }

    /// Sends it to a URL, signed by a secret.
    pub(crate) async fn send(&self, client: &reqwest::Client, url: &str, secret: &str) -> reqwest::Response {
        let request = client.post(url).body(self.body.clone());
        let request =
            self.headers(secret).into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.unwrap()
    }
}
