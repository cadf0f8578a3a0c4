//! Entities and snapshots for tests, made of documents as ingestion makes them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, Revision};
use serde_json::{Value, json};

use crate::{
    Entity, Snapshot,
    content::{Interner, Origin, entity},
    snapshot::Changes,
};

/// The entity of a document with this `metadata` and `spec`.
pub(crate) fn of(kind: &str, metadata: Value, spec: Value) -> Arc<Entity> {
    let document = json!({"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec});
    let content = document.to_string();
    let origin = Origin {
        location: None,
        file: "/catalog-info.yaml".into(),
        document: 0,
        manifest: ContentHash::of(content.as_bytes()),
        definition: None,
        hash: None,
        revision: Revision(1),
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
    };
    Arc::new(entity(content.into(), origin, &mut Interner::default()).unwrap())
}

/// The next snapshot with these entities.
pub(crate) fn with(before: &Snapshot, upserted: Vec<Arc<Entity>>) -> Snapshot {
    before.apply(Changes { revision: Revision(before.revision().0 + 1), upserted, ..Changes::default() })
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // Knuth's multiplier; the upper half is the better one.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}
