// The goal: how the reader is to move the model, whether it is reached, and then the way to the next goal, if any:
// each view of the model may have one.

import { element, setSentence } from "../lib/dom.js";

export class Goal {
  constructor({ goal, further, texts }, show) {
    Object.assign(this, { further, texts });
    this.state = element("span", { class: "bnl-state" });
    this.task = element("p", {});
    this.answer = element("p", { class: "bnl-answer", role: "status" });
    this.next = element("button", { type: "button", class: "bnl-button", hidden: "" }, texts.further);
    this.next.addEventListener("click", () => show(this.following));
    this.ask(goal);
    const head = element("h2", {}, texts.goal, " ", this.state);
    this.node = element("section", { class: "bnl-goal" }, head, " ", this.task, this.answer, this.next);
  }

  // After the lesson's own goal comes the first of its further ones.
  get following() {
    return this.further[this.further.findIndex(({ goal }) => goal === this.asked) + 1];
  }

  // Whether this task differs from the one before.
  ask(task) {
    if (this.asked === task) return false;
    this.asked = task;
    setSentence(this.task, task);
    return true;
  }

  set(answer, reached) {
    this.node.classList.toggle("bnl-reached", reached);
    this.state.textContent = reached ? `✓ ${this.texts.reached}.` : "";
    this.next.hidden = !(reached && this.following);
    setSentence(this.answer, answer);
  }
}
