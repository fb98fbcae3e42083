// A lecture: a list of states of pages, each with a note for the teacher. This browser stores one, and its position.

import { appUrl } from "./dom.js";
import { listed } from "./curtain.js";
import { entriesOf, pageName, readable } from "./url.js";

const KEY = "bnl-lecture";
const AT = "bnl-lecture-at";
const BEGAN = "bnl-began";
export const CHANGED = "bnl-lecture"; // the event: this window has stored another lecture
export const STEP = "bnl-step"; // the event: the lecture has gone on; detail.here: whether it is still on this page
export const CHANNEL = "bnl-lecture"; // between the windows of this browser
const NONE = { title: "", states: [] };
const WORD = /^[\w-]*$/;

export function lecture() {
  try {
    return checked(localStorage.getItem(KEY) ?? JSON.stringify(NONE));
  } catch {
    return NONE; // unreadable, or not accessible
  }
}

export function keep(lecture) {
  try {
    localStorage.setItem(KEY, JSON.stringify(lecture));
  } catch {
    return; // a private window stores nothing
  }
  window.dispatchEvent(new Event(CHANGED));
}

// The position of this window in the lecture that it presents; null if it presents none.
export function position() {
  const at = Number.parseInt(sessionStorage.getItem(AT), 10);
  return Number.isInteger(at) && at < lecture().states.length ? at : null;
}

export function setPosition(at) {
  if (at === null) sessionStorage.removeItem(AT);
  else sessionStorage.setItem(AT, at);
}

// The time in seconds when this window began to present it; 0: never.
export function began() {
  return Number(sessionStorage.getItem(BEGAN));
}

export function begin(seconds = Date.now() / 1000) {
  sessionStorage.setItem(BEGAN, seconds);
}

// The lecture in a text. Throws where the text holds something else.
export function checked(text) {
  const { title = "", states } = JSON.parse(text);
  need(typeof title === "string" && Array.isArray(states) && states.length <= 200, "lecture");
  return { title, states: states.map(checkedState) };
}

function checkedState({
  page = "", title = "", note = "", minutes = 0, settings = {}, guess = "", curtain = [], hide = [],
}) {
  need(WORD.test(page) && [title, note, guess].every((text) => typeof text === "string"), "state");
  need(Number.isFinite(minutes) && minutes >= 0, "minutes");
  need(Object.entries(settings).every(([name, text]) => WORD.test(name) && typeof text === "string"), "settings");
  need([...curtain, ...hide].every((word) => WORD.test(word)), "curtain");
  return {
    page, title, note, minutes, settings, ...(guess && { guess }), ...(curtain.length && { curtain }),
    ...(hide.length && { hide }),
  };
}

function need(holds, what) {
  if (!holds) throw new TypeError(`no ${what}`);
}

// The state of the page on screen, from its address.
export function stateHere(title, note, minutes) {
  const page = pageName();
  const { guess, ...settings } = Object.fromEntries(entriesOf(page));
  return checkedState({
    page, title, note, minutes, settings, guess, curtain: listed("curtain"), hide: listed("hide"),
  });
}

// A link to a state; more: other entries, by name.
export function linkTo({ page, settings, guess, curtain, hide }, more = {}) {
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries(settings)) query.set(`${page}.${name}`, text);
  if (guess) query.set(`${page}.guess`, guess);
  for (const [name, words] of Object.entries({ curtain, hide })) if (words) query.set(name, words.join(","));
  for (const [name, text] of Object.entries(more)) query.set(name, text);
  const text = readable(query.toString());
  return appUrl(text ? `${page}?${text}` : page);
}
