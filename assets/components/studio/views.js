// The part below the curves: one view at a time, each with the few choices that its figures know.

class Views {
  constructor(studio) {
    this.studio = studio;
    this.tabs = element("div", { class: "bns-tabs", role: "tablist", "aria-label": studio.data.texts.views });
    this.choices = element("div", { class: "bns-toggles" });
    this.hint = element("p", { class: "bns-hint" });
    this.told = element("p", { class: "bns-hint bns-told" });
    this.figures = element("div", { class: "bnl-figures" });
    this.body = element("div", { class: "bns-body" });
    this.panel = element("div", { role: "tabpanel", tabindex: -1 }, this.hint, this.choices, this.told, this.figures, this.body);
    this.node = element("div", { class: "bns-views" }, this.tabs, this.panel);
    this.tabs.addEventListener("keydown", (event) => this.key(event));
    this.slow = new SlowMotion(studio.data.texts, () => studio.draw());
  }

  set() {
    const { views, texts } = this.studio.data;
    const focused = this.tabs.contains(document.activeElement);
    this.tabs.replaceChildren(
      ...views.map(({ name, label }) => {
        const chosen = name === this.studio.view;
        const tab = element("button", { type: "button", role: "tab", "aria-selected": chosen, tabindex: chosen ? 0 : -1, "data-view": name }, label);
        tab.addEventListener("click", () => this.studio.open(name));
        return tab;
      }),
    );
    if (focused) this.tabs.querySelector("[aria-selected=true]")?.focus();
    this.hint.textContent = texts[`view.${this.studio.view}`] ?? "";
    this.offer();
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const names = this.studio.data.views.map(({ name }) => name);
    const place = (names.indexOf(this.studio.view) + by + names.length) % names.length;
    this.studio.open(names[place]);
  }

  // The figures of the view, and, of their conditions, those that leave something to choose.
  offer() {
    const { studio } = this;
    const own = studio.data.figures.filter(({ view }) => view === studio.view);
    const controls = [];
    const ofOne = ["layer", "slow"].includes(studio.view) || (studio.view === "gradients" && studio.choice.time !== "at");
    if (ofOne) controls.push(this.layers());
    let left = own;
    for (const name of ["part", "values", "time"]) {
      const options = [...new Set(left.map(({ when }) => when[name]).filter(Boolean))];
      if (!options.length) continue;
      if (!options.includes(studio.choice[name])) [studio.choice[name]] = options;
      if (options.length > 1) controls.push(this.choice(name, options));
      left = left.filter(({ when }) => !when[name] || when[name] === studio.choice[name]);
    }
    const flat = ofOne ? studio.data.lanes.filter(({ layers }) => layers <= studio.look.layer) : [];
    const notes = flat.map((lane) => element("p", { class: "bns-hint" }, filled(studio.data.texts["not so deep"], lane)));
    this.choices.replaceChildren(...controls, ...notes);
    const deep = (lanes) => !lanes.length || lanes.some((lane) => !flat.includes(studio.data.lanes[lane]));
    this.shown = left.filter(({ lanes }) => deep(lanes));
  }

  layers() {
    const { layers, texts } = this.studio.data;
    const options = Array.from({ length: layers }, (_, index) => [index, filled(texts["layer of"], { layer: index + 1, layers })]);
    return selectOf(texts.layer, options, (layer) => this.studio.chooseLayer(Number(layer)), this.studio.look.layer);
  }

  choice(name, options) {
    const { texts } = this.studio.data;
    const pairs = options.map((option) => [option, texts[`${name}.${option}`]]);
    const act = (option) => {
      this.studio.choice[name] = option;
      this.offer();
      this.studio.asks.ask("look", { [name]: option });
      this.studio.desk.layOut();
      this.studio.draw();
    };
    return selectOf(texts[name], pairs, act, this.studio.choice[name]);
  }

  // Of which step the inside is shown, where that is not the step looked at; its place is kept where it may be said.
  tell(course, look) {
    const { view, desk, data } = this.studio;
    const still = ["mistakes", "slow"].includes(view) || this.shown.some(({ name }) => desk.charts.get(name)?.meta.over !== "step");
    const told = course.snapshot(look.step)?.step ?? look.step;
    this.told.hidden = !still;
    this.told.textContent = told === look.step ? "" : filled(data.texts["told at"], { told, step: look.step });
  }

  drawBody(course, look) {
    this.tell(course, look);
    const { lanes, digits, texts, run } = this.studio.data;
    if (this.studio.view === "mistakes" && digits) this.body.replaceChildren(...mistakesOf(course, look, texts, lanes, digits));
    else if (this.studio.view === "slow") {
      if (this.body.firstChild !== this.slow.node) this.body.replaceChildren(this.slow.node);
      this.slow.draw(course, look, lanes, run);
    } else this.body.replaceChildren();
  }
}
