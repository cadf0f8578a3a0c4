//! One change: a transaction, then the snapshot that holds it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef, Revision};
use plinth_storage::{Db, Lease, Log, Packed, Tx, advance, insert_bodies};

use crate::{
    Config, Entity, Error, Location, LocationId, Problem, Result, Snapshot,
    plan::{Plan, held},
    reading::{Bodies, Taken},
    recent::Named,
    registry::{self, Difference},
    snapshot::Changes,
    store::{self, LogRow},
};

/// A change that is durable, and the snapshot after it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) snapshot: Snapshot,
    /// Locations that are new: to be read.
    pub(crate) found: Vec<LocationId>,
    /// How many entities left.
    pub(crate) removed: usize,
    /// Entities that no location holds any more: another may have a document of them.
    pub(crate) freed: Vec<EntityRef>,
    /// What the log says of it.
    pub(crate) rows: Vec<Named>,
}

/// Everything that one transaction writes.
#[derive(Default)]
struct Batch {
    upserted: Vec<Arc<Entity>>,
    touched: Vec<Arc<Entity>>,
    removed: Vec<Arc<Entity>>,
    problems: Option<(Arc<Location>, Vec<Problem>)>,
    locations: Difference,
}

/// What is to be changed. Nothing at all is a change of the configuration: the locations follow it.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// What happens to entities.
    pub(crate) plan: Plan,
    /// The location whose reading this is.
    pub(crate) read: Option<Arc<Location>>,
    /// What gives the right to write a reading.
    pub(crate) lease: Option<Lease>,
    /// A location that comes.
    pub(crate) registered: Option<Location>,
    /// A location that goes.
    pub(crate) unregistered: Option<Arc<Location>>,
}

/// Writes a change that was planned against a snapshot; `None` where another server wrote meanwhile, so that it must be planned
/// again.
pub(crate) async fn write(
    db: &Db,
    config: &Config,
    before: &Snapshot,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Option<Written>> {
    let Change { plan, read, lease, registered, unregistered } = change;
    let Plan { mut upserted, touched, removed, orphaned, problems, counts: _, is_stale: _ } = plan;
    let mut tx = db.begin().await?;
    store_bodies(&mut tx, &mut upserted).await?;
    // The number is taken when the bodies, the large part, are written: its row stays locked until the commit.
    let revision = Revision(advance(&mut tx, Log::Catalog).await?);
    if revision.0 != before.revision().0 + 1 {
        return Ok(None);
    }
    if let Some(lease) = lease
        && !lease.is_held(&mut tx).await?
    {
        return Err(Error::NotTheReader);
    }
    let stamp = |mut entity: Arc<Entity>| {
        Arc::make_mut(&mut entity).revision = revision;
        entity
    };
    let upserted = upserted.into_iter().map(|it| it.entity).chain(orphaned.into_iter().map(Arc::new));
    let mut batch = Batch {
        upserted: upserted.map(stamp).collect(),
        touched: touched.into_iter().map(stamp).collect(),
        removed,
        problems: read.clone().zip(problems),
        locations: Difference {
            upserted: registered.into_iter().collect(),
            removed: unregistered.into_iter().collect(),
        },
    };
    let mut snapshot = before.apply(batch.changes(revision));
    let pointers = batch.upserted.iter().chain(&batch.removed).any(|entity| !entity.targets.is_empty());
    let lost =
        batch.upserted.iter().any(|entity| before.find(&entity.reference).is_some_and(|it| !it.targets.is_empty()));
    if pointers || lost || read.is_none() {
        let more = batch.follow(&snapshot, config, revision);
        snapshot = snapshot.apply(more);
    }
    let rows = batch.store(&mut tx, before, revision, now).await?;
    tx.commit().await?;
    let found = batch.locations.upserted.iter().filter(|it| before.location(it.id).is_none()).map(|it| it.id);
    let found = found.chain(batch.presence_changed(before)).collect();
    let orphans = batch.upserted.iter().filter(|entity| entity.location.is_none());
    let freed = batch.removed.iter().chain(orphans).map(|entity| entity.reference.clone()).collect();
    Ok(Some(Written { snapshot, found, removed: batch.removed.len(), freed, rows }))
}

async fn store_bodies(tx: &mut Tx, upserted: &mut [Taken]) -> Result<()> {
    let mut bodies: Vec<(ContentHash, Packed)> = Vec::with_capacity(upserted.len());
    for Taken { entity, bodies: stored, .. } in upserted {
        let Some(Bodies { manifest, definition }) = stored.take() else { continue };
        bodies.push((entity.manifest, manifest));
        bodies.extend(entity.definition.zip(definition));
    }
    // In one order, so that two writers never wait for each other; one statement must not name a row twice.
    bodies.sort_unstable_by_key(|(hash, _)| *hash);
    bodies.dedup_by_key(|(hash, _)| *hash);
    Ok(insert_bodies(tx, &bodies).await?)
}

// === impl Batch ===

impl Batch {
    fn changes(&self, revision: Revision) -> Changes {
        let with_problems = |(location, problems): &(Arc<Location>, Vec<Problem>)| {
            Arc::new(Location { problems: problems.as_slice().into(), ..Location::clone(location) })
        };
        let registered = self.locations.upserted.iter().cloned().map(Arc::new);
        Changes {
            revision,
            upserted: self.upserted.iter().chain(&self.touched).cloned().collect(),
            removed: self.removed.iter().map(|it| it.reference.clone()).collect(),
            locations: self.problems.iter().map(with_problems).chain(registered).collect(),
            locations_removed: self.locations.removed.iter().map(|it| it.id).collect(),
        }
    }

    /// Finds the locations that `Location` entities lead to now. What the lost ones held leaves with them.
    fn follow(&mut self, snapshot: &Snapshot, config: &Config, revision: Revision) -> Changes {
        let Difference { upserted: found, removed: lost } = registry::difference(snapshot, config);
        let mut plan = Plan::default();
        for location in &lost {
            for entity in held(snapshot, location.id) {
                plan.retire(&entity, config.orphans);
            }
        }
        let orphaned = plan.orphaned.into_iter().map(|entity| Arc::new(Entity { revision, ..entity }));
        let orphaned: Vec<_> = orphaned.collect();
        let gone: HashSet<_> = plan.removed.iter().chain(&orphaned).map(|it| &it.reference).collect();
        self.upserted.retain(|entity| !gone.contains(&entity.reference));
        self.touched.retain(|entity| !gone.contains(&entity.reference));
        let changes = Changes {
            revision,
            upserted: orphaned.clone(),
            removed: plan.removed.iter().map(|it| it.reference.clone()).collect(),
            locations: found.iter().cloned().map(Arc::new).collect(),
            locations_removed: lost.iter().map(|it| it.id).collect(),
        };
        self.locations.upserted.extend(found);
        self.locations.removed.extend(lost);
        self.removed.extend(plan.removed);
        self.upserted.extend(orphaned);
        changes
    }

    /// The locations of which a `Location` entity says now that they may, or may not, be missing.
    fn presence_changed(&self, before: &Snapshot) -> Vec<LocationId> {
        let presence = |entity: &Entity| entity.at("/spec/presence");
        let changed =
            self.upserted.iter().filter(|entity| !entity.targets.is_empty()).filter(|entity| {
                before.find(&entity.reference).is_some_and(|known| presence(known) != presence(entity))
            });
        changed.flat_map(|entity| entity.targets.iter().map(|(kind, target)| LocationId::of(*kind, target))).collect()
    }

    async fn store(
        &self,
        tx: &mut Tx,
        before: &Snapshot,
        revision: Revision,
        now: DateTime<Utc>,
    ) -> Result<Vec<Named>> {
        let names = |entities: &'_ [Arc<Entity>]| entities.iter().map(|it| it.reference.clone()).collect::<Vec<_>>();
        let (touched, removed) = (names(&self.touched), names(&self.removed));
        let upserted: Vec<&Entity> = self.upserted.iter().map(|it| &**it).collect();
        store::upsert_entities(tx, &upserted).await?;
        store::touch_entities(tx, &touched.iter().map(|it| it.as_str()).collect::<Vec<_>>(), revision).await?;
        store::delete_entities(tx, &removed.iter().map(|it| it.as_str()).collect::<Vec<_>>()).await?;
        for location in &self.locations.upserted {
            store::upsert_location(tx, location).await?;
        }
        let gone: Vec<LocationId> = self.locations.removed.iter().map(|it| it.id).collect();
        store::delete_locations(tx, &gone).await?;
        if let Some((location, problems)) = self.problems.as_ref().filter(|(location, _)| !gone.contains(&location.id))
        {
            store::replace_problems(tx, location.id, problems).await?;
        }
        let changed = self.problems.iter().map(|(location, _)| location.reference());
        let registered = self.locations.upserted.iter().map(Location::reference);
        let lost = self.locations.removed.iter().map(|it| it.reference());
        let mut locations: Vec<_> = changed.chain(registered).chain(lost).collect();
        locations.sort();
        locations.dedup();
        let named = self.named();
        let known: Vec<&Entity> =
            named.iter().filter_map(|(entity, _)| before.find(&entity.reference)).map(|it| &**it).collect();
        let stood = store::insert_stood(tx, before, &known).await?;
        let stood: HashMap<&EntityRef, ContentHash> = known.iter().map(|it| &it.reference).zip(stood).collect();
        let entities = named.iter().map(|(entity, operation)| LogRow {
            reference: entity.reference.as_str(),
            operation,
            before: stood.get(&entity.reference).copied(),
        });
        let of_location = |reference| LogRow { reference, operation: "location", before: None };
        let rows: Vec<_> = entities.chain(locations.iter().map(|it| of_location(it.as_str()))).collect();
        store::append_log(tx, revision, now, &rows).await?;
        let row = |(ordinal, row): (i64, &LogRow<'_>)| Named {
            revision: revision.0,
            ordinal,
            entity: usize::try_from(ordinal).ok().and_then(|it| named.get(it)).map(|(it, _)| it.reference.clone()),
            is_deletion: row.operation == "delete",
        };
        Ok((0..).zip(&rows).map(row).collect())
    }

    /// The entities that it is about, each with what happens to it.
    fn named(&self) -> Vec<(&Arc<Entity>, &'static str)> {
        let upserted = self.upserted.iter().map(|entity| (entity, "upsert"));
        let touched = self.touched.iter().map(|entity| (entity, "problems"));
        let removed = self.removed.iter().map(|entity| (entity, "delete"));
        upserted.chain(touched).chain(removed).collect()
    }
}
