//! Durations, in the spellings that `readDurationFromConfig` of `@backstage/config` takes, and numbers of seconds.

use plinth_model::{decimal, iso_duration};

use crate::item::{Item, Value};

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// The milliseconds of a duration; `None` where it is none.
pub(super) fn milliseconds(item: &Item) -> Option<f64> {
    match &item.value {
        Value::Number(number) => number.as_f64().map(|it| it * SECOND),
        Value::String(text) if text.trim().starts_with('P') => {
            iso_duration(text.trim()).map(|it| it.as_secs_f64() * SECOND)
        }
        Value::String(text) => human(text.trim()),
        Value::Map(members) if !members.is_empty() => {
            members.iter().try_fold(0.0, |sum, (unit, item)| Some(sum + number(item)? * unit_of_map(unit)?))
        }
        _ => None,
    }
}

fn number(item: &Item) -> Option<f64> {
    match &item.value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => decimal(text.trim()),
        _ => None,
    }
}

/// A year has 365 days and a month 30 (`durationToMilliseconds` of `@backstage/types`).
fn unit_of_map(unit: &str) -> Option<f64> {
    Some(match unit {
        "milliseconds" => 1.0,
        "seconds" => SECOND,
        "minutes" => MINUTE,
        "hours" => HOUR,
        "days" => DAY,
        "weeks" => 7.0 * DAY,
        "months" => 30.0 * DAY,
        "years" => 365.0 * DAY,
        _ => return None,
    })
}

/// `30m`, `2 hours`: npm `ms`, but never a number alone.
fn human(text: &str) -> Option<f64> {
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.')?;
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim_start_matches(' ').to_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7.0 * DAY,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * DAY,
        _ => return None,
    };
    decimal(number).map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn texts_are_read_as_backstage_reads_them() {
        for (text, expected) in [
            ("30m", Some(30.0 * MINUTE)),
            ("2 hours", Some(2.0 * HOUR)),
            ("1.5 Days", Some(1.5 * DAY)),
            (".5s", Some(500.0)),
            ("1w", Some(7.0 * DAY)),
            ("PT30M", Some(30.0 * MINUTE)),
            ("P2DT6H", Some(54.0 * HOUR)),
            ("PT1.5S", Some(1_500.0)),
            ("P1M", Some(30.0 * DAY)),
            ("30", None),
            ("m", None),
            ("30 parsecs", None),
            ("-5m", None),
            ("P", None),
            ("PT", None),
            ("PT5", None),
            ("P5H", None),
            ("", None),
        ] {
            let folder = Path::new("/").into();
            let value = Value::String(text.to_owned());
            let item = Item { value, place: plinth_catalog::Place::default(), folder, external: false };
            assert_eq!(milliseconds(&item), expected, "{text}");
        }
    }
}
