// One state of the lecture: its title, minutes and note can be edited, its place changed, its page opened.

import { button, element } from "../lib/dom.js";
import { linkTo } from "../lib/lecture.js";
import { tellState } from "../lib/spelled.js";

export class StateRow {
  constructor(list, state, at, count) {
    Object.assign(this, { list, at });
    const { texts, spelling } = list;
    const title = this.field("input", "title", state.title, { type: "text", maxlength: 200 });
    const minutes = this.field("input", "minutes", state.minutes, { type: "number", min: 0, max: 600 });
    const note = this.field("textarea", "note", state.note, { rows: 3, maxlength: 5000 });
    const open = element("a", { href: linkTo(state), class: "bnl-button" }, texts.open);
    const up = this.mover("up", "↑", at - 1, at > 0);
    const down = this.mover("down", "↓", at + 1, at < count - 1);
    const remove = button("✕", () => list.remove(at));
    this.name(remove, `${texts.remove} ${state.title}`);
    const hidden = [...(state.curtain ?? []), ...(state.hide ?? [])].map((word) => `${texts.hidden} ${word}`);
    const facts = element("p", { class: "bnl-facts" });
    tellState(facts, state, spelling, hidden);
    const head = element(
      "div", { class: "bnl-lecture-row" }, title, minutes, element("span", {}, "min"), open, up, down, remove,
    );
    this.node = element("li", {}, head, facts, note);
  }

  field(tag, name, value, attributes) {
    const node = element(tag, {
      ...attributes, class: "bnl-input", "aria-label": `${this.list.texts[`state.${name}`]}, ${this.at + 1}`,
    });
    node.value = value;
    node.addEventListener("change", () => {
      const given = name === "minutes" ? Math.max(0, Number(node.value) || 0) : node.value;
      this.list.edit(({ states }) => (states[this.at][name] = given));
    });
    return node;
  }

  mover(which, sign, to, possible) {
    const node = button(sign, () => this.list.move(this.at, to, which));
    node.name = which;
    node.disabled = !possible;
    this.name(node, `${this.list.texts[which]}, ${this.at + 1}`);
    return node;
  }

  name(node, text) {
    for (const as of ["title", "aria-label"]) node.setAttribute(as, text);
  }
}
