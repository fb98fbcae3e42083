// The lecture in this browser: its states in order, which can be edited, saved and loaded, and presented.

import { appUrl, button, copyText, element, filledWith, saveText } from "../lib/dom.js";
import { begin, CHANGED, checked, keep, lecture, linkTo, setPosition } from "../lib/lecture.js";
import { History } from "./history.js";
import { MOST, packed, unpacked } from "./packed.js";
import { StateRow } from "./row.js";

const WRITTEN = { title: "", note: "", minutes: 0 };
const FILE = "batch-norm-lab-lecture.json";

export class LectureList {
  constructor(root, { texts, shipped, spelling }) {
    Object.assign(this, { root, texts, shipped, spelling });
    this.name = element("input", {
      type: "text", class: "bnl-input", maxlength: 200, "aria-label": texts.title, placeholder: texts.title,
    });
    this.name.addEventListener("change", () => this.edit((all) => (all.title = this.name.value), this.change("name")));
    this.list = element("ol", { class: "bnl-states" });
    this.status = element("p", { role: "status" });
    this.file = element("input", {
      type: "file", accept: ".json,application/json", hidden: "", "aria-label": texts.load,
    });
    this.file.addEventListener("change", () => this.load(this.file.files[0]));
    this.hint = element("p", {}, texts.bold);
    this.history = new History();
    this.make();
    this.draw = () => this.show();
    for (const event of [CHANGED, "storage"]) window.addEventListener(event, this.draw);
    this.show();
    this.takeLink();
  }

  make() {
    const { texts } = this;
    this.give = button(texts.give, () => this.start(), "bnl-button bnl-first");
    this.present = button(texts.presenter, () =>
      window.open(appUrl("presenter"), "bnl-presenter", "popup,width=1000,height=680"),
    );
    this.save = button(texts.save, () => saveText(FILE, JSON.stringify(lecture(), null, 2), "application/json"));
    this.link = button(texts["copy link"], () => this.copyLink());
    this.clear = button(texts.clear, () => this.replace(JSON.stringify({ title: "", states: [] }), "clear", "cleared"));
    this.undo = button(texts.undo, () => this.step("undo"));
    this.redo = button(texts.redo, () => this.step("redo"));
    const load = button(texts.load, () => this.file.click());
    const ready = this.shipped.map((one) =>
      button(`${one.title} (${this.minutes(one.states)} min)`, () => this.replace(JSON.stringify(one))),
    );
    const row = (...nodes) => element("div", { class: "bnl-lecture-row" }, ...nodes);
    this.root.replaceChildren(
      row(element("span", {}, texts.ready), ...ready),
      row(this.name, this.give, this.present),
      row(this.save, load, this.link, this.clear, this.file),
      row(this.undo, this.redo),
      this.status,
      this.hint,
      this.list,
    );
  }

  minutes(states) {
    return states.reduce((sum, { minutes }) => sum + minutes, 0);
  }

  start() {
    setPosition(null); // the window that opens sets its own position
    begin();
    window.location.assign(linkTo(lecture().states[0], { view: "true", lecture: 1 }));
  }

  async copyLink() {
    const link = appUrl("lecture") + (await packed(JSON.stringify(lecture())));
    if (link.length <= MOST) await copyText(link);
    this.say(link.length <= MOST ? this.texts.copied : this.texts["too long"]);
  }

  // A link like this replaces the lecture that was here, which can be brought back.
  async takeLink() {
    const text = await unpacked(window.location.hash).catch(() => "broken");
    if (!text) return;
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    this.replace(text);
  }

  async load(file) {
    this.file.value = "";
    this.replace(await file.text());
  }

  replace(text, change = "open", message = "taken") {
    let read;
    try {
      read = checked(text);
    } catch {
      return this.say(this.texts.wrong);
    }
    this.store(read, this.change(change));
    return this.say(this.texts[message]);
  }

  edit(edited, what) {
    const changed = lecture();
    edited(changed);
    this.store(changed, what);
    this.say("");
  }

  store(changed, what) {
    this.what = what;
    keep(changed); // which shows it
    this.what = null;
  }

  // The words for a change: of what kind, and of which state.
  change(kind, at) {
    return filledWith(this.texts[`change.${kind}`], { at: at + 1 });
  }

  remove(at) {
    this.edit(({ states }) => states.splice(at, 1), this.change("remove", at));
    this.undo.focus();
  }

  // Move the state to another place; the keyboard focus moves with it.
  move(at, to, which) {
    this.edit(({ states }) => states.splice(to, 0, ...states.splice(at, 1)), this.change("move", at));
    const row = this.list.children[to];
    (row.querySelector(`button[name=${which}]:not(:disabled)`) ?? row.querySelector("button:not(:disabled)")).focus();
  }

  step(which) {
    this.say(filledWith(this.texts[which === "undo" ? "undone" : "redone"], { what: this.history[which]() }));
    if (this[which].disabled) this[which === "undo" ? "redo" : "undo"].focus();
  }

  say(text) {
    this.status.textContent = text;
    this.show();
  }

  show() {
    const { title, states } = lecture();
    this.history.see(this.what ?? this.texts["change.elsewhere"]);
    if (document.activeElement !== this.name) this.name.value = title;
    for (const node of [this.name, this.give, this.present, this.save, this.link, this.clear, this.hint])
      node.hidden = !states.length;
    this.showSteps();
    this.showStates(states);
    if (!states.length && !this.status.textContent) this.status.textContent = this.texts.none;
    else if (states.length && this.status.textContent === this.texts.none) this.status.textContent = "";
    this.give.textContent = `${this.texts.give} (${this.minutes(states)} min)`;
  }

  showSteps() {
    for (const [name, steps] of [["undo", this.history.past], ["redo", this.history.future]]) {
      this[name].disabled = !steps.length;
      this[name].textContent = [this.texts[name], ...steps.slice(-1).map(({ what }) => what)].join(": ");
    }
  }

  // The rows stay while only what can be written in them has changed: one of their buttons may be pressed just now.
  showStates(states) {
    const drawn = JSON.stringify(states.map((state) => ({ ...state, ...WRITTEN })));
    if (drawn === this.drawn) return this.rows.forEach((row, at) => row.update(states[at]));
    if (this.list.contains(document.activeElement?.closest("textarea, input"))) return;
    this.rows = states.map((state, at) => new StateRow(this, state, at, states.length));
    this.list.replaceChildren(...this.rows.map(({ node }) => node));
    this.drawn = drawn;
  }

  close() {
    for (const event of [CHANGED, "storage"]) window.removeEventListener(event, this.draw);
  }
}
