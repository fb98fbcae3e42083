// The part below the curves: one view at a time, each with the choices that its figures have.

import { element } from "../lib/dom.js";
import { selectOf } from "./inputs.js";
import { mistakesOf } from "./mistakes.js";
import { filled } from "./numbers.js";
import { SlowMotion } from "./slow.js";

export class Views {
  constructor(studio) {
    this.studio = studio;
    this.tabs = element("div", { class: "bns-tabs", role: "tablist", "aria-label": studio.data.texts.views });
    this.choices = element("div", { class: "bns-toggles" });
    this.hint = element("p", { class: "bns-hint" });
    this.recordedNote = element("p", { class: "bns-hint bns-recorded" });
    this.figures = element("div", { class: "bnl-figures" });
    this.body = element("div", { class: "bns-body" });
    this.panel = element(
      "div", { role: "tabpanel", tabindex: -1 }, this.hint, this.choices, this.recordedNote, this.figures, this.body,
    );
    this.node = element("div", { class: "bns-views" }, this.tabs, this.panel);
    this.tabs.addEventListener("keydown", (event) => this.key(event));
    this.slow = new SlowMotion(studio.data.texts, () => this.drawBody(studio.run.seen, studio.look, true));
  }

  set() {
    const { views, texts } = this.studio.data;
    if (JSON.stringify(views) !== this.offered) this.tabs.replaceChildren(...views.map((view) => this.tab(view)));
    this.offered = JSON.stringify(views);
    for (const tab of this.tabs.children) {
      const chosen = tab.dataset.view === this.studio.view;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.tabs.hidden = views.length < 2;
    this.drawn = null;
    this.hint.textContent = texts[`view.${this.studio.view}`] ?? "";
    this.offer();
  }

  tab({ name, label }) {
    const tab = element("button", { type: "button", role: "tab", "data-view": name }, label);
    tab.addEventListener("click", () => this.studio.open(name));
    return tab;
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const names = this.studio.data.views.map(({ name }) => name);
    const place = (names.indexOf(this.studio.view) + by + names.length) % names.length;
    this.studio.open(names[place]);
    this.tabs.children[place].focus();
  }

  // The figures of the view, and those of their conditions that leave a choice.
  offer() {
    const { studio } = this;
    const own = studio.data.figures.filter(({ view }) => view === studio.view);
    const controls = []; // only made anew if they differ: one may be open, or under the pointer
    const ofOne =
      ["layer", "slow"].includes(studio.view) || (studio.view === "gradients" && studio.choice.time !== "at");
    if (ofOne) controls.push(["layer", studio.data.layers, studio.look.layer]);
    let left = own;
    for (const name of ["part", "values", "time"]) {
      const options = [...new Set(left.map(({ when }) => when[name]).filter(Boolean))];
      if (!options.length) continue;
      if (!options.includes(studio.choice[name])) [studio.choice[name]] = options;
      if (options.length > 1) controls.push([name, options, studio.choice[name]]);
      left = left.filter(({ when }) => !when[name] || when[name] === studio.choice[name]);
    }
    const flat = ofOne ? studio.data.lanes.filter(({ layers }) => layers <= studio.look.layer) : [];
    const notes = flat.map((lane) =>
      element("p", { class: "bns-hint" }, filled(studio.data.texts["not so deep"], lane)),
    );
    const state = JSON.stringify([controls, flat.map(({ name }) => name)]);
    const made = ([name, options]) => (name === "layer" ? this.layers() : this.choice(name, options));
    if (state !== this.chosen) this.choices.replaceChildren(...controls.map(made), ...notes);
    this.chosen = state;
    const deep = (lanes) => !lanes.length || lanes.some((lane) => !flat.includes(studio.data.lanes[lane]));
    this.shown = left.filter(({ lanes }) => deep(lanes));
  }

  layers() {
    const { layers, texts } = this.studio.data;
    const options = Array.from({ length: layers }, (_, index) => [
      index, filled(texts["layer of"], { layer: index + 1, layers }),
    ]);
    return selectOf(texts.layer, options, (layer) => this.studio.chooseLayer(Number(layer)), this.studio.look.layer);
  }

  choice(name, options) {
    const { texts } = this.studio.data;
    const pairs = options.map((option) => [option, texts[`${name}.${option}`]]);
    const act = (option) => {
      this.studio.choice[name] = option;
      this.offer();
      this.studio.rerun.ask("look", { [name]: option });
      this.studio.grid.layOut();
      this.studio.grid.draw();
    };
    return selectOf(texts[name], pairs, act, this.studio.choice[name]);
  }

  // The step whose inside is shown at `step`, if it is another step and the view shows the inside at one step.
  recordedAt(history, step) {
    const { view, grid } = this.studio;
    const still =
      ["mistakes", "slow"].includes(view) || this.shown.some(({ name }) => grid.charts.get(name)?.meta.over !== "step");
    const recorded = history.snapshot(step)?.step ?? step;
    return { still, recorded: recorded === step ? null : recorded };
  }

  // Its room is kept where it may appear.
  tell(history, { step }) {
    const { still, recorded } = this.recordedAt(history, step);
    this.recordedNote.hidden = !still;
    this.recordedNote.textContent =
      recorded === null ? "" : filled(this.studio.data.texts["recorded at"], { recorded, step });
  }

  drawBody(history, look, anew = false) {
    this.tell(history, look);
    const { view, data } = this.studio;
    const { n } = this.studio.run.news;
    const { lanes, digits, texts, run } = data;
    const recorded = view === "slow" ? look.step : history.snapshot(look.step)?.step;
    const state = JSON.stringify([view, recorded, look.layer, look.ink, n, history.recorded.length]);
    if (state === this.drawn && !anew) return;
    this.drawn = state;
    if (view === "mistakes" && digits) this.body.replaceChildren(...mistakesOf(history, look, texts, lanes, digits));
    else if (view === "slow") {
      if (this.body.firstChild !== this.slow.node) this.body.replaceChildren(this.slow.node);
      this.slow.draw(history, look, lanes, run);
    } else this.body.replaceChildren();
  }
}
