// What a class does not see: `curtain` in the address hides parts until a key lifts it, `hide` removes controls. On a
// projector a lesson's goal and readings are left out until a key shows them: `shown` lists those.

import { rewriteAddress } from "./url.js";

export const CURTAIN = "bnl-curtain"; // the event: something was hidden or shown
const PLACES = {
  sentence: ".bnl-sentence, .st-key-lab-reckoning", goal: ".bnl-goal, .st-key-lab-goal", readings: ".bnl-tiles",
  screen: "body",
};
export const PARTS = Object.keys(PLACES);
const LEFT_OUT = { goal: ".bnl-teach .bnl-goal", readings: ".bnl-teach .bnl-tiles" };
const WORD = /^[\w-]+$/; // nothing that could end a CSS selector

// The words in a list from a query.
export function listed(list, search = window.location.search) {
  const text = new URLSearchParams(search).get(list) ?? "";
  return [...new Set(text.split(",").filter((word) => WORD.test(word)))];
}

// The parts that this page has, and those of them that a projector leaves out.
export function onPage() {
  return PARTS.filter((part) => document.querySelector(PLACES[part]));
}

function leftOut() {
  return Object.keys(LEFT_OUT).filter((part) => document.querySelector(LEFT_OUT[part]));
}

export function hiddenParts() {
  const shown = listed("shown");
  return [...new Set([...listed("curtain"), ...leftOut().filter((part) => !shown.includes(part))])];
}

function list(name, words) {
  rewriteAddress((entries) => (words.length ? entries.set(name, words.join(",")) : entries.delete(name)));
  window.dispatchEvent(new Event(CURTAIN));
}

export function toggle(part) {
  const shows = hiddenParts().includes(part);
  const without = (name) => listed(name).filter((one) => one !== part);
  const out = leftOut().includes(part);
  list("curtain", [...without("curtain"), ...(shows || out ? [] : [part])]);
  if (out) list("shown", [...without("shown"), ...(shows ? [part] : [])]);
}

// Which lanes of a training are covered, counted from 0.
export function coveredLanes() {
  return listed("curtain").filter((part) => /^lane-\d+$/.test(part)).map((part) => Number(part.slice(5)) - 1);
}
