// The reader's progress on the start page, which can be saved as a file, loaded from one, and cleared.

import { element } from "../lib/dom.js";
import { CHANGED, checked, keep, progress } from "../lib/progress.js";

const FILE = "batch-norm-lab-progress.json";

class Progress {
  constructor(root, { lessons, texts }) {
    Object.assign(this, { lessons, texts });
    this.dots = element("ol", { class: "bnl-dots" });
    this.status = element("p", { role: "status" });
    this.file = element("input", {
      type: "file", accept: ".json,application/json", hidden: "", "aria-label": texts.load,
    });
    this.file.addEventListener("change", () => this.load(this.file.files[0]));
    this.clear = this.button(texts.clear, () => this.cleared());
    this.save = this.button(texts.save, () => this.saved());
    const load = this.button(texts.load, () => this.file.click());
    root.replaceChildren(
      this.dots, this.status, element("div", { class: "bnl-choices" }, this.save, load, this.clear, this.file),
    );
    this.draw = () => this.show();
    for (const event of [CHANGED, "storage"]) window.addEventListener(event, this.draw);
    this.show();
  }

  button(text, act) {
    const button = element("button", { type: "button", class: "bnl-link" }, text);
    button.addEventListener("click", act);
    return button;
  }

  show(message = "") {
    const all = progress();
    const state = ({ slug }) => (all[slug]?.reached ? "reached" : all[slug]?.guess ? "predicted" : "open");
    const states = this.lessons.map(state);
    this.dots.replaceChildren(...states.map((one, index) => this.dot(one, this.lessons[index].question)));
    const count = (wanted) => states.filter((one) => wanted.includes(one)).length;
    const counts = { predicted: count(["reached", "predicted"]), reached: count(["reached"]), all: states.length };
    this.status.textContent =
      message || this.texts[counts.predicted ? "so far" : "none"].replace(/\{(\w+)\}/g, (_, name) => counts[name]);
    this.save.hidden = this.clear.hidden = !counts.predicted && !this.before;
    this.clear.textContent = this.before ? this.texts.undo : this.texts.clear;
  }

  dot(state, question) {
    const label = `${question} ${this.texts[state]}`;
    return element("li", { class: `bnl-dot-${state}`, title: label }, element("span", { class: "bnl-hidden" }, label));
  }

  saved() {
    const address = URL.createObjectURL(new Blob([JSON.stringify(progress(), null, 2)], { type: "application/json" }));
    element("a", { href: address, download: FILE }).click();
  }

  async load(file) {
    this.file.value = "";
    try {
      keep(checked(await file.text()));
    } catch {
      this.show(this.texts.wrong);
    }
  }

  // Cleared progress can be brought back until the page is left.
  cleared() {
    const kept = this.before;
    this.before = kept ? null : progress();
    keep(kept ?? {});
  }

  close() {
    for (const event of [CHANGED, "storage"]) window.removeEventListener(event, this.draw);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-progress");
  root.shown ??= new Progress(root, data);
  return () => {
    root.shown?.close();
    delete root.shown;
  };
}
