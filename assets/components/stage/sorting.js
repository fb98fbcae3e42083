// A prediction that is an order: lines that are dragged into place, or moved with the arrow keys.

import { element, filledWith, setSentence } from "../lib/dom.js";

export class Sorting {
  constructor({ choices }, texts, does) {
    Object.assign(this, { choices, texts, does, ready: true });
    this.lines = choices.map((choice, index) => this.line(choice, index));
    this.list = element("ol", { class: "bnl-order", "aria-labelledby": "bnl-question" });
    this.spoken = element("span", { class: "bnl-spoken", role: "status" });
    this.node = element("div", {}, element("p", { class: "bnl-hint" }, texts.sort), this.list, this.spoken);
    this.set("");
  }

  line(choice, index) {
    const button = element("button", { type: "button", class: "bnl-card" });
    setSentence(button, choice);
    const line = element("li", {}, button);
    button.addEventListener("keydown", (event) => this.pressed(event, index));
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      this.held = index;
      line.classList.add("bnl-held");
    });
    button.addEventListener("pointermove", (event) => this.held === index && this.dragged(event, index));
    for (const over of ["pointerup", "pointercancel"]) {
      button.addEventListener(over, () => {
        this.held = null;
        line.classList.remove("bnl-held");
      });
    }
    return line;
  }

  get text() {
    return this.order.join(",");
  }

  reads(text) {
    const places = (text ?? "").split(",");
    return places.length === this.choices.length && this.choices.every((_, index) => places.includes(String(index)));
  }

  set(guess) {
    this.order = this.reads(guess) ? guess.split(",").map(Number) : this.choices.map((_, index) => index);
    this.list.replaceChildren(...this.order.map((index) => this.lines[index]));
  }

  pressed(event, index) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.place(index, this.order.indexOf(index) + by);
  }

  dragged({ clientY }, index) {
    const middle = (line) => line.getBoundingClientRect().top + line.offsetHeight / 2;
    const above = this.order.filter((other) => other !== index && middle(this.lines[other]) < clientY);
    this.place(index, above.length);
  }

  place(index, to) {
    const from = this.order.indexOf(index);
    if (to === from || to < 0 || to >= this.order.length) return;
    this.order.splice(from, 1);
    this.order.splice(to, 0, index);
    // The held line is not moved in the document: a node that is moved loses focus and pointer.
    const held = this.lines[index];
    this.order.slice(0, to).forEach((other) => this.list.insertBefore(this.lines[other], held));
    this.list.append(...this.order.slice(to + 1).map((other) => this.lines[other]));
    this.spoken.textContent = `${to + 1}. ${this.choices[index]}`;
  }

  comparison(guess, truth) {
    if (!truth || !this.reads(guess)) return "";
    const given = guess.split(",").map(Number);
    const order = [...given].sort((one, other) => truth[one] - truth[other]);
    const right = order.every((index, place) => index === given[place]);
    const lines = order.map((index) => this.choices[index] + (right ? "" : ` (${given.indexOf(index) + 1})`));
    return filledWith(this.texts[right ? "order.right" : "order.wrong"], { right: lines.join("; ") });
  }
}
