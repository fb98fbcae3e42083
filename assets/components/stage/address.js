// A lesson's state in the address: read when the page opens, replaced (never pushed) when something moves, so that Back
// leaves the lesson in one press. Another page clears the address; the state is kept for the return.

import { STEP } from "../lib/lecture.js";
import { entriesOf, rewriteAddress } from "../lib/url.js";

const keptAddresses = {};
const keptGuesses = {};

// A lecture opens its own state, not the one where a page was left.
window.addEventListener(STEP, () => {
  for (const kept of [keptAddresses, keptGuesses]) for (const slug of Object.keys(kept)) delete kept[slug];
});

// The settings in the address, else those of the last visit to this page, as [name, text] in order.
export function readAddress(slug, names) {
  const entries = entriesOf(slug).filter(([name]) => names.includes(name));
  return entries.length ? entries : (keptAddresses[slug] ?? []);
}

// The prediction in the address, if `valid` accepts it.
export function readGuess(slug, valid) {
  const guess = new URLSearchParams(location.search).get(guessKey(slug)) ?? keptGuesses[slug];
  return guess && valid(guess) ? guess : "";
}

export function guessKey(slug) {
  return `${slug}.guess`;
}

export function writeAddress(slug, names, entries, guess) {
  keptAddresses[slug] = entries;
  keptGuesses[slug] = guess;
  rewriteAddress((all) => {
    for (const name of names) all.delete(`${slug}.${name}`);
    for (const [name, text] of entries) all.append(`${slug}.${name}`, text);
    if (guess) all.set(guessKey(slug), guess);
    else all.delete(guessKey(slug));
  });
}
