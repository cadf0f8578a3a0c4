//! Which kinds a location may hold (`catalog.rules`, `catalog.locations[].rules`).

use globset::{Glob, GlobMatcher};
use serde_json::Value;

use crate::{AllowedKind, Config, LocationMatch, LocationType, Rule, TargetMatch};

/// What may come from where.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Each with the globs of its locations.
    rules: Vec<(Vec<Option<GlobMatcher>>, Rule)>,
}

impl Rules {
    /// The rules of a configuration. Without `catalog.rules`, Component, API and Location are allowed.
    pub(crate) fn of(config: &Config) -> Self {
        let allowed = |kind: &str| AllowedKind { kind: kind.to_owned(), spec_type: None };
        let mut rules = config.rules.clone();
        if rules.is_empty() {
            let allow = ["Component", "API", "Location"].map(allowed).to_vec();
            rules.push(Rule { allow, locations: Vec::new() });
        }
        for location in config.locations.iter().filter(|it| !it.allow.is_empty()) {
            let target = Some(TargetMatch::Exact(location.target.clone()));
            let locations = vec![LocationMatch { kind: location.kind, target }];
            rules.push(Rule { allow: location.allow.clone(), locations });
        }
        // A glob is read once, not for each document.
        let globs = |rule: &Rule| rule.locations.iter().map(glob).collect();
        Self { rules: rules.into_iter().map(|rule| (globs(&rule), rule)).collect() }
    }

    /// Whether any rule names this kind, so that one we have no type for is taken.
    pub(crate) fn name(&self, kind: &str) -> bool {
        self.rules.iter().flat_map(|(_, rule)| &rule.allow).any(|allowed| allowed.kind.eq_ignore_ascii_case(kind))
    }

    /// Whether a document may come from the configured location that led to it.
    pub(crate) fn allow(&self, document: &Value, origin: (LocationType, &str)) -> bool {
        let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default();
        let spec_type = document.pointer("/spec/type").and_then(Value::as_str).unwrap_or_default();
        self.rules.iter().any(|(globs, rule)| {
            let mut places = rule.locations.iter().zip(globs);
            let here = rule.locations.is_empty() || places.any(|(it, glob)| covers(it, glob.as_ref(), origin));
            here && rule.allow.iter().any(|allowed| {
                allowed.kind.eq_ignore_ascii_case(kind)
                    && allowed.spec_type.as_deref().is_none_or(|it| it.eq_ignore_ascii_case(spec_type))
            })
        })
    }
}

/// The glob of a location, where it names its targets by one.
fn glob(location: &LocationMatch) -> Option<GlobMatcher> {
    match &location.target {
        Some(TargetMatch::Pattern(pattern)) => Some(Glob::new(pattern).ok()?.compile_matcher()),
        _ => None,
    }
}

fn covers(location: &LocationMatch, glob: Option<&GlobMatcher>, (kind, target): (LocationType, &str)) -> bool {
    location.kind == kind
        && match &location.target {
            None => true,
            Some(TargetMatch::Exact(exact)) => exact == target,
            Some(TargetMatch::Pattern(_)) => glob.is_some_and(|glob| glob.is_match(target)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn allowed(kind: &str, spec_type: Option<&str>) -> AllowedKind {
        AllowedKind { kind: kind.to_owned(), spec_type: spec_type.map(str::to_owned) }
    }

    #[test]
    fn without_rules_components_apis_and_locations_are_allowed() {
        let rules = Rules::of(&Config::default());
        for (kind, expected) in [("Component", true), ("API", true), ("Location", true), ("User", false)] {
            assert_eq!(rules.allow(&json!({"kind": kind}), (LocationType::File, "/a")), expected, "{kind}");
        }
    }

    #[test]
    fn a_rule_may_name_a_type_and_a_place() {
        let place = LocationMatch {
            kind: LocationType::Url,
            target: Some(TargetMatch::Pattern("https://example.com/**".to_owned())),
        };
        let rule = Rule { allow: vec![allowed("component", Some("website"))], locations: vec![place] };
        let rules = Rules::of(&Config { rules: vec![rule], ..Config::default() });
        let website = json!({"kind": "Component", "spec": {"type": "website"}});
        assert!(rules.allow(&website, (LocationType::Url, "https://example.com/a/b.yaml")));
        assert!(!rules.allow(&website, (LocationType::Url, "https://example.org/a/b.yaml")));
        assert!(!rules.allow(&website, (LocationType::File, "https://example.com/a/b.yaml")));
        assert!(!rules.allow(
            &json!({"kind": "Component", "spec": {"type": "service"}}),
            (LocationType::Url, "https://example.com/a/b.yaml")
        ));
    }
}
