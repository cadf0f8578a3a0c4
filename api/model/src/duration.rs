//! ISO 8601 durations.

use std::time::Duration;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Seconds of each unit; a year has 365 days and a month 30, as `durationToMilliseconds` of `@backstage/types` counts.
const DATE: &[(char, f64)] = &[('Y', 365.0 * DAY), ('M', 30.0 * DAY), ('W', 7.0 * DAY), ('D', DAY)];
const TIME: &[(char, f64)] = &[('H', HOUR), ('M', MINUTE), ('S', 1.0)];

/// Reads `PT10S`, `P2DT6H`, `PT1M30.5S`; `None` where the text is no duration.
pub fn iso_duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('P')?;
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let (date, time) = (parts(date, DATE)?, parts(time.unwrap_or_default(), TIME)?);
    let seconds = date.0 + time.0;
    (date.1 + time.1 > 0).then(|| Duration::try_from_secs_f64(seconds).ok())?
}

/// Digits, perhaps with one point.
pub fn decimal(text: &str) -> Option<f64> {
    let is_decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_decimal.then(|| text.parse().ok())?
}

/// The sum of numbers with units, each once and in order, and how many there are.
fn parts(mut text: &str, units: &[(char, f64)]) -> Option<(f64, usize)> {
    let (mut sum, mut count) = (0.0, 0);
    for (letter, seconds) in units {
        let end = text.find(|it: char| !it.is_ascii_digit() && it != '.' && it != ',').unwrap_or(text.len());
        if let Some(rest) = text[end..].strip_prefix(*letter) {
            sum += decimal(&text[..end].replace(',', "."))? * seconds;
            count += 1;
            text = rest;
        }
    }
    text.is_empty().then_some((sum, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_to_the_millisecond() {
        for (text, expected) in [
            ("PT10S", Some(10_000)),
            ("PT0S", Some(0)),
            ("PT1M30.5S", Some(90_500)),
            ("PT1,5S", Some(1_500)),
            ("P1DT1H", Some(90_000_000)),
            ("P1W", Some(604_800_000)),
            ("P1M", Some(2_592_000_000)),
            ("P", None),
            ("PT", None),
            ("10S", None),
            ("PT10", None),
            ("PT-1S", None),
            ("PT1S1M", None),
            ("pt1s", None),
            ("P99999999999999999999Y", None),
        ] {
            assert_eq!(iso_duration(text).map(|it| it.as_millis()), expected, "{text}");
        }
    }
}
