// What a prediction is chosen from, on paper: boxes to tick, or lettered lines and places for their letters. The key
// has the answer there.

import { element, setSentence } from "../lib/dom.js";

export function sentence(tag, text, kind = "") {
  const node = element(tag, kind ? { class: kind } : {});
  setSentence(node, text);
  return node;
}

export class Boxes {
  constructor({ choices }) {
    this.boxes = choices.map((choice) => element("li", {}, sentence("span", choice)));
    this.node = element("ul", {}, ...this.boxes);
  }

  // A prediction that is drawn has no boxes.
  answer([right]) {
    this.boxes.forEach((box, index) => box.classList.toggle("bnl-ticked", index === right));
  }
}

export class Order {
  constructor({ choices }, texts) {
    this.places = choices.map(() => element("b", { class: "bnl-model" }));
    const lines = choices.map((choice) => element("li", {}, sentence("span", choice)));
    const blanks = this.places.map((place, index) => element("span", {}, `${index + 1}.`, place));
    const write = element("p", { class: "bnl-places" }, texts.order, ...blanks);
    this.node = element("div", {}, element("ol", { type: "A" }, ...lines), write);
  }

  // truth: a number for each line, the lowest of which comes first.
  answer(truth) {
    const order = truth.map((_, line) => line).sort((one, other) => truth[one] - truth[other]);
    order.forEach((line, place) => (this.places[place].textContent = String.fromCharCode(65 + line)));
  }
}
