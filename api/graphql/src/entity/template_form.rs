//! The form of a template, from `spec.parameters`.

use async_graphql::SimpleObject;
use serde_json::{Map, Value};

use crate::scalar::Json;

/// A form that asks for what a template needs.
#[derive(SimpleObject)]
pub(crate) struct TemplateForm {
    /// The pages, in order; bounded by the document's size. None where the template asks for nothing.
    pages: Vec<TemplatePage>,
    /// JSON Schema of the secrets that a run takes. Null where it takes none.
    secrets: Option<Json>,
    /// What the form's buttons say.
    button_labels: TemplateButtonLabels,
}

/// A page of a form.
#[derive(SimpleObject)]
pub(crate) struct TemplatePage {
    /// The page's heading.
    title: Option<String>,
    /// What the page is about.
    description: Option<String>,
    /// JSON Schema of the page's values, without the `ui:` hints.
    schema: Json,
    /// The `ui:` hints (which widget, which order, which placeholder), in the shape of the schema's properties.
    ui_schema: Json,
}

/// What the buttons of a form say, where the template has words of its own.
#[derive(SimpleObject)]
pub(crate) struct TemplateButtonLabels {
    /// For the button to the page before.
    back: Option<String>,
    /// For the button to the overview of what was filled in.
    review: Option<String>,
    /// For the button that starts the run.
    create: Option<String>,
}

impl TemplateForm {
    /// The form of a template's `spec`.
    pub(crate) fn of(spec: &Value) -> Self {
        let pages = match spec.get("parameters") {
            Some(Value::Array(pages)) => pages.iter().map(TemplatePage::of).collect(),
            Some(page @ Value::Object(_)) => vec![TemplatePage::of(page)],
            _ => Vec::new(),
        };
        let label = |key: &str| Some(spec.pointer("/presentation/buttonLabels")?.get(key)?.as_str()?.to_owned());
        Self {
            pages,
            secrets: spec.pointer("/secrets/schema").cloned().map(Json),
            button_labels: TemplateButtonLabels {
                back: label("backButtonText"),
                review: label("reviewButtonText"),
                create: label("createButtonText"),
            },
        }
    }
}

impl TemplatePage {
    fn of(page: &Value) -> Self {
        let text = |key: &str| page.get(key).and_then(Value::as_str).map(str::to_owned);
        let (schema, hints) = split(page);
        Self { title: text("title"), description: text("description"), schema: Json(schema), ui_schema: Json(hints) }
    }
}

/// Takes the `ui:` hints out of a JSON Schema, as Backstage's form does: hints of a property stand under its name, those
/// of array members under `items`, and those of a branch (`oneOf`, `dependencies`, `then`) beside the whole.
fn split(page: &Value) -> (Value, Value) {
    let mut schema = page.clone();
    let mut hints = Map::new();
    take_hints(&mut schema, &mut hints);
    (schema, Value::Object(hints))
}

fn take_hints(schema: &mut Value, hints: &mut Map<String, Value>) {
    let Value::Object(schema) = schema else { return };
    let names: Vec<String> = schema.keys().filter(|key| key.starts_with("ui:")).cloned().collect();
    for name in names {
        hints.extend(schema.shift_remove(&name).map(|hint| (name, hint)));
    }
    for (key, value) in schema.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties.iter_mut().filter(|(_, property)| property.is_object()) {
                    take_hints(property, object_at(hints, name));
                }
            }
            ("items", items @ Value::Object(_)) => take_hints(items, object_at(hints, "items")),
            ("anyOf" | "oneOf" | "allOf", Value::Array(branches)) => {
                branches.iter_mut().for_each(|branch| take_hints(branch, hints));
            }
            ("dependencies", Value::Object(branches)) => {
                branches.values_mut().for_each(|branch| take_hints(branch, hints));
            }
            ("then" | "else", branch) => take_hints(branch, hints),
            _ => {}
        }
    }
}

/// The object under a key. Branches may name the same property twice, so that there may be hints already.
fn object_at<'a>(hints: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let at = hints.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    at.as_object_mut().expect("it was made an object above")
}
