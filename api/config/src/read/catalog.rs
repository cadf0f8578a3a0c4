//! The keys under `catalog`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use plinth_catalog::{
    AllowedKind, Config, ConfiguredLocation, LocationMatch, LocationType, OrphanStrategy, Rule, TargetMatch,
};

use super::Reader;
use crate::{Item, Value};

pub(super) fn catalog(reader: &mut Reader<'_>) -> Config {
    Config {
        locations: locations(reader),
        rules: rules(reader),
        orphans: orphans(reader),
        interval: interval(reader),
        notices: Vec::new(),
    }
}

fn locations(reader: &mut Reader<'_>) -> Vec<ConfiguredLocation> {
    let items = reader.list("catalog.locations");
    items.into_iter().filter_map(|item| location(reader, item)).collect()
}

fn location(reader: &mut Reader<'_>, item: &Item) -> Option<ConfiguredLocation> {
    let kind = location_type(reader, item)?;
    let Some(target) = item.get("target") else {
        reader.refuse_at(item.place.clone(), "`target` is missing; expected a path or a URL");
        return None;
    };
    let text = reader.text_of(target)?;
    let mut allow = Vec::new();
    if let Some(rules) = item.get("rules") {
        for rule in reader.list_of(rules) {
            allow.extend(allowed(reader, rule));
        }
    }
    let target_text = match kind {
        LocationType::File => absolute(&text, &target.place.file),
        LocationType::Url => match url::Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => text,
            _ => {
                reader.refuse_at(target.place.clone(), "expected an `http` or `https` URL");
                return None;
            }
        },
    };
    Some(ConfiguredLocation { kind, target: target_text, allow, place: target.place.clone() })
}

fn location_type(reader: &mut Reader<'_>, item: &Item) -> Option<LocationType> {
    let Some(kind) = item.get("type") else {
        reader.refuse_at(item.place.clone(), "`type` is missing; expected `file` or `url`");
        return None;
    };
    let found = match &kind.value {
        Value::String(text) => LocationType::named(text),
        _ => None,
    };
    if found.is_none() {
        reader.refuse_at(kind.place.clone(), "expected `file` or `url`");
    }
    found
}

/// A relative target stands below `packages/backend` beside the file, which is where Backstage's server runs, or else
/// beside the file itself.
fn absolute(target: &str, file: &str) -> String {
    let folder = Path::new(file).parent().filter(|it| it.is_absolute()).unwrap_or(Path::new("/"));
    let backend = folder.join("packages/backend");
    let base = if backend.is_dir() { backend } else { folder.to_owned() };
    let mut whole = PathBuf::new();
    for part in base.join(target).components() {
        match part {
            std::path::Component::ParentDir => drop(whole.pop()),
            std::path::Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole.to_string_lossy().into_owned()
}

fn rules(reader: &mut Reader<'_>) -> Vec<Rule> {
    let items = reader.list("catalog.rules");
    let mut rules = Vec::new();
    for item in items {
        let allow = allowed(reader, item);
        let mut locations = Vec::new();
        if let Some(list) = item.get("locations") {
            for item in reader.list_of(list) {
                locations.extend(location_match(reader, item));
            }
        }
        rules.push(Rule { allow, locations });
    }
    rules
}

/// `allow: [Kind | {kind, spec.type}]`.
fn allowed(reader: &mut Reader<'_>, rule: &Item) -> Vec<AllowedKind> {
    let Some(allow) = rule.get("allow") else {
        reader.refuse_at(rule.place.clone(), "`allow` is missing; expected a list of kinds");
        return Vec::new();
    };
    let mut kinds = Vec::new();
    for item in reader.list_of(allow) {
        match &item.value {
            Value::String(kind) if !kind.is_empty() => kinds.push(AllowedKind { kind: kind.clone(), spec_type: None }),
            Value::Map(members) => {
                let member = |key: &str| members.iter().find(|(it, _)| it == key).map(|(_, it)| it);
                let kind = member("kind").and_then(|kind| reader.text_of(kind));
                let spec_type = member("spec.type").and_then(|it| reader.text_of(it));
                match kind {
                    Some(kind) => kinds.push(AllowedKind { kind, spec_type }),
                    None => reader.wrong(item, "a kind, or a map with `kind` and `spec.type`"),
                }
            }
            _ => reader.wrong(item, "a kind, or a map with `kind` and `spec.type`"),
        }
    }
    kinds
}

fn location_match(reader: &mut Reader<'_>, item: &Item) -> Option<LocationMatch> {
    let kind = location_type(reader, item)?;
    let exact = item.get("exact").and_then(|it| reader.text_of(it));
    let pattern = item.get("pattern").and_then(|it| reader.text_of(it));
    if let Some(pattern) = &pattern
        && let Err(error) = globset::Glob::new(pattern)
    {
        reader.refuse_at(item.place.clone(), format!("`pattern` is no glob: {error}"));
    }
    let file = |target: String| match kind {
        LocationType::File => absolute(&target, &item.place.file),
        LocationType::Url => target,
    };
    let target = match (exact, pattern) {
        (Some(_), Some(_)) => {
            reader.refuse_at(item.place.clone(), "`exact` and `pattern` cannot stand together");
            None
        }
        (Some(exact), None) => Some(TargetMatch::Exact(file(exact))),
        (None, Some(pattern)) => Some(TargetMatch::Pattern(pattern)),
        (None, None) => None,
    };
    Some(LocationMatch { kind, target })
}

fn orphans(reader: &mut Reader<'_>) -> OrphanStrategy {
    let Some(item) = reader.root.get("catalog.orphanStrategy") else { return OrphanStrategy::default() };
    match &item.value {
        Value::String(text) if text == "keep" => OrphanStrategy::Keep,
        Value::String(text) if text == "delete" => OrphanStrategy::Delete,
        _ => {
            reader.wrong(item, "`keep` or `delete`");
            OrphanStrategy::default()
        }
    }
}

fn interval(reader: &mut Reader<'_>) -> Option<Duration> {
    let item = reader.root.get("catalog.processingInterval")?;
    let seconds = match &item.value {
        Value::Bool(false) => return None,
        Value::Number(number) => number.as_f64(),
        Value::Map(members) => members.iter().try_fold(0.0, |sum, (unit, item)| {
            let seconds = match unit.as_str() {
                "milliseconds" => 0.001,
                "seconds" => 1.0,
                "minutes" => 60.0,
                "hours" => 3_600.0,
                "days" => 86_400.0,
                "weeks" => 604_800.0,
                _ => return None,
            };
            match &item.value {
                Value::Number(number) => Some(sum + number.as_f64()? * seconds),
                _ => None,
            }
        }),
        _ => None,
    };
    let interval = seconds.filter(|it| *it >= 1.0).and_then(|it| Duration::try_from_secs_f64(it).ok());
    if interval.is_none() {
        reader.wrong(item, "`false`, a number of seconds (1 at least), or a map such as `{minutes: 30}`");
    }
    interval
}
