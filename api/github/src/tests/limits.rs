//! Limits and failures.

use std::{sync::Arc, time::Duration};

use super::fake::{Fake, Served};
use crate::{Error, GitHub, Result};

const FILE: &str = "/repos/acme/shop/contents/a.yaml?ref=main";

async fn read(fake: &Fake, github: &GitHub) -> Result<Arc<[u8]>> {
    github.read(&fake.place(github, "/acme/shop/blob/main/a.yaml")).await
}

#[tokio::test]
async fn the_last_request_that_is_allowed_is_answered_and_no_further_one_is_made() {
    let fake = Fake::start().await;
    fake.serve(FILE, Served::file("one").with("x-ratelimit-remaining", "0").with("x-ratelimit-limit", "60"));
    let github = fake.client();
    assert_eq!(&*read(&fake, &github).await.unwrap(), b"one");
    let error = read(&fake, &github).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }) && error.to_string().contains("is reached (token)"), "{error}");
    assert_eq!(fake.asked().len(), 1);
    let (_, usage) = github.usage()[0];
    assert_eq!((usage.remaining, usage.limit, usage.answered, usage.limited), (Some(0), Some(60), 1, 1));
}

#[tokio::test]
async fn a_host_that_asks_to_wait_is_left_alone() {
    let fake = Fake::start().await;
    fake.serve(FILE, Served::file("one"));
    let github = fake.client();
    fake.fail(Served::fault(503, "maintenance").with("retry-after", "30"));
    for _ in 0..2 {
        let error = read(&fake, &github).await.unwrap_err();
        assert!(error.after().is_some_and(|it| it.as_secs() >= 29), "{error}");
        assert!(error.to_string().contains("is busy and asks to wait; it is asked again in"), "{error}");
    }
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn what_passes_is_tried_three_times_and_what_takes_too_long_twice() {
    let fake = Fake::start().await;
    fake.serve(FILE, Served::file("one"));
    (0..2).for_each(|_| fake.fail(Served::fault(502, "Server Error")));
    assert_eq!(&*read(&fake, &fake.client()).await.unwrap(), b"one");
    assert_eq!(fake.asked().len(), 3);
    (0..3).for_each(|_| fake.fail(Served::fault(502, "Server Error")));
    assert!(matches!(read(&fake, &fake.client()).await, Err(Error::Status { status: 502, .. })));
    assert_eq!(fake.asked().len(), 3);
    fake.be_silent();
    let github = fake.client_within(Duration::from_millis(200));
    let error = read(&fake, &github).await.unwrap_err();
    assert!(matches!(error, Error::Egress(plinth_egress::Error::TimedOut { .. })), "{error}");
    assert_eq!(fake.asked().len(), 2);
}
