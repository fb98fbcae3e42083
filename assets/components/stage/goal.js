// What the reader is to move the model to, and whether it stands there.

import { element, setSentence } from "../lib/dom.js";

export class Goal {
  constructor({ goal, texts }) {
    this.texts = texts;
    this.state = element("span", { class: "bnl-state" });
    const task = element("p", {});
    setSentence(task, goal);
    this.answer = element("p", { class: "bnl-answer", role: "status" });
    const head = element("h2", {}, texts.goal, " ", this.state);
    this.node = element("section", { class: "bnl-goal" }, head, " ", task, this.answer);
  }

  set(answer, reached) {
    this.node.classList.toggle("bnl-reached", reached);
    this.state.textContent = reached ? `✓ ${this.texts.reached}.` : "";
    setSentence(this.answer, answer);
  }
}
