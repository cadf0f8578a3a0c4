//! ${{ values.title }}

use axum::{Router, routing::get};

#[tokio::main]
async fn main() -> service_kit::Result<()> {
    let routes = Router::new().route("/", get(|| async { "${{ values.name }}" }));
    service_kit::run("${{ values.name }}", |app| {
        app.port(${{ values.port }}).routes(routes){% if values.database %}.database("${{ values.database }}"){% endif %}
    })
    .await
}
