//! The keys under `catalog`.

use std::time::Duration;

use plinth_catalog::{Config, LogLimits, OrphanStrategy};

use super::{Reader, duration, location, rule};
use crate::item::{Item, Value};

pub(super) fn catalog(reader: &mut Reader<'_>) -> Config {
    Config {
        locations: location::locations(reader),
        rules: rule::rules(reader),
        orphans: orphans(reader),
        interval: interval(reader),
        log: log(reader),
        providers: Vec::new(),
        notices: Vec::new(),
    }
}

fn log(reader: &mut Reader<'_>) -> LogLimits {
    let mut limits = LogLimits::default();
    if let Some(item) = reader.root.get("catalog.changeLog.maxAge") {
        match a_second_at_least(item) {
            Some(age) => limits.age = age,
            None => reader.wrong(item, "one second at least, as in `{days: 7}`, `7d` or `P7D`"),
        }
    }
    if let Some(item) = reader.root.get("catalog.changeLog.maxRows") {
        let rows = if let Value::Number(number) = &item.value { number.as_u64() } else { None };
        match rows {
            Some(rows @ 1..) => limits.rows = rows,
            _ => reader.wrong(item, "a whole number, at least 1"),
        }
    }
    limits
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
    let interval = a_second_at_least(item);
    if interval.is_none() {
        reader.wrong(item, "one second at least, as in `{minutes: 30}`, `30m`, `PT30M` or `1800`, or `false`");
    }
    interval
}

pub(super) fn a_second_at_least(item: &Item) -> Option<Duration> {
    let milliseconds = duration::milliseconds(item).filter(|it| *it >= 1_000.0);
    milliseconds.and_then(|it| Duration::try_from_secs_f64(it / 1_000.0).ok())
}
