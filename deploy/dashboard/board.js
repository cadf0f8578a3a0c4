// The entities by kind, as cards. Of a long kind the first stand there, the others come when asked for, so that ten thousand
// entities cost no more than some hundred. What is found and how it is ordered decides which are the first.

import { copy, count, find, link, setText } from "./page.js";

/** Cards of a kind at the beginning, and how many more come at a click. */
const FIRST = 48;
const MORE = 192;
/** Links of a card. */
const LINKS = 3;
/** How long a card shows that it is new or changed. */
const MARKED = 10_000;

const KINDS = ["Component", "API", "Resource", "System", "Domain", "Template", "Group", "User", "Location"];
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const ORDERS = {
  name: (a, b) => collator.compare(a.displayName, b.displayName) || (a.ref < b.ref ? -1 : 1),
  change: (a, b) => b.revision - a.revision || ORDERS.name(a, b),
};

/** The board. */
export class Board {
  #replica;
  #columns = new Map();
  #order = ORDERS.name;
  #words = [];
  #isPlanned = false;

  /** Shows what the replica holds. */
  constructor(replica) {
    this.#replica = replica;
    find("#find").addEventListener("input", ({ target }) => {
      this.#words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.#plan();
    });
    find("#order").addEventListener("change", ({ target }) => {
      this.#order = ORDERS[target.value];
      for (const column of this.#columns.values()) column.entities.sort(this.#order);
      this.#plan();
    });
  }

  /** Takes over what a commit changed. */
  take({ isFirst, isReset, added, changed, removed }) {
    if (isReset) return this.#clear();
    const touched = new Set();
    const gone = new Set([...removed.map((it) => it.entity), ...changed.map((it) => it.before)]);
    for (const { kind } of gone) touched.add(this.#column(kind));
    for (const column of touched) column.entities = column.entities.filter((entity) => !gone.has(entity));
    for (const [told, mark] of [[added, "new"], [changed, "changed"]]) {
      for (const { entity } of told) {
        const column = this.#column(entity.kind);
        column.entities.push(entity);
        if (!isFirst) column.marks.set(entity.ref, { mark, until: performance.now() + MARKED });
        touched.add(column);
      }
    }
    // They are in order but for those at the end, which is what this sort is quick at.
    for (const column of touched) column.entities.sort(this.#order);
    this.#plan();
  }

  #clear() {
    this.#columns.forEach((column) => column.element.remove());
    this.#columns.clear();
    this.#plan();
  }

  #column(kind) {
    let column = this.#columns.get(kind);
    if (!column) {
      column = { kind, entities: [], limit: FIRST, cards: new Map(), marks: new Map(), element: copy("kind") };
      column.element.dataset.kind = kind;
      setText(find("h3", column.element), kind);
      find(".more", column.element).addEventListener("click", () => {
        column.limit += MORE;
        this.#plan();
      });
      this.#columns.set(kind, column);
      const place = (it) => (KINDS.indexOf(it.kind) + KINDS.length + 1) % (KINDS.length + 1);
      const columns = [...this.#columns.values()];
      columns.sort((a, b) => place(a) - place(b) || collator.compare(a.kind, b.kind));
      const next = columns[columns.indexOf(column) + 1];
      find("#kinds").insertBefore(column.element, next?.element ?? null);
    }
    return column;
  }

  /** Draws before the next frame, once however much happens until then. */
  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // A hidden page has no frames, and is drawn nevertheless: it may be looked at by other means.
    const draw = () => {
      this.#isPlanned = false;
      this.#draw();
    };
    if (document.hidden) setTimeout(draw);
    else requestAnimationFrame(draw);
  }

  #draw() {
    let shown = 0;
    for (const column of this.#columns.values()) shown += this.#drawColumn(column);
    const none = find("#none");
    none.hidden = shown > 0;
    setText(none, this.#words.length > 0 ? "Nothing of that is in the catalog." : "Nothing to show yet.");
  }

  #drawColumn(column) {
    const found = this.#words.length > 0 ? column.entities.filter((it) => this.#isFound(it)) : column.entities;
    column.element.hidden = found.length === 0;
    const all = column.entities.length;
    const number = found.length < all ? `${count(found.length)} of ${count(all)}` : count(all);
    setText(find(".number", column.element), number);
    const more = find(".more", column.element);
    const hidden = found.length - column.limit;
    more.hidden = hidden <= 0;
    setText(more, `Show ${count(Math.min(hidden, MORE))} more of ${column.kind}`);

    const first = found.slice(0, column.limit);
    this.#dropCards(column, new Set(first.map((it) => it.ref)));
    const list = find("ul", column.element);
    let next = list.firstElementChild;
    for (const entity of first) {
      const card = column.cards.get(entity.ref) ?? { element: copy("card"), entity: null };
      column.cards.set(entity.ref, card);
      this.#drawCard(card, entity, column.marks);
      // One that stands where it belongs is not touched: the focus may be in it.
      if (card.element === next) next = next.nextElementSibling;
      else list.insertBefore(card.element, next);
    }
    return found.length;
  }

  #dropCards({ cards }, kept) {
    for (const [reference, { element }] of cards) {
      if (kept.has(reference)) continue;
      element.remove();
      cards.delete(reference);
    }
  }

  #drawCard(card, entity, marks) {
    const { element } = card;
    // An owner's name is another entity's, and may change by itself.
    setText(find(".owner", element), entity.ownerRef ? `owned by ${this.#nameOf(entity.ownerRef)}` : "");
    if (card.entity === entity) return;
    card.entity = entity;
    element.dataset.ref = entity.ref;
    const name = link(entity.source?.viewUrl, entity.displayName) ?? entity.displayName;
    find(".name", element).replaceChildren(name);
    find(".name", element).title = entity.ref;
    setText(find(".description", element), entity.description ?? "");
    setText(find(".lifecycle", element), entity.lifecycle ?? "");
    find(".lifecycle", element).dataset.is = entity.lifecycle ?? "";
    setText(find(".type", element), entity.type ?? "");
    const links = entity.links.map(({ url, title }) => link(url, title ?? url)).filter(Boolean);
    find(".links", element).replaceChildren(...links.slice(0, LINKS));
    const marked = marks.get(entity.ref);
    marks.delete(entity.ref);
    delete element.dataset.mark;
    if (!marked || marked.until < performance.now()) return;
    element.dataset.mark = marked.mark;
    setTimeout(() => card.entity === entity && delete element.dataset.mark, MARKED);
  }

  #nameOf(reference) {
    return this.#replica.entities.get(reference)?.displayName ?? reference.replace(/^group:(default\/)?/, "");
  }

  #isFound({ ref, displayName, description, type, lifecycle, ownerRef }) {
    const owner = ownerRef ? `${ownerRef} ${this.#nameOf(ownerRef)}` : "";
    const text = `${ref} ${displayName} ${description ?? ""} ${type ?? ""} ${lifecycle ?? ""} ${owner}`.toLowerCase();
    return this.#words.every((word) => text.includes(word));
  }
}
