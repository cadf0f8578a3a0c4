//! `Accept`: what the client wants to read.

use axum::http::{HeaderMap, header};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells whether the document was executed.
    GraphQl,
    /// `application/json`: 200 also for a document that was refused, as old clients expect.
    Json,
    /// `text/event-stream`, where it is named; no wildcard means it.
    Events,
}

/// What a request accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    /// The best of what there is; `None` where nothing fits.
    pub(super) media: Option<Media>,
    /// Whether it may be an event stream, though something else is better.
    pub(super) events: bool,
    /// Whether it names HTML: a browser that shows a page.
    pub(super) html: bool,
}

impl Media {
    /// The content type, also of refusals.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Events => "application/json; charset=utf-8",
        }
    }
}

impl Accepted {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let ranges: Vec<Range> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::of)
            .collect();
        if !headers.contains_key(header::ACCEPT) {
            return Self { media: Some(Media::Json), events: false, html: false };
        }
        let wanted = |kind: &str| ranges.iter().find(|range| range.kind == kind).map_or(0, |range| range.quality);
        // Where a type is not named, a wildcard counts.
        let worth = |kind: &str| match ranges.iter().find(|range| range.kind == kind) {
            Some(range) => (range.quality, true),
            None => (wanted("application/*").max(wanted("*/*")), false),
        };
        let best = [
            (Media::GraphQl, worth("application/graphql-response+json")),
            (Media::Json, worth("application/json")),
            (Media::Events, (wanted("text/event-stream"), true)),
        ]
        .into_iter()
        .filter(|(_, (quality, _))| *quality > 0)
        .max_by_key(|(media, (quality, is_named))| {
            // Of equals the one that says more, but who names none knows only JSON.
            let order = match media {
                Media::GraphQl if *is_named => 3,
                Media::Json => 2,
                Media::GraphQl => 1,
                Media::Events => 0,
            };
            (*quality, *is_named, order)
        });
        Self {
            media: best.map(|(media, _)| media),
            events: wanted("text/event-stream") > 0,
            html: wanted("text/html") > 0,
        }
    }

    /// The content type of a refusal.
    pub(super) fn refusal(self) -> &'static str {
        self.media.unwrap_or(Media::Json).content_type()
    }
}

/// A part of `Accept`.
struct Range {
    kind: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    fn of(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let kind = parts.next()?.trim().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
        let quality = (quality.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u16;
        (!kind.is_empty()).then_some(Self { kind, quality })
    }
}
