// The latest changes, the newest first.

import { copy, count, find, setText, when } from "./page.js";

/** Lines that are kept. */
const MOST = 200;

/** The list of changes. */
export class Changes {
  #list = find("#log");
  #quiet = find("#quiet");
  #said = find("#said");

  /** Forgets all. */
  clear() {
    this.#list.replaceChildren();
    this.#quiet.hidden = false;
  }

  /** Adds what a commit changed. What there was at the beginning is no change. */
  add({ isFirst, added, changed, removed, at }) {
    if (isFirst) return;
    const news = [
      ...removed.map((it) => ({ ...it, verb: "gone", at })),
      ...added.map((it) => ({ ...it, verb: "new", at: it.entity.updatedAt })),
      ...changed.map((it) => ({ ...it, verb: "changed", at: it.entity.updatedAt })),
    ];
    if (news.length === 0) return;
    this.#list.prepend(...news.slice(0, MOST).map(line));
    while (this.#list.childElementCount > MOST) this.#list.lastElementChild.remove();
    this.#quiet.hidden = true;
    const [{ entity, verb }] = news;
    setText(this.#said, news.length === 1 ? `${entity.displayName}: ${verb}` : `${count(news.length)} changes`);
  }
}

function line({ entity, verb, at, fields = [] }) {
  const item = copy("change");
  item.dataset.verb = verb;
  const time = find("time", item);
  time.dateTime = at;
  time.textContent = when(at);
  find(".verb", item).textContent = verb;
  find(".name", item).textContent = entity.displayName;
  find(".reference", item).textContent = entity.ref;
  find("ul", item).append(
    ...fields.map(({ name, before, after }) => {
      const detail = document.createElement("li");
      detail.textContent = `${name}: ${before ?? "none"} → ${after ?? "none"}`;
      return detail;
    }),
  );
  return item;
}
