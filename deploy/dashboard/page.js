// Small words of the page: every text goes in as text, every address is looked at first.

/** The one element of a selector. */
export const find = (selector, within = document) => within.querySelector(selector);

/** A copy of a template's element. */
export const copy = (name) => find(`template#${name}`).content.firstElementChild.cloneNode(true);

/** Sets a text; what stands there already is left alone, so that nothing is read out twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const numbers = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A number as people write it. */
export const count = (number) => numbers.format(number);

/** A time as people say it: of another day, with the day. */
export function when(time) {
  const date = new Date(time);
  return (date.toDateString() === new Date().toDateString() ? clock : calendar).format(date);
}

/** An address that may be followed, or null: the server looks, too, but this page is what a click happens in. */
export function address(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return ["http:", "https:", "mailto:"].includes(url?.protocol) ? url.href : null;
}

/** A link, or null where its address is none that may be followed. */
export function link(target, text) {
  const href = address(target);
  if (!href) return null;
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = text;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  return anchor;
}
