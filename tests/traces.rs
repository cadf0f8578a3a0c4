//! OpenTelemetry traces, as a receiver gets them.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, http::header, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, Span},
};
use prost::Message;

use crate::app::{App, Database, component};

/// What was received, in the order of arrival.
type Received = Arc<Mutex<Vec<ResourceSpans>>>;

async fn receiver() -> (String, Received) {
    let received = Received::default();
    let kept = received.clone();
    let take = move |bytes: Bytes| {
        let request = ExportTraceServiceRequest::decode(bytes).unwrap();
        kept.lock().unwrap().extend(request.resource_spans);
        async { ([(header::CONTENT_TYPE, "application/x-protobuf")], Vec::new()) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, received)
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let value = span.attributes.iter().find(|it| it.key == name)?.value.clone()?;
    Some(format!("{:?}", value.value?))
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_readings_are_traced_where_an_endpoint_is_named() {
    let (url, received) = receiver().await;
    let mut app = App::new(Database::Sqlite).await;
    app.write("catalog/a.yaml", &component("a", ""));
    app.configure("locations: [{type: file, target: 'catalog/*.yaml'}]");
    app.environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", url));
    app.start().await;
    app.data("query Traced {entity(ref: \"component:a\") {name}}").await;
    // The rest is sent when the server ends.
    assert!(app.stop().success());
    let received = received.lock().unwrap();
    let resource = format!("{:?}", received[0].resource);
    assert!(resource.contains("service.name") && resource.contains("plinth"), "{resource}");
    let spans: Vec<&Span> = received.iter().flat_map(|it| &it.scope_spans).flat_map(|it| &it.spans).collect();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span `{name}`"));
    named("reading");
    let graphql = named("graphql");
    assert!(attribute(graphql, "graphql.operation.name").unwrap().contains("Traced"));
    let request = spans.iter().find(|span| span.span_id == graphql.parent_span_id).unwrap();
    assert!(attribute(request, "request_id").is_some() && request.trace_id == graphql.trace_id);
}
