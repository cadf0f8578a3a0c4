// The subscription, kept: it comes again after whatever ends it, and goes on behind the last cursor.
//
// connecting ── catching-up ── live ──┬── again (waits, longer each time) ── connecting
//                                     ├── refused (until there is a token) ─ connecting
//                                     └── offline (until the network is back) ─ connecting

import { createClient } from "./graphql-sse.js";

const CHANGES = `subscription Dashboard($after: Cursor) {
  catalogChanges(after: $after, snapshot: true) {
    __typename
    ... on StreamEvent { cursor at }
    ... on CatalogChanged {
      revision more deleted
      upserted {
        ref kind name displayName description type lifecycle ownerRef revision updatedAt
        links { url title } source { viewUrl }
      }
    }
  }
}`;

/** The server says at least each 30 s that it is there. Who hears nothing for so long has a dead connection. */
const SILENCE = 75_000;
/** After a sleep one need not wait so long. */
const SILENCE_AFTER_SLEEP = 40_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** Follows the catalog into a replica, as long as the page is there. */
export class Connection {
  #client;
  #replica;
  #on;
  #token = null;
  #pauses = 0;
  #heard = 0;
  #isLive = false;
  #leave = () => {};
  #goOn = () => {};

  /** `on.state(name, reason)` hears how it stands, `on.told(told)` what changed. */
  constructor(url, replica, on) {
    this.#replica = replica;
    this.#on = on;
    this.#client = createClient({
      url,
      credentials: "omit",
      // Its own retries would say the old cursor again.
      retryAttempts: 0,
      headers: () => (this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
    });
    addEventListener("offline", () => this.#leave({ state: "offline" }));
    addEventListener("online", () => this.tryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.#heard > SILENCE_AFTER_SLEEP) this.#wake();
    });
  }

  /** Connects with this token, which stays in memory: no other page of this origin can read it, and a reload forgets it. */
  useToken(token) {
    this.#token = token;
    this.tryNow();
  }

  /** Ends a pause. */
  tryNow() {
    this.#pauses = 0;
    this.#goOn();
  }

  #wake() {
    this.#leave({ state: "again", reason: "Nothing was heard for a while." });
    this.tryNow();
  }

  /** Follows for ever. */
  async run() {
    this.#on.state("connecting");
    for (;;) {
      const { state, reason, pause } = await this.#follow();
      // Who may no longer see it shall not have it.
      if (state === "refused") this.#on.told(this.#replica.clear());
      this.#on.state(state, reason);
      await this.#pause(state, pause);
      // While it tries again and again, nothing new is to be said.
      if (state !== "again") this.#on.state("connecting");
    }
  }

  /** One connection, until it ends; answers why. */
  #follow() {
    this.#isLive = false;
    return new Promise((resolve) => {
      let watch = 0;
      let hasLeft = false;
      const leave = (why) => {
        if (hasLeft) return;
        hasLeft = true;
        clearTimeout(watch);
        dispose();
        resolve(why);
      };
      const hear = () => {
        this.#heard = Date.now();
        clearTimeout(watch);
        watch = setTimeout(() => leave({ state: "again", reason: "The server fell silent." }), SILENCE);
      };
      const dispose = this.#client.subscribe(
        { query: CHANGES, variables: { after: this.#replica.cursor } },
        {
          // What is still in the client's queue when we leave comes again, behind our cursor.
          next: (result) => {
            if (hasLeft) return;
            hear();
            const refusal = result.errors ? this.#refusalOf(result.errors[0]) : this.#take(result.data.catalogChanges);
            if (refusal) leave(refusal);
          },
          error: async (error) => leave(await this.#failureOf(error)),
          complete: () => leave({ state: "again", reason: "The server ended the stream." }),
        },
      );
      this.#leave = leave;
      watch = setTimeout(() => leave({ state: "again", reason: "The server does not answer." }), SILENCE);
    });
  }

  #take(event) {
    const told = this.#replica.take(event);
    if (told) this.#on.told(told);
    if (event.__typename === "StreamSynced") {
      this.#pauses = 0;
      this.#isLive = true;
      this.#on.state("live");
    } else if (!this.#isLive || told?.isReset) {
      this.#isLive = false;
      this.#on.state("catching-up", this.#replica.pending > 0 ? `${this.#replica.pending} told so far.` : "");
    }
  }

  /** An error that came instead of an event. */
  #refusalOf({ message, extensions }) {
    switch (extensions?.code) {
      case "UNAUTHENTICATED":
      case "FORBIDDEN":
        return { state: "refused", reason: message };
      case "BAD_USER_INPUT":
        // A cursor that this server cannot read, as after a change of version. Without one it has nothing to refuse.
        if (this.#replica.cursor) {
          this.#on.told(this.#replica.clear());
          return { state: "again", reason: message, pause: 0 };
        }
    }
    return { state: "again", reason: message };
  }

  /** No stream, or one that broke. */
  async #failureOf(error) {
    const response = error.response;
    if (!response) {
      if (!navigator.onLine) return { state: "offline" };
      // A browser does not tell a page which of the two it is.
      const perhaps = this.#heard ? "" : ` Does it run, and does its backend.cors list ${location.origin}?`;
      return { state: "again", reason: `The server does not answer.${perhaps}` };
    }
    const text = await response.text().catch(() => "");
    const message = messageOf(text) ?? `The server answered ${response.status}.`;
    if (response.status === 401) {
      return { state: "refused", reason: this.#token ? message : "The server asks for a token." };
    }
    if (response.status === 403) return { state: "refused", reason: message };
    const seconds = Number(response.headers.get("retry-after"));
    return { state: "again", reason: message, pause: seconds > 0 ? seconds * 1000 : undefined };
  }

  /** Waits until it is time for the next try; longer each time, and not all pages at once. */
  #pause(state, pause) {
    return new Promise((resolve) => {
      this.#goOn = resolve;
      if (state !== "again") return;
      const longest = Math.min(FIRST_PAUSE * 2 ** this.#pauses, LONGEST_PAUSE);
      this.#pauses += 1;
      setTimeout(resolve, pause ?? longest * (0.5 + Math.random() / 2));
    });
  }
}

function messageOf(text) {
  try {
    return JSON.parse(text).errors[0].message;
  } catch {
    return undefined;
  }
}
