// What a class does not see: `curtain` in the address hides parts until a key lifts it, `hide` removes controls.

import { rewriteAddress } from "./url.js";

export const CURTAIN = "bnl-curtain"; // the event: something was hidden or shown
export const PARTS = ["sentence", "goal", "readings", "screen"];
const WORD = /^[\w-]+$/; // nothing that could end a CSS selector

// The words in a list from a query.
export function listed(list, search = window.location.search) {
  const text = new URLSearchParams(search).get(list) ?? "";
  return [...new Set(text.split(",").filter((word) => WORD.test(word)))];
}

export function list(name, words) {
  rewriteAddress((entries) => (words.length ? entries.set(name, words.join(",")) : entries.delete(name)));
  window.dispatchEvent(new Event(CURTAIN));
}

export function toggle(part) {
  const hidden = listed("curtain");
  list("curtain", hidden.includes(part) ? hidden.filter((one) => one !== part) : [...hidden, part]);
}

// Which lanes of a training are covered, counted from 0.
export function coveredLanes() {
  return listed("curtain").filter((part) => /^lane-\d+$/.test(part)).map((part) => Number(part.slice(5)) - 1);
}
