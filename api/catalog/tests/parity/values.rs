//! Values that stand on the edges of rules.

use serde_json::{Value as Json, json};

fn strings(texts: &[&str]) -> Vec<Json> {
    texts.iter().map(|text| json!(text)).collect()
}

/// What is no text, in every type of JSON.
fn no_texts() -> Vec<Json> {
    vec![json!(null), json!(true), json!(false), json!(0), json!(5), json!(-1.5), json!([]), json!(["a"]), json!({})]
}

/// So many times the same.
fn long(letter: &str, length: usize) -> Json {
    json!(letter.repeat(length))
}

/// A DNS subdomain of so many characters, each label as long as may be.
fn subdomain(length: usize) -> String {
    let labels = format!("{}.", "d".repeat(63)).repeat(4);
    let text = labels[..length.min(labels.len())].to_owned();
    if text.ends_with('.') { format!("{}d", &text[..text.len() - 1]) } else { text }
}

pub(crate) fn names() -> Vec<Json> {
    let mut all = strings(&[
        "", "a", "A", "5", "a-b_c.d", "a..b", "A__b", "a--b", "-a", "a-", "_a", "a_", ".a", "a.", "-", "é", "aé", "用户", "a b", " a",
        "a ", "a\n", "\na", "a\t", "a/b", "a:b", "a+b", "a#b", "a@b", "a\u{0}", "\u{212a}", "\u{ff41}", "\u{1f600}", "a\u{301}", "0x1F",
        "true", "null", "1e3",
    ]);
    all.extend([long("a", 62), long("a", 63), long("a", 64), long("é", 32), long("\u{1f600}", 31)]);
    all.extend(no_texts());
    all
}

pub(crate) fn labels() -> Vec<Json> {
    let mut all = strings(&[
        "", "a", "0", "a-b", "a--b", "a---b", "-a", "a-", "Foo", "fOo", "a.b", "a_b", "a/b", "a b", "a\n", "é", "用户", "ａ", "-", "--",
    ]);
    all.extend([long("a", 62), long("a", 63), long("a", 64), long("a-", 32)]);
    all.extend(no_texts());
    all
}

pub(crate) fn tags() -> Vec<Json> {
    let mut all = strings(&[
        "", "a", "0", "a:b", "c++", "c#", ":", "+", "#", "a-b", "a--b", "-a", "a-", "Java", "a_b", "a.b", "a b", "a/b", "é", "a\n",
        "a-:", "-:", "用户",
    ]);
    all.extend([long("+", 62), long("a", 63), long("a", 64), long("a-", 32)]);
    all.extend(no_texts());
    all
}

pub(crate) fn api_versions() -> Vec<Json> {
    let mut all = strings(&[
        "backstage.io/v1alpha1", "backstage.io/v1beta1", "backstage.io/v1", "backstage.io/V1alpha1", "Backstage.io/v1alpha1",
        "scaffolder.backstage.io/v1beta3", "scaffolder.backstage.io/v1beta2", "example.com/v1", "v1", "1", "v1.0", "v-1", "", "/", "/v1",
        "a/", "a/b/c", "a.b.c/d", "a..b/c", ".a/b", "a./b", "a-/b", "-a/b", "a--b/c", "a_b/c", "é/v1", "a/é", "a b/c", "a/b c", "a/v1\n",
        " backstage.io/v1alpha1", "backstage.io/v1alpha1 ", "a//b",
    ]);
    for length in [252, 253, 254] {
        all.push(json!(format!("{}/v1", subdomain(length))));
    }
    for length in [63, 64] {
        all.push(json!(format!("{}/v1", "a".repeat(length))));
        all.push(json!(format!("a/{}", "V".repeat(length))));
        all.push(long("1", length));
    }
    all.extend(no_texts());
    all
}

pub(crate) fn kinds() -> Vec<Json> {
    let mut all = strings(&[
        "Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template", "AiResource", "Gadget", "Banana",
        "component", "COMPONENT", "Api", "api", "Component ", "", "A", "a", "9", "a9", "9a", "A-b", "A_b", "A.b", "A b", "Gadget\n", "é", "用户",
        "Gadgét",
    ]);
    all.extend([long("K", 62), long("K", 63), long("K", 64)]);
    all.extend(no_texts());
    all
}

/// Keys of labels and annotations.
pub(crate) fn label_keys() -> Vec<Json> {
    let mut all = strings(&[
        "", "/", "b", "a.b/c", "a.b/C_d.e-f", "A.b/c", "a/b/c", "/c", "a.b/", "a..b/c", "-a/b", "a-/b", "a--b/c", "a_b/c", "a/-b", "a/b-", "-b",
        "b-", "_b", "b c", "é", "é/b", "用户", "b:c", "b\n", "constructor", "toString", "hasOwnProperty", "5", "true",
        "backstage.io/techdocs-ref", "github.com/project-slug",
    ]);
    for length in [252, 253, 254] {
        all.push(json!(format!("{}/b", subdomain(length))));
    }
    for length in [63, 64] {
        all.push(json!(format!("{}/b", "a".repeat(length))));
        all.push(json!(format!("a/{}", "B".repeat(length))));
        all.push(long("b", length));
    }
    all
}

/// Keys that stand at the root.
pub(crate) fn foreign() -> Vec<Json> {
    strings(&["relations", "status", "further", "Metadata", "apiversion", "", " spec", "é", "constructor"])
}

pub(crate) fn texts() -> Vec<Json> {
    let mut all = strings(&["", "a", " ", "\n", "\u{0}", "\u{feff}", "é", "用户", "\u{1f600}", "5", "true", "a b: c # d"]);
    all.push(long("a", 300));
    all.extend(no_texts());
    all
}

/// Texts of which JavaScript's `trim` leaves nothing, or nearly.
pub(crate) fn blanks() -> Vec<Json> {
    let mut all = texts();
    all.extend(strings(&[
        "  ", "\t\r\n", "\u{b}\u{c}", "\u{a0}", "\u{85}", "\u{1680}", "\u{180e}", "\u{2003}\u{200a}", "\u{200b}", "\u{2028}", "\u{2029}",
        "\u{202f}", "\u{205f}", "\u{2060}", "\u{3000}", "\u{1c}", "\u{1f}", " a ", "\u{feff} \u{a0}",
    ]));
    all
}

pub(crate) fn urls() -> Vec<Json> {
    let mut all = strings(&[
        "", "https://a.example", "http://a", "HTTPS://A", "https://", "https:", "https:/a", "https:a", "//a", "/a", "a", "a:", "a:b", "1a:b",
        "a+b-c.d:e", ":a", "javascript:alert(1)", "mailto:a@b", "data:,", "not a url", "https://a b", "https://a/ b", " https://a ",
        "\nhttps://a", "ht\ntps://a", "https://a:80", "https://a:65535", "https://a:65536", "https://a:x", "https://a:", "https://[::1]",
        "https://[::1", "https://[::g]", "https://1.2.3.4", "https://1.2.3.256", "https://1.2.3.4.5", "https://0x7f.1", "https://256",
        "https://用户.example", "https://é", "https://xn--a", "https://xn--", "https://a..b", "https://a%zz", "https://%41", "https://a%20b",
        "https://a<b", "https://a^b", "https://a|b", "https://a_b", "https://-a", "https://u:p@a", "https://@a", "https://@", "https://u@",
        "https://a?b#c", "https://?a", "https://#a", "file:///a", "file:", "file://a b/c", "file://a/b", "foo://", "foo://a b", "foo://a:x", "foo://@", "foo://a@", "foo://@ ", "foo://@/", "foo://@a", "foo://@@",
        "foo://a:80\\b", "foo://a:80/\\b", "foo://a\\b@c", "foo://a\\b", "foo:///@", "foo:/@", "foo:@", "fo\to://\n@",
        "foo://[a", "foo:a b", "https://\u{ad}", "https://a\u{ad}b", "https://a\u{200d}b", "https://\u{ff0e}", "https://a\u{3002}b",
        "https://a.example./", "https://\u{1f600}", "git@github.com:a/b.git", "C:\\a", "\\\\a", "https:\\\\a", "blob:https://a", "about:blank",
        "https://a/%", "https://a/\u{0}", "https://a\u{0}", "foo://a\u{0}", "https://ß", "https://a\u{fffd}",
    ]);
    all.push(json!(format!("https://{}", "a".repeat(64))));
    all.push(json!(format!("https://{}", subdomain(254))));
    all.extend(no_texts());
    all
}

pub(crate) fn maps() -> Vec<Json> {
    let mut all = no_texts();
    all.extend([json!({"b": "c"}), json!({"b": ""}), json!({"b": null}), json!({"b": 5}), json!({"b": {}}), json!(""), json!("a"), json!([{}])]);
    all
}

pub(crate) fn lists() -> Vec<Json> {
    let mut all = no_texts();
    all.extend([
        json!(["a", "a"]), json!(["a", "b", ""]), json!(["a", 1]), json!(["a", null]), json!([["a"]]), json!([{}]), json!("a"), json!(""),
        json!({"0": "a"}), json!(["a"; 100].to_vec()),
    ]);
    all
}

pub(crate) fn links() -> Vec<Json> {
    let mut all = lists();
    all.extend([
        json!([{"url": "https://a"}]), json!([{"url": "https://a"}, {"url": "b:"}]), json!([{"url": "https://a"}, {}]), json!([null]),
        json!([{"title": "a"}]), json!({"url": "https://a"}), json!([[{"url": "https://a"}]]),
    ]);
    all
}

pub(crate) fn metadata() -> Vec<Json> {
    let mut all = maps();
    all.extend([json!({"name": "a"}), json!({"name": ""}), json!({"Name": "a"}), json!({"namespace": "a"}), json!([{"name": "a"}])]);
    all
}

/// Single references; some need a default kind.
pub(crate) fn references() -> Vec<Json> {
    let mut all = texts();
    all.extend(strings(&[
        "group:a", "group:ns/a", "ns/a", "a:b:c", "a/b:c", "a:b/c/d", "a//b", "a:", "/c", "a:/c", "a:b/", ":b", ":", "/", "//", "::", "a::b",
        ":/a", "GROUP:NS/A", "group:用户/用户", "group: a", " group:a", "group:a ", "resource:a#b?c",
    ]));
    all
}

pub(crate) fn reference_lists() -> Vec<Json> {
    let mut all = lists();
    all.extend([
        json!(["group:a"]), json!(["group:ns/a", "group:b"]), json!(["group:a", "group:a"]), json!(["group:a", ""]), json!(["group:a", "a:"]),
        json!("group:a"), json!(["group:a", ["group:b"]]),
    ]);
    all
}

/// Those of `dependencyOf`, which no schema holds. Objects that name a kind are a known difference.
pub(crate) fn loose_references() -> Vec<Json> {
    let mut all = reference_lists();
    all.extend([json!("group:ns/a"), json!("a:"), json!([[]]), json!([0]), json!([{"name": "a"}]), json!({"kind": "a"})]);
    all
}

pub(crate) fn presences() -> Vec<Json> {
    let mut all = no_texts();
    all.extend(strings(&["required", "optional", "maybe", "Required", "", " required", "optional\n"]));
    all
}

pub(crate) fn remotes() -> Vec<Json> {
    let mut all = lists();
    all.extend([
        json!([{"type": "a", "url": "b"}]), json!([{"type": "a"}]), json!([{"url": "a"}]), json!([{"type": "a", "url": "b"}, {}]),
        json!({"type": "a", "url": "b"}), json!([{"type": "a", "url": "b", "more": 1}]), json!([null]),
    ]);
    all
}

/// Types of an API with `remotes` and without a definition.
pub(crate) fn mcp_types() -> Vec<Json> {
    let mut all = texts();
    all.extend(strings(&["mcp-server", "mcp-Server", "mcp-server ", "mcp"]));
    all
}

/// Whole `spec`s, none of which is one unless a kind asks for little.
pub(crate) fn specs() -> Vec<Json> {
    let mut all = maps();
    all.extend([
        json!({"type": "a", "lifecycle": "b", "owner": "c"}), json!({"type": "a", "lifecycle": "b", "owner": "c", "definition": "d"}),
        json!({"type": "mcp-server", "lifecycle": "b", "owner": "c", "definition": "d"}),
        json!({"type": "mcp-server", "lifecycle": "b", "owner": "c", "remotes": [{"type": "d", "url": "e"}]}),
        json!({"type": "a", "lifecycle": "b", "owner": "c", "remotes": [{"type": "d", "url": "e"}]}), json!({"type": "a", "owner": "c"}),
        json!({"owner": "c"}), json!({"type": "a", "children": []}), json!({"memberOf": []}), json!({"targets": []}),
    ]);
    all
}
