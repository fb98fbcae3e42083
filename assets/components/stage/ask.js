// The prediction: asked beside the figure, whose answer stays veiled until the reader has committed to one or skips.

import { element, setSentence } from "../lib/dom.js";

// `does` hears of a commitment to a choice, and that the reader wants to be asked again.
export class Ask {
  constructor({ ask, texts }, does) {
    Object.assign(this, { ask, texts, does });
    this.node = element("section", { class: "bnl-ask" });
    this.again = this.button(texts["ask again"], "bnl-button", () => does.askAgain());
  }

  get choices() {
    return [...this.ask.choices, this.texts.skip];
  }

  set(guess) {
    this.node.classList.toggle("bnl-asked", Boolean(guess));
    this.node.replaceChildren(...(guess ? this.answered(guess) : this.asking()));
    this.again.hidden = !guess;
  }

  asking() {
    const question = element("p", { class: "bnl-question", id: "bnl-question" });
    setSentence(question, this.ask.question);
    const cards = this.ask.choices.map((choice) => this.button(choice, "bnl-card", () => this.does.commit(choice)));
    const group = element("div", { role: "group", "aria-labelledby": question.id, class: "bnl-cards" }, ...cards);
    const skip = this.button(this.texts.skip, "bnl-link", () => this.does.commit(this.texts.skip));
    return [question, group, skip];
  }

  answered(guess) {
    if (guess === this.texts.skip) return [];
    const told = element("p", {});
    setSentence(told, this.texts["you said"].replace("{guess}", guess));
    return [told];
  }

  button(text, kind, act) {
    const button = element("button", { type: "button", class: kind });
    setSentence(button, text);
    button.addEventListener("click", act);
    return button;
  }
}
