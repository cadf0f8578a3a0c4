//! The keys under `catalog`.

use std::time::Duration;

use plinth_catalog::{Config, OrphanStrategy};

use super::{Reader, duration, location, rule};
use crate::item::Value;

pub(super) fn catalog(reader: &mut Reader<'_>) -> Config {
    Config {
        locations: location::locations(reader),
        rules: rule::rules(reader),
        orphans: orphans(reader),
        interval: interval(reader),
        notices: Vec::new(),
    }
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
    if matches!(item.value, Value::Bool(false)) {
        return None;
    }
    let milliseconds = duration::milliseconds(item).filter(|it| *it >= 1_000.0);
    let interval = milliseconds.and_then(|it| Duration::try_from_secs_f64(it / 1_000.0).ok());
    if interval.is_none() {
        reader.wrong(item, "one second at least, as in `{minutes: 30}`, `30m`, `PT30M` or `1800`, or `false`");
    }
    interval
}
