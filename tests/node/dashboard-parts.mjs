// Tells the dashboard's replica what a server may tell, asks which addresses it follows, and prints what came of it as JSON.
// usage: node dashboard-parts.mjs
import { address } from "../../deploy/dashboard/page.js";
import { Replica } from "../../deploy/dashboard/replica.js";

const at = "2026-01-01T00:00:00Z";
const entity = (name, displayName = name, revision = 7) => ({ ref: `component:default/${name}`, displayName, revision });
const synced = (cursor) => ({ __typename: "StreamSynced", cursor, at });
const changed = (cursor, upserted, deleted = [], more = false, revision = 8) => {
  return { __typename: "CatalogChanged", cursor, at, revision, upserted, deleted, more };
};
const counts = ({ added, changed, removed }) => ({ added: added.length, changed: changed.length, removed: removed.length });
const seen = {};
const replica = new Replica();

const all = ["a", "b", ...Array.from({ length: 148 }, (_, number) => `c${number}`)].map((name) => entity(name));
replica.take(changed("s1", all.slice(0, 100), [], true, 7));
const before = replica.entities.size;
const whole = replica.take(changed("s2", all.slice(100), [], false, 7));
seen.whole = {
  before,
  after: replica.entities.size,
  told: whole.added.length,
  revision: replica.revision,
  isFirst: whole.isFirst,
};
seen.again = counts(replica.take(changed("s3", all.slice(0, 5), ["component:default/never-there"], false, 7)));

const part = replica.take(changed("p1", [entity("a", "A", 8)], [], true));
seen.part = {
  told: part,
  title: replica.entities.get("component:default/a").displayName,
  pending: replica.pending,
  cursor: replica.cursor,
};
const rest = replica.take(changed("p2", [], ["component:default/b"]));
const [field] = rest.changed[0].fields;
seen.rest = { changed: [field.before, field.after], removed: rest.removed.map((it) => it.entity.ref) };

replica.take(changed("q1", [entity("a", "AA", 9)], [], true, 9));
seen.synced = { changed: replica.take(synced("q2")).changed.length };

replica.take(changed("r1", [], ["component:default/a"], true, 10));
const back = replica.take(changed("r2", [entity("a", "AA", 9)], [], false, 10));
seen.back = { ...counts(back), size: replica.entities.size };

replica.take(changed("t1", [entity("lost")], [], true, 11));
const reset = replica.take({ __typename: "StreamReset", cursor: "x", at, reason: "CURSOR_FOREIGN" });
seen.reset = { isReset: reset.isReset, size: replica.entities.size, pending: replica.pending, revision: replica.revision };
replica.take(changed("y1", [entity("only")], [], false, 3));
replica.clear();
seen.anew = { isFirst: replica.take(changed("y2", [entity("only")], [], false, 3)).isFirst, size: replica.entities.size };
seen.later = {
  told: replica.take({ __typename: "SomethingLater", cursor: "z", at }),
  cursor: replica.cursor,
  size: replica.entities.size,
};
const bad = ["javascript:alert(1)", " JaVa\nScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///x", "blob:https://a/x"];
const addresses = [...bad, "//a.example", "a/b", "", null];
addresses.push("http://a.example", "https://a.example/?b#c", "mailto:a@example.com");
seen.followed = addresses.map(address).filter(Boolean);
console.log(JSON.stringify(seen));
