// One state of the lecture: its title, minutes and note can be edited, its place changed, its page opened.

import { button, element } from "../lib/dom.js";
import { linkTo } from "../lib/lecture.js";
import { tellState } from "../lib/spelled.js";

export class StateRow {
  constructor(list, state, at, count) {
    Object.assign(this, { list, at });
    const { texts, spelling } = list;
    this.fields = {};
    const title = this.field("input", "title", { type: "text", maxlength: 200 });
    const minutes = this.field("input", "minutes", { type: "number", min: 0, max: 600 });
    const note = this.field("textarea", "note", { rows: 3, maxlength: 5000 });
    const open = element("a", { href: linkTo(state), class: "bnl-button" }, texts.open);
    const up = this.mover("up", "↑", at - 1, at > 0);
    const down = this.mover("down", "↓", at + 1, at < count - 1);
    this.remove = button("✕", () => list.remove(at));
    const hidden = [...(state.curtain ?? []), ...(state.hide ?? [])].map((word) => `${texts.hidden} ${word}`);
    const facts = element("p", { class: "bnl-facts" });
    tellState(facts, state, spelling, hidden);
    const head = element(
      "div", { class: "bnl-lecture-row" }, title, minutes, element("span", {}, "min"), open, up, down, this.remove,
    );
    this.node = element("li", {}, head, facts, note);
    this.update(state);
  }

  // What can be written in a row; a field that is being written in stays as it is.
  update(state) {
    for (const [name, node] of Object.entries(this.fields))
      if (node !== document.activeElement) node.value = state[name];
    this.name(this.remove, `${this.list.texts.remove} ${state.title}`);
  }

  field(tag, name, attributes) {
    const node = element(tag, {
      ...attributes, class: "bnl-input", "aria-label": `${this.list.texts[`state.${name}`]}, ${this.at + 1}`,
    });
    node.addEventListener("change", () => {
      const given = name === "minutes" ? Math.max(0, Number(node.value) || 0) : node.value;
      node.value = given;
      this.list.edit(({ states }) => (states[this.at][name] = given), this.list.change(name, this.at));
    });
    this.fields[name] = node;
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
