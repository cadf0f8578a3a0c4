//! The private key of an App, and the tokens that it signs
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>).

use std::{fmt, sync::Arc, time::Duration};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use serde_json::{Value, json};

use crate::{Error, Result, Secret};

/// So much before now a token says that it was made: clocks differ.
const BEFORE: Duration = Duration::from_secs(60);
/// So long after now it is good; GitHub takes ten minutes at most, counted by its own clock.
const AFTER: Duration = Duration::from_secs(8 * 60);

/// `privateKey` of an App: an RSA key. It is never shown.
#[derive(Clone)]
pub struct AppKey(Arc<KeyPair>);

// === impl AppKey ===

impl AppKey {
    /// Reads a PEM text: PKCS#1 as GitHub gives it, or PKCS#8. The ends of its lines may be written as `\n`, as variables often
    /// hold them.
    ///
    /// # Errors
    /// Where it is no RSA key of 2048 to 4096 bits. The message holds nothing of it.
    pub fn from_pem(text: &str) -> Result<Self> {
        let refused = |reason| Error::Key { reason };
        let text = text.replace("\\n", "\n");
        let (label, content) = unwrapped(&text).ok_or_else(|| refused("expected a PEM text: `-----BEGIN …`"))?;
        let content: String = content.split_ascii_whitespace().collect();
        let der =
            STANDARD.decode(content).map_err(|_| refused("its content is no base64, or a part of it is missing"))?;
        let pair = match label {
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "ENCRYPTED PRIVATE KEY" => return Err(refused("it is encrypted; give it without a password")),
            _ => return Err(refused("expected `BEGIN RSA PRIVATE KEY` or `BEGIN PRIVATE KEY`")),
        };
        pair.map(|it| Self(Arc::new(it))).map_err(|_| refused("expected an RSA key of 2048 to 4096 bits"))
    }

    /// A token that says that an App is asking; `now` since 1970.
    pub(crate) fn sign(&self, app: u64, now: Duration) -> Result<Secret> {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let (begin, end) = (now.saturating_sub(BEFORE).as_secs(), (now + AFTER).as_secs());
        let header = part(json!({"alg": "RS256", "typ": "JWT"}));
        let text = format!("{header}.{}", part(json!({"iat": begin, "exp": end, "iss": app.to_string()})));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.map_err(|_| Error::Key { reason: "it cannot sign" })?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The same where the public half is.
impl PartialEq for AppKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.public().as_ref() == other.0.public().as_ref()
    }
}

impl Eq for AppKey {}

/// The label and the content of the first block of a PEM text (RFC 7468).
fn unwrapped(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (content, _) = rest.split_once(&format!("-----END {label}-----"))?;
    Some((label, content))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{path::Path, process::Command, sync::LazyLock};

    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// A key that is made for this run and opens nothing.
    static PEM: LazyLock<String> = LazyLock::new(|| {
        let script = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/node/key.mjs");
        let made = Command::new("node").arg(script).output().expect("node makes the keys; `make test` installs it");
        String::from_utf8(made.stdout).unwrap()
    });

    pub(crate) fn pem() -> String {
        PEM.clone()
    }

    /// The key without the lines that say what it is.
    fn content() -> String {
        let lines: Vec<&str> = PEM.lines().filter(|line| !line.starts_with("-----")).collect();
        lines.join("\n")
    }

    fn wrapped(label: &str, content: &str) -> String {
        format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
    }

    /// The same key as PKCS#8 (RFC 5208): what sort of key it is, and then the key.
    fn pkcs8() -> String {
        let der = STANDARD.decode(content().split_ascii_whitespace().collect::<String>()).unwrap();
        let length = |it: usize| u16::try_from(it).unwrap().to_be_bytes();
        let sort = [0x02, 1, 0, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
        let (mut all, mut inner) = (vec![0x30, 0x82], sort.to_vec());
        inner.extend([&[0x04, 0x82][..], &length(der.len()), &der].concat());
        all.extend([&length(inner.len())[..], &inner].concat());
        wrapped("PRIVATE KEY", &STANDARD.encode(all))
    }

    #[test]
    fn a_token_is_signed_a_minute_before_now_and_for_less_than_ten() {
        let key = AppKey::from_pem(&pem()).unwrap();
        let token = key.sign(12, Duration::from_secs(1_800_000_000)).unwrap();
        let (text, signature) = token.reveal().rsplit_once('.').unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.0.public().as_ref());
        public.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let part = |it: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(it).unwrap()).unwrap();
        let parts: Vec<Value> = text.split('.').map(part).collect();
        let claims = json!({"iat": 1_799_999_940, "exp": 1_800_000_480, "iss": "12"});
        assert_eq!(parts, [json!({"alg": "RS256", "typ": "JWT"}), claims]);
    }

    #[test]
    fn a_key_is_read_in_both_forms_and_as_variables_hold_it_and_never_shown() {
        let one = AppKey::from_pem(&pem()).unwrap();
        for text in [pkcs8(), pem().trim().replace('\n', "\\n"), pem().replace('\n', "\r\n"), format!("\n  {}", pem())]
        {
            assert_eq!(AppKey::from_pem(&text).unwrap(), one);
        }
        assert_eq!(format!("{one:?}"), "<secret>");
        let content = content();
        let half = &content[..401];
        for (text, expected) in [
            (String::new(), "PEM text"),
            ("hunter2".to_owned(), "PEM text"),
            (pem()[..400].to_owned(), "PEM text"),
            (wrapped("RSA PRIVATE KEY", half), "a part of it is missing"),
            (wrapped("RSA PRIVATE KEY", "h.u.n.t.e.r.2"), "base64"),
            (wrapped("EC PRIVATE KEY", &content), "expected `BEGIN RSA"),
            (wrapped("ENCRYPTED PRIVATE KEY", &content), "without a password"),
        ] {
            let error = AppKey::from_pem(&text).unwrap_err().to_string();
            let is_hidden = !error.contains("hunter2") && !error.contains(&content[..20]);
            assert!(error.contains("`privateKey`") && error.contains(expected) && is_hidden, "{error}");
        }
    }
}
