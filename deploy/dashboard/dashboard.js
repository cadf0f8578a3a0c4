// Puts the parts together: what the connection says goes to the board, the list of changes and the state above them.

import { Board } from "./board.js";
import { Changes } from "./changes.js";
import { Connection } from "./connection.js";
import { Replica } from "./replica.js";
import { count, find, setText, when } from "./page.js";

const STATES = {
  connecting: "Connecting",
  "catching-up": "Catching up",
  live: "Live",
  again: "Connecting again",
  offline: "Offline",
  refused: "Access refused",
};

const url = find('meta[name="plinth-server"]').content;
const replica = new Replica();
const board = new Board(replica);
const changes = new Changes();

const connection = new Connection(url, replica, {
  state(name, reason = "") {
    find("#connection").dataset.state = name;
    setText(find("#state"), STATES[name]);
    setText(find("#reason"), reason);
    document.title = name === "live" ? "Catalog" : `Catalog: ${STATES[name].toLowerCase()}`;
    find("#again").hidden = !["again", "offline", "refused"].includes(name);
    if (name === "refused") askForToken();
    else if (name === "live") find("#access").hidden = true;
  },
  told(told) {
    if (told.isReset) changes.clear();
    changes.add(told);
    board.take(told);
    showFacts(told);
  },
});

function askForToken() {
  const form = find("#access");
  // Who is typing a token already goes on doing so.
  if (!form.hidden) return;
  form.hidden = false;
  find("#token").focus();
}

function showFacts({ isFirst, added, changed, removed, at }) {
  setText(find("#count"), replica.cursor === null ? "–" : count(replica.entities.size));
  setText(find("#revision"), replica.revision === null ? "–" : count(replica.revision));
  if (added.length + changed.length + removed.length === 0) {
    if (isFirst) setText(find("#last"), "–");
    return;
  }
  const times = isFirst ? added.map((it) => it.entity.updatedAt) : [at];
  setText(find("#last"), when(times.reduce((latest, time) => (time > latest ? time : latest))));
}

find("#access").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = find("#token");
  connection.useToken(token.value.trim());
  token.value = "";
});
find("#again").addEventListener("click", () => connection.tryNow());

connection.run();
