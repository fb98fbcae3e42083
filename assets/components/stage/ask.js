// The prediction: asked beside the figure, whose answer stays veiled until the reader predicts or skips.

import { element, filledWith, setSentence } from "../lib/dom.js";
import { Drawing } from "./drawing.js";
import { Sorting } from "./sorting.js";

// The kinds of prediction. Each has a `node` to make it, its `text` in an address, and a `comparison` with the truth,
// and `reads` a text or not. A prediction made in several moves has a button, which works once it is `ready`.
const KINDS = { number: Drawing, curve: Drawing, order: Sorting };

class Cards {
  constructor({ choices }, texts, does) {
    Object.assign(this, { choices, texts });
    const cards = choices.map((choice) => buttonOf(choice, "bnl-card", () => does.commit(choice)));
    this.node = element("div", { role: "group", "aria-labelledby": "bnl-question", class: "bnl-cards" }, ...cards);
  }

  reads(text) {
    return this.choices.includes(text);
  }

  comparison(guess, truth) {
    const right = truth ? this.choices[truth[0]] : "";
    const kind = right ? (guess === right ? "said.right" : "said.wrong") : "you said";
    return filledWith(this.texts[kind], { guess, right });
  }
}

// `does`: called when the reader commits, wants to be asked again, or when a mark has been `drawn` anew.
export class Ask {
  constructor({ ask, texts }, does) {
    Object.assign(this, { ask, texts, does });
    this.node = element("section", { class: "bnl-ask" });
    this.again = buttonOf(texts["ask again"], "bnl-button", () => does.askAgain());
    this.kind = new (KINDS[ask.kind] ?? Cards)(ask, texts, { ...does, changed: () => this.changed() });
    this.question = element("p", { class: "bnl-question", id: "bnl-question" });
    setSentence(this.question, ask.question);
    this.commit = buttonOf(texts.commit, "bnl-button bnl-commit", () => does.commit(this.kind.text));
    this.skip = buttonOf(texts.skip, "bnl-link", () => does.commit(texts.skip));
    this.answer = element("p", {});
  }

  get drawn() {
    return this.kind instanceof Drawing;
  }

  valid(text) {
    return text === this.texts.skip || this.kind.reads(text);
  }

  // A guess that stands already changes nothing: marks that are being set stay in place.
  set(guess) {
    if (guess === this.guess) return;
    this.guess = guess;
    this.node.classList.toggle("bnl-asked", Boolean(guess));
    this.kind.set?.(guess === this.texts.skip ? "" : guess, Boolean(guess));
    const made = this.kind instanceof Cards ? [] : [this.commit];
    const doing = [this.question, this.kind.node, element("div", { class: "bnl-doing" }, ...made, this.skip)];
    this.node.replaceChildren(...(!guess ? doing : guess === this.texts.skip ? [] : [this.answer]));
    this.again.hidden = !guess;
    this.changed();
  }

  changed() {
    this.commit.disabled = !this.kind.ready;
  }

  // The words on the guess beside the truth; none without a guess.
  comparison(guess, truth) {
    const text = guess && guess !== this.texts.skip ? this.kind.comparison(guess, truth) : "";
    setSentence(this.answer, text);
    return text;
  }
}

function buttonOf(text, kind, act) {
  const button = element("button", { type: "button", class: kind });
  setSentence(button, text);
  button.addEventListener("click", act);
  return button;
}
