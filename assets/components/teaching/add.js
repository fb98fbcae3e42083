// The form for a state that is added to the lecture: its title, the teacher's note, its minutes.

import { button, element } from "../lib/dom.js";

export class AddDialog {
  constructor(texts, done) {
    this.title = element("input", { type: "text", class: "bnl-input", maxlength: 200, required: "" });
    this.note = element("textarea", { class: "bnl-input", rows: 4, maxlength: 5000 });
    this.minutes = element("input", {
      type: "number", class: "bnl-input", min: 0, max: 600, step: 1, value: 3, inputmode: "numeric",
    });
    const field = (name, input) => element("label", {}, element("span", {}, texts[name]), input);
    const add = element("button", { type: "submit", class: "bnl-button" }, texts["add now"]);
    const fields = [
      field("state.title", this.title), field("state.note", this.note), field("state.minutes", this.minutes),
    ];
    const doors = element("p", {}, add, " ", button(texts.close, () => this.dialog.close()));
    const form = element("form", { method: "dialog" }, ...fields, doors);
    form.addEventListener("submit", () =>
      done({ title: this.title.value, note: this.note.value, minutes: Number(this.minutes.value) || 0 }),
    );
    const title = element("h2", { id: "bnl-add-title" }, texts.add);
    this.dialog = element("dialog", { class: "bnl-dialog", "aria-labelledby": "bnl-add-title" }, title, form);
  }

  open(title) {
    this.title.value = title;
    this.note.value = "";
    this.dialog.showModal();
    this.note.focus();
  }
}
