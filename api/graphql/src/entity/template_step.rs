//! What a template does.

use async_graphql::{Enum, SimpleObject};
use serde_json::Value;

/// One step of a template, as it is written.
#[derive(SimpleObject)]
pub(crate) struct TemplateStep {
    /// Its name among the template's steps: by it, others use what it puts out. `step-1` for the first and so on where
    /// none is written.
    step_id: String,
    /// What to show to a person: the name, or else the action.
    name: String,
    /// What sort of step it is.
    kind: StepKind,
    /// The action that it runs. Null for a step that runs none.
    action: Option<String>,
}

/// What sort of step it is. There will be more sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum StepKind {
    /// It runs an action.
    Action,
    /// It runs an action once for each of several values.
    Each,
}

impl TemplateStep {
    /// The steps under `spec.steps`.
    pub(crate) fn all(steps: &Value) -> Vec<Self> {
        let steps = steps.as_array().map(Vec::as_slice).unwrap_or_default();
        steps.iter().enumerate().map(|(place, step)| Self::of(place, step)).collect()
    }

    fn of(place: usize, step: &Value) -> Self {
        let text = |key: &str| step.get(key).and_then(Value::as_str).map(str::to_owned);
        let step_id = text("id").unwrap_or_else(|| format!("step-{}", place + 1));
        let action = text("action");
        let name = text("name").or_else(|| action.clone()).unwrap_or_else(|| step_id.clone());
        let kind = if step.get("each").is_some() { StepKind::Each } else { StepKind::Action };
        Self { step_id, name, kind, action }
    }
}
