//! Rate limits: what GitHub says of them, kept (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).

use std::time::{Duration, SystemTime};

use plinth_egress::{Answer, header::HeaderMap};
use plinth_model::Ids;
use tokio::time::Instant;

/// How long a limit stands that does not say how long: "at least one minute", then longer each time.
const PAUSE: Duration = Duration::from_secs(60);
/// The longest pause between tries of a limit that does not say how long.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// No limit of GitHub's is longer than an hour; what says so is not believed beyond it.
const HOUR: Duration = Duration::from_secs(3_600);

/// How much of a limit is used, as the last answer told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that are left until the limit's end.
    pub remaining: Option<u64>,
    /// Requests an hour.
    pub limit: Option<u64>,
    /// Requests that were answered 304, which count for nothing.
    pub not_modified: u64,
    /// All others that were answered.
    pub answered: u64,
    /// How often a limit was reached, or the host asked to wait.
    pub limited: u64,
}

// === impl Usage ===

impl Usage {
    /// What two tokens used together; of what is left, the less.
    pub(crate) fn and(self, other: Self) -> Self {
        let has_less = match (self.remaining, other.remaining) {
            (Some(one), Some(other)) => one <= other,
            (one, _) => one.is_some(),
        };
        let Self { remaining, limit, .. } = if has_less { self } else { other };
        Self {
            remaining,
            limit,
            not_modified: self.not_modified + other.not_modified,
            answered: self.answered + other.answered,
            limited: self.limited + other.limited,
        }
    }
}

/// What is known of the limits of one token.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    pub(crate) usage: Usage,
    until: Option<Instant>,
    /// Whether it is no limit that stands, but a host that asks to wait.
    is_busy: bool,
    /// Limits without a time, one after the other.
    strikes: u32,
}

// === impl Limit ===

impl Limit {
    /// How long nothing may be asked from now on.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        self.until.and_then(|until| until.checked_duration_since(now)).filter(|it| !it.is_zero())
    }

    /// Whether it is no limit that stands, but a host that asks to wait.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Takes in what an answer says; how long nothing may be asked where it is refused for a limit.
    pub(crate) fn note(&mut self, answer: &Answer, now: Instant) -> Option<Duration> {
        let headers = &answer.headers;
        self.usage.remaining = number(headers, "x-ratelimit-remaining").or(self.usage.remaining);
        self.usage.limit = number(headers, "x-ratelimit-limit").or(self.usage.limit);
        match answer.status {
            304 => self.usage.not_modified += 1,
            _ => self.usage.answered += 1,
        }
        // Those that were on their way when the first was refused are the same limit, not the next one.
        let stands = self.wait(now).is_some();
        if answer.status < 400 {
            self.note_success(headers, stands, now);
            return None;
        }
        let pause = self.pause(answer, stands)?;
        self.usage.limited += 1;
        self.stand(pause, answer.status == 503, now);
        self.wait(now)
    }

    /// The last request that a limit allows is answered, and the next one would be refused.
    fn note_success(&mut self, headers: &HeaderMap, stands: bool, now: Instant) {
        if number(headers, "x-ratelimit-remaining") == Some(0) {
            self.usage.limited += u64::from(!stands);
            self.stand(until_reset(headers).unwrap_or(PAUSE).min(HOUR), false, now);
        } else if !stands {
            self.strikes = 0;
        }
    }

    fn stand(&mut self, pause: Duration, is_busy: bool, now: Instant) {
        // A little later each: all who wait would come at once. A longer one is not made shorter.
        let until = Some(now + pause + Ids.some_of(pause / 10));
        if until > self.until {
            (self.until, self.is_busy) = (until, is_busy);
        }
    }

    fn pause(&mut self, answer: &Answer, stands: bool) -> Option<Duration> {
        let is_refused = matches!(answer.status, 403 | 429);
        let headers = &answer.headers;
        if let Some(pause) = retry_after(headers).filter(|_| is_refused || answer.status == 503) {
            return Some(pause.min(HOUR));
        }
        if !is_refused {
            return None;
        }
        if number(headers, "x-ratelimit-remaining") == Some(0) {
            return Some(until_reset(headers).unwrap_or(PAUSE).min(HOUR));
        }
        let text = String::from_utf8_lossy(&answer.bytes).to_ascii_lowercase();
        if answer.status == 429 || text.contains("rate limit") || text.contains("abuse detection") {
            let strikes = if stands { self.strikes.saturating_sub(1) } else { self.strikes };
            self.strikes = strikes + 1;
            return Some(PAUSE.saturating_mul(2_u32.saturating_pow(strikes)).min(LONGEST));
        }
        None
    }
}

/// Seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    let until = headers.get("retry-after")?.to_str().ok().and_then(seconds_of)?;
    Some(Duration::from_secs(until.saturating_sub(answered_at(headers)?)))
}

/// From the answer's own time, for clocks differ.
fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    let reset = number(headers, "x-ratelimit-reset")?;
    Some(Duration::from_secs(reset.saturating_sub(answered_at(headers)?).saturating_add(1)))
}

/// When it was answered, in seconds since 1970 by the clock of who answered.
pub(crate) fn answered_at(headers: &HeaderMap) -> Option<u64> {
    headers.get("date")?.to_str().ok().and_then(seconds_of)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Seconds since 1970 of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
fn seconds_of(date: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(date).ok()?;
    date.duration_since(SystemTime::UNIX_EPOCH).ok().map(|it| it.as_secs())
}

#[cfg(test)]
mod tests {
    use plinth_egress::header::{HeaderName, HeaderValue};

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], text: &str) -> Answer {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Answer { url: "http://localhost/".parse().unwrap(), status, headers: headers.collect(), bytes: text.into() }
    }

    #[test]
    fn a_date_is_read() {
        assert_eq!(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(seconds_of("Thu, 01 Jan 1970 00:00:01 GMT"), Some(1));
        for wrong in ["", "yesterday", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            assert_eq!(seconds_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_kind_of_limit_is_kept_as_long_as_it_says() {
        let now = Instant::now();
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (status, headers, text, expected) in [
            (403, &[("retry-after", "30")][..], "", Some(30)),
            (503, &[("retry-after", "9")], "", Some(9)),
            (503, &[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"), date], "", Some(30)),
            (503, &[], "", None),
            (429, &[("retry-after", "7")], "", Some(7)),
            (403, &[("retry-after", "999999")], "", Some(3_600)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111877"), date], "", Some(101)),
            (403, &[("x-ratelimit-remaining", "0")], "", Some(60)),
            (403, &[], "You have exceeded a secondary rate limit.", Some(60)),
            (429, &[], "", Some(60)),
            (403, &[("x-ratelimit-remaining", "4999")], "Resource not accessible by personal access token", None),
            (404, &[], "Not Found", None),
        ] {
            let mut limit = Limit::default();
            let wait = limit.note(&answer(status, headers, text), now).map(|it| it.as_secs_f64());
            let is_right = match (wait, expected) {
                (None, None) => true,
                (Some(wait), Some(expected)) => (f64::from(expected)..f64::from(expected) * 1.1 + 0.1).contains(&wait),
                _ => false,
            };
            assert!(is_right, "{status} {headers:?}: {wait:?}");
            assert_eq!(limit.wait(now).is_some(), expected.is_some());
            assert_eq!(limit.wait(now + Duration::from_secs(4_000)), None);
        }
    }

    #[test]
    fn the_last_request_that_is_allowed_stops_the_next_until_the_reset() {
        let now = Instant::now();
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let last = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111877"), date];
        for (status, headers, expected) in
            [(200, &last[..], 101..=111), (304, &last, 101..=111), (200, &last[..1], 60..=66), (200, &last[1..], 0..=0)]
        {
            let mut limit = Limit::default();
            // The answer itself is one.
            assert_eq!(limit.note(&answer(status, headers, ""), now), None);
            assert!(expected.contains(&limit.wait(now).unwrap_or_default().as_secs()), "{status} {headers:?}");
            assert_eq!(limit.note(&answer(status, headers, ""), now), None);
            assert_eq!(limit.usage.limited, u64::from(expected != (0..=0)));
        }
    }

    #[test]
    fn what_tokens_used_is_added_and_of_what_is_left_the_least_counts() {
        let usage = |remaining, answered| Usage { remaining, limit: remaining, answered, ..Usage::default() };
        let all = [usage(None, 1), usage(Some(7), 2), usage(Some(5), 4)].into_iter().reduce(Usage::and);
        assert_eq!(all, Some(usage(Some(5), 7)));
        assert_eq!(usage(Some(5), 0).and(usage(None, 0)), usage(Some(5), 0));
    }

    #[test]
    fn a_limit_that_does_not_say_how_long_stands_longer_each_time_until_an_answer_comes() {
        let now = Instant::now();
        let (refused, good) = (answer(429, &[], ""), answer(200, &[], ""));
        let mut limit = Limit::default();
        let (mut pauses, mut at) = (Vec::new(), now);
        for _ in 0..6 {
            let pause = limit.note(&refused, at).unwrap();
            // Others were on their way.
            assert!((0..8).all(|_| limit.note(&refused, at).is_some() && limit.note(&good, at).is_none()));
            pauses.push(pause.as_secs() / 60);
            at += Duration::from_secs(3_600);
        }
        // The longest are a little longer by chance.
        assert!(
            pauses[..5].is_sorted() && pauses[..2] == [1, 2] && pauses[4..].iter().all(|it| *it >= 15),
            "{pauses:?}"
        );
        assert_eq!(limit.note(&good, at), None);
        assert_eq!(limit.note(&refused, at).unwrap().as_secs() / 60, 1);
        let longer = answer(403, &[("retry-after", "600")], "");
        assert!(limit.note(&longer, at).unwrap().as_secs() >= 600);
        let shorter = answer(403, &[("retry-after", "1")], "");
        assert!(limit.note(&shorter, at).unwrap().as_secs() >= 600);
    }
}
