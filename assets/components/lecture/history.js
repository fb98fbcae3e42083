// What changed the lecture, step by step: each change can be taken back, and done again. It outlives a reload.

import { keep, lecture } from "../lib/lecture.js";

const KEY = "bnl-lecture-steps";
const MOST = 50; // changes that are remembered

export class History {
  constructor() {
    Object.assign(this, { past: [], future: [], now: told() }, stored());
  }

  // The lecture may have changed; what: the words for that change.
  see(what) {
    const now = told();
    if (now === this.now) return;
    this.past = [...this.past, { text: this.now, what }].slice(-MOST);
    Object.assign(this, { future: [], now });
    this.store();
  }

  // Each returns the words for the change that it takes back, or does again.
  undo() {
    return this.turn(this.past, this.future);
  }

  redo() {
    return this.turn(this.future, this.past);
  }

  turn(from, to) {
    const { text, what } = from.pop();
    to.push({ text: this.now, what });
    this.now = text;
    this.store();
    keep(JSON.parse(text));
    return what;
  }

  store() {
    const { past, future, now } = this;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ past, future, now }));
    } catch {
      sessionStorage.removeItem(KEY); // too much for this browser: known only until the page is left
    }
  }
}

function told() {
  return JSON.stringify(lecture());
}

function stored() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
}
