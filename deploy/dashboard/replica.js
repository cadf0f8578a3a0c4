// What the page holds of the catalog, and where in the stream of changes that is. It knows neither network nor page.

/** What a reader sees of an entity, and what it is called; a change of these is told with before and after. */
const SHOWN = Object.entries({
  displayName: "name",
  description: "description",
  type: "type",
  lifecycle: "lifecycle",
  ownerRef: "owner",
});

/** The catalog as it was told so far. */
export class Replica {
  /** Entities by reference, as of the last commit. */
  entities = new Map();
  /** Where the stream is: say it as `after` to hear what follows. What is not committed yet lies before it, too. */
  cursor = null;
  /** The catalog's number as of the last commit. */
  revision = null;

  /** What was told and is not committed: an entity by its reference, or null where it left. */
  #pending = new Map();
  #pendingRevision = null;
  /** Whether the next commit is the first since all was dropped: the catalog as it is, not news. */
  #isFirst = true;

  /** How many entities were told and wait for the rest of their revision. */
  get pending() {
    return this.#pending.size;
  }

  /** Drops everything, its place too, and answers that. The stream then begins with all that there is. */
  clear() {
    this.cursor = null;
    return this.#drop();
  }

  #drop() {
    this.entities = new Map();
    this.revision = null;
    this.#pending.clear();
    this.#pendingRevision = null;
    this.#isFirst = true;
    return { isFirst: true, isReset: true, added: [], changed: [], removed: [], at: null };
  }

  /**
   * Takes an event. Answers what changed by it, or null while more of the same revision follows.
   * A place in the stream is never told twice, so nothing here is applied twice.
   */
  take(event) {
    this.cursor = event.cursor;
    switch (event.__typename) {
      case "StreamReset":
        return this.#drop();
      case "CatalogChanged":
        for (const entity of event.upserted) this.#pending.set(entity.ref, entity);
        for (const reference of event.deleted) this.#pending.set(reference, null);
        this.#pendingRevision = event.revision;
        return event.more ? null : this.#commit(event.at);
      case "StreamSynced":
        // All was told, so nothing of a revision can be missing.
        return this.#commit(event.at);
      default:
        // An event of a later version of the server: its cursor counts, its content is not for us.
        return null;
    }
  }

  #commit(at) {
    const told = { isFirst: this.#isFirst, isReset: false, added: [], changed: [], removed: [], at };
    for (const [reference, entity] of this.#pending) {
      const before = this.entities.get(reference);
      if (entity === null) {
        if (before) told.removed.push({ entity: before });
        this.entities.delete(reference);
      } else if (!before) {
        told.added.push({ entity });
        this.entities.set(reference, entity);
      } else if (isOther(before, entity)) {
        told.changed.push({ entity, before, fields: changes(before, entity) });
        this.entities.set(reference, entity);
      }
    }
    this.#pending.clear();
    this.revision = this.#pendingRevision ?? this.revision;
    this.#isFirst = false;
    return told;
  }
}

function isOther(before, after) {
  return before.revision !== after.revision || changes(before, after).length > 0;
}

/** What a reader sees differently. */
function changes(before, after) {
  return SHOWN.filter(([key]) => before[key] !== after[key]).map(([key, name]) => ({
    name,
    before: before[key],
    after: after[key],
  }));
}
