// The presenter's window: the note, the time, the next state, the curtain. It controls the window that shows the
// lecture (teaching/steps.js), in the same browser and without the server.

import { PARTS } from "../lib/curtain.js";
import { button, element, setSentence } from "../lib/dom.js";
import { CHANNEL, lecture, linkTo } from "../lib/lecture.js";
import { tellState } from "../lib/spelled.js";
import { Clock } from "./clock.js";

const PATIENCE = 1500; // ms until it says that no window answers
const KEYS = { PageDown: 1, ArrowRight: 1, " ": 1, PageUp: -1, ArrowLeft: -1 };
const LETTERS = { s: "sentence", g: "goal", v: "readings", b: "screen" };

export class Presenter {
  constructor(root, { texts, spelling }) {
    Object.assign(this, { texts, spelling, at: null, curtain: [], lanes: 0 });
    this.clock = new Clock(texts);
    this.title = element("h1", {});
    this.facts = element("p", { class: "bnl-facts" });
    this.note = element("div", { class: "bnl-note" });
    this.next = element("div", { class: "bnl-next" });
    this.list = element("ol", {});
    this.parts = element("div", { class: "bnl-parts" });
    this.alone = element(
      "p", { role: "status", hidden: "" }, texts.alone, " ",
      button(texts["open window"], () => this.open(), "bnl-button bnl-first"),
    );
    this.back = button(`◀ ${texts.back}`, () => this.turn(-1));
    this.forth = button(`${texts.next} ▶`, () => this.turn(1), "bnl-button bnl-first");
    const head = element("header", {}, this.clock.node, element("nav", {}, this.back, this.forth));
    const side = element(
      "aside", {}, element("h2", {}, texts["comes next"]), this.next, element("h2", {}, texts.curtain), this.parts,
      element("h2", {}, texts.all), this.list,
    );
    root.replaceChildren(
      head, this.alone, element("main", {}, element("section", {}, this.title, this.facts, this.note), side),
    );
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.addEventListener("message", ({ data }) => "at" in data && this.hear(data));
    window.addEventListener("keydown", (event) => this.press(event));
    window.addEventListener("storage", () => this.show());
    window.addEventListener("resize", () => this.showHere());
    this.show();
    this.ask();
  }

  send(order) {
    this.channel.postMessage(order);
  }

  ask() {
    this.send({ asked: true });
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.hear({ at: null }), PATIENCE);
  }

  hear({ at, began = 0, curtain = [], lanes = 0 }) {
    clearTimeout(this.waiting);
    if (at !== null && at !== this.at) this.clock.enter(at);
    if (began > this.clock.began) this.clock.begin(began); // the lecture began after this window was opened
    this.alone.hidden = at !== null;
    Object.assign(this, { at: at ?? this.at, curtain, lanes });
    this.show();
  }

  // Open the window for the class, if there is none; it begins at this window's state.
  open() {
    const at = this.at ?? 0;
    const state = lecture().states[at];
    if (state) window.open(linkTo(state, { view: "true", lecture: at + 1 }), "_blank");
  }

  turn(by) {
    const to = (this.at ?? 0) + by;
    if (to < 0 || to >= lecture().states.length) return;
    this.goTo(to);
  }

  goTo(at) {
    this.send({ step: at });
    this.ask();
  }

  press(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || (key === " " && target.closest("button, input"))) return;
    const act = KEYS[key]
      ? () => this.turn(KEYS[key])
      : LETTERS[key.toLowerCase()] && (() => this.send({ part: LETTERS[key.toLowerCase()] }));
    if (!act) return;
    event.preventDefault();
    act();
  }

  show() {
    const { title, states } = lecture();
    const at = Math.min(this.at ?? 0, Math.max(0, states.length - 1));
    const state = states[at];
    document.title = title || this.texts.presenter;
    this.clock.plan(states, at);
    this.title.textContent = state ? `${at + 1}. ${state.title}` : this.texts.none;
    if (state) tellState(this.facts, state, this.spelling);
    else this.facts.textContent = "";
    this.note.replaceChildren(...paragraphs(state?.note ?? ""));
    const after = states[at + 1];
    this.next.replaceChildren(
      element("strong", {}, after?.title ?? this.texts.last), ...paragraphs(after?.note ?? "").slice(0, 1),
    );
    this.back.disabled = at === 0;
    this.forth.disabled = !after;
    this.list.replaceChildren(...states.map((one, index) => this.entry(one, index, index === at)));
    this.showHere();
    this.showParts();
  }

  // Where the list scrolls, the present state is in its middle.
  showHere() {
    const here = this.list.querySelector("[aria-current]");
    const offset = here ? here.getBoundingClientRect().top - this.list.getBoundingClientRect().top : 0;
    this.list.scrollTop += offset - this.list.clientHeight / 2;
  }

  entry({ title, minutes }, index, here) {
    const node = button(`${title} (${minutes})`, () => this.goTo(index), "bnl-link");
    if (here) node.setAttribute("aria-current", "step");
    return element("li", {}, node);
  }

  showParts() {
    const names = [...PARTS, ...Array.from({ length: this.lanes }, (_, index) => `lane-${index + 1}`)];
    if (this.parts.dataset.names !== names.join()) {
      this.parts.dataset.names = names.join();
      this.parts.replaceChildren(...names.map((part) => this.box(part)));
    }
    for (const input of this.parts.querySelectorAll("input")) input.checked = this.curtain.includes(input.name);
  }

  box(part) {
    const input = element("input", { type: "checkbox", name: part });
    input.addEventListener("change", () => this.send({ part }));
    const label = part.startsWith("lane-")
      ? `${this.texts["curtain.lane"]} ${part.slice(5)}`
      : this.texts[`curtain.${part}`];
    return element("label", {}, input, " ", label);
  }
}

const EMPHASIS = /(?<![*\w])\*([^*\s][^*]*)\*(?![*\w])/g; // *so*, as the notes under the lessons have it

function paragraphs(text) {
  return text.split(/\n+/).filter(Boolean).map((line) => {
    const node = element("p", {});
    setSentence(node, line.replace(EMPHASIS, "**$1**"));
    return node;
  });
}
