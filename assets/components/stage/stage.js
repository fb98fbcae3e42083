// A lesson's stage: figures, tiles, a live sentence and the controls, filled from tables that the server makes.
// Nothing here runs a script on the server: a move fetches the table that it needs, if it is not here yet.

import { element, filledWith, setSentence } from "../lib/dom.js";
import { isDark } from "../lib/plot.js";
import { STEP } from "../lib/lecture.js";
import { note } from "../lib/progress.js";
import { readAddress, readGuess, writeAddress } from "./address.js";
import { Ask } from "./ask.js";
import { Board } from "./board.js";
import { fieldOf } from "./fields.js";
import { footOf, Setup } from "./foot.js";
import { Glossary } from "./glossary.js";
import { Goal } from "./goal.js";
import { follow, touch } from "./grips.js";
import { HandleControl } from "./handles.js";
import { layOut } from "./layout.js";
import { play } from "../lib/motion.js";
import { Points } from "./points.js";
import { Position } from "./position.js";
import { goTo, Presets } from "./presets.js";
import { Review } from "./review.js";
import { stages } from "./shared.js";
import { BadSettings, Tables, textAt } from "./tables.js";

const PATIENCE = 300; // ms until waiting shows
const ASKING = "bnl-asking"; // on the page, while what lies deeper would tell the answer

export class Stage {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.at = new Position(Object.fromEntries(data.fields.map((field) => [field.name, field.default])));
    this.tables = new Tables(data.slug, data.version);
    this.does = { approach: (name) => this.approach(name), moved: (name) => this.moved(name), letGo: (name) => this.letGo(name) };
    this.handles = new Map();
    this.fields = new Map();
    this.draws = this.waiting = this.going = 0;
    this.board = new Board(data);
    this.board.gripped = (figure) => this.gripped(figure);
    this.board.captionOf = () => this.caption;
    const asks = { commit: (guess) => this.commit(guess), askAgain: () => this.commit(""), drawn: () => this.scheduleDraw() };
    this.ask = new Ask(data, asks);
    this.goal = new Goal(data);
    this.review = new Review(data);
    this.glossary = new Glossary(data.glossary, root);
    this.build();
    this.fitted = () => this.fit();
    this.sizes = new ResizeObserver(this.fitted);
    this.sizes.observe(root);
    window.addEventListener("resize", this.fitted);
    this.online = () => this.trouble.hidden || this.show();
    window.addEventListener("online", this.online);
    this.stepped = ({ detail }) => detail.here && this.step();
    window.addEventListener(STEP, this.stepped);
  }

  build() {
    this.notice = element("p", { class: "bnl-notice", role: "status", hidden: "" });
    this.controls = element("div", { class: "bnl-controls" });
    this.trouble = element("p", { class: "bnl-trouble", role: "alert", hidden: "" });
    this.others = element("div", { class: "bnl-fields" });
    this.further = element("div", { class: "bnl-further" });
    this.setup = new Setup(this.data, this.further, this.others);
    this.setup.opened = () => this.fit();
    this.spoken = element("p", { class: "bnl-spoken", role: "status", "aria-live": "polite" });
    const { tiles, boxes, below, sentence } = this.board;
    this.presets = new Presets(this.data, (preset) => goTo(this, preset));
    this.foot = footOf(this.setup, this.presets.node, this.ask.again);
    this.rail = element("div", { class: "bnl-rail" }, this.ask.node, this.controls, sentence, this.goal.node, this.review.node, this.setup.node);
    this.scene = element("div", { class: "bnl-scene" }, element("div", { class: "bnl-picture" }, boxes, tiles), this.rail);
    if (this.data.picture) return this.root.replaceChildren(boxes, this.trouble, this.controls, this.spoken);
    this.layOutFields();
    return this.root.replaceChildren(this.notice, this.scene, this.trouble, this.foot, below, this.spoken);
  }

  layOutFields() {
    const { fields, rows, more, texts } = this.data;
    const nodeOf = (name) => {
      const made = fieldOf(fields.find((field) => field.name === name), (text) => this.setField(name, text));
      this.fields.set(name, made);
      return made.node;
    };
    const columns = rows.map((names) => element("div", { class: "bnl-column" }, ...names.map(nodeOf)));
    const folded = element("details", { class: "bnl-more" }, element("summary", {}, texts.more), ...more.map(nodeOf));
    this.others.replaceChildren(...columns, ...(more.length ? [folded] : []));
  }

  // What Streamlit brings whenever the page runs: the theme, the view. The settings and the prediction are the browser's.
  update(data) {
    this.data = this.board.data = data;
    this.dark = isDark(this.root);
    this.guess ??= readGuess(data.slug, (text) => this.ask.valid(text));
    this.answer();
    const entries = JSON.stringify(data.picture ? Object.entries(data.picture) : readAddress(data.slug, this.at.names));
    if (entries !== this.adopted) this.adopt(JSON.parse(entries));
    else if (this.picture) {
      this.keepAddress();
      this.board.layOutFigures(this.board.blank, this.dark);
      this.refresh();
    }
  }

  // A lecture goes on at this very page.
  async step() {
    this.guess = readGuess(this.data.slug, (text) => this.ask.valid(text));
    this.answer();
    const entries = readAddress(this.data.slug, this.at.names);
    if (!this.picture) return this.adopt(entries);
    this.refresh(); // the veil falls or lifts, whether or not a setting changes
    await goTo(this, { settings: Object.fromEntries(entries), look: "" });
    return this.announce();
  }

  gripped(figure) {
    for (const bind of [follow, touch]) bind(figure, (name) => this.handles.get(name));
    if (figure.picks) figure.points = new Points(figure, figure.picks, this);
    if (!this.data.picture && figure.index === this.data.ask.figure) this.ask.kind.join?.(figure);
  }

  // Whether the reader is still to predict.
  get asking() {
    return !this.data.picture && !this.guess;
  }

  answer() {
    this.ask.set(this.guess);
    this.root.classList.toggle(ASKING, this.asking);
    document.documentElement.classList.toggle(ASKING, this.asking);
    if (this.guess) note(this.data.slug, { seen: Date.now() });
    if (this.guess && !this.data.picture && !this.truth) this.recall();
    this.explain();
  }

  // A prediction that was made before: its question was about the lesson's own state.
  async recall() {
    const { truth } = await this.tables.table([]).catch(() => ({}));
    this.truth ??= truth?.[0];
    if (this.picture) this.scheduleDraw();
  }

  // The terms in what this page says for good: its lead, the question, the goal, the depth.
  explain() {
    if (this.data.picture) return;
    const pages = document.querySelectorAll(".st-key-lesson > div:not(:has(.bnl-stage)) p, .st-key-depth [data-testid=stMarkdown] p");
    const [lead, ...deeper] = [...pages];
    this.glossary.mark([lead, this.ask.question, this.goal.node, ...deeper]);
  }

  // The reader commits to a prediction, or ("") wants to be asked again: in the state that the question is about.
  commit(choice) {
    this.guess = choice;
    this.truth = choice && this.picture ? this.answerOf(...this.source) : null;
    if (choice) note(this.data.slug, { guess: choice });
    if (choice) this.review.passed();
    this.answer();
    this.keepAddress();
    if (!this.picture) return;
    this.aside = choice && textAt(this.source[0].texts, "reckoning", this.source[1]);
    this.refresh();
    if (choice) this.unfold();
    this.announce();
    this.controls.querySelector("input")?.focus({ preventScroll: true });
    if (!choice) this.adopt([]);
  }

  // What is right at a step: it is told of the state that was asked about, wherever the model stands later.
  answerOf({ truth }, step) {
    return truth?.[truth.length === 1 ? 0 : step];
  }

  // No hand at a control, nothing on its way: what is shown is where the reader has gone.
  get rests() {
    const busy = ({ node, held, gliding, rest }) => node.isConnected && (held || gliding || rest.waits);
    return !this.going && !this.at.moving && !this.at.pending && ![...this.handles.values()].some(busy);
  }

  // What a picture of a figure takes along: the question, what stands at the controls, the way back here.
  get caption() {
    const set = [...this.handles.values()].map(({ handle, step }) => `${handle.label}: ${handle.shown[step]}`);
    return [this.data.title, set.join(" · "), window.location.href];
  }

  refresh() {
    this.describe();
    this.fit();
    this.draw();
  }

  // The settings as the address spells them; names given twice go to the server as they are, which tells the reader.
  adopt(entries) {
    this.adopted = JSON.stringify(entries);
    this.at.adopt(entries);
    for (const [name, field] of this.fields) field.set(this.at.values[name]);
    return this.show(entries);
  }

  keepAddress() {
    const { slug, picture } = this.data;
    if (picture) return;
    const entries = this.at.query(this.at.good);
    this.adopted = JSON.stringify(entries);
    writeAddress(slug, this.at.names, entries, this.guess);
  }

  // Fetch and draw the picture of these settings, and with it whatever stands around it.
  async show(entries = this.at.query()) {
    const asked = this.at.ask();
    try {
      let [picture, blank] = await this.waited(Promise.all([this.tables.table(entries), this.figuresOf(entries)]));
      if (picture.same && this.at.wants(asked)) blank = await this.waited(this.fold(picture.same));
      if (this.at.wants(asked)) this.take(picture, blank);
    } catch (error) {
      if (this.at.wants(asked)) this.fail(error);
    }
  }

  figuresOf(entries) {
    return this.tables.figures(entries.filter(([name]) => this.data.shape.includes(name)));
  }

  // The server tells the same state by other settings: a value that was pulled now stands in the batch.
  fold(same) {
    Object.assign(this.at.values, same);
    for (const name of Object.keys(same)) this.fields.get(name)?.set(same[name]);
    return this.figuresOf(this.at.query());
  }

  take(picture, blank) {
    this.at.take();
    this.picture = picture;
    this.trouble.hidden = true;
    this.layOutHandles(picture.handles);
    for (const [name, field] of this.fields) field.agreed?.(this.at.values[name], picture.notes[name] ?? "");
    this.board.layOutTiles(picture.tiles);
    const rescales = this.board.blank && this.board.blank !== blank;
    if (this.board.blank !== blank) this.board.layOutFigures(blank, this.dark);
    this.keepAddress();
    this.fit();
    if (rescales) this.rescale();
    else this.draw();
    this.announce();
    if (this.at.moving) this.moved(this.at.moving);
  }

  // What cannot be is told, and what stands in for it is shown; a typed line keeps what the reader typed.
  fail(error) {
    if (!(error instanceof BadSettings)) return this.sayTrouble(error);
    const typed = Object.keys(error.problems).find((name) => name === this.typing && this.fields.get(name)?.complain);
    if (typed) {
      this.at.undo(typed);
      const complaint = filledWith(this.data.texts.wrong, { problem: error.problems[typed], batch: this.at.values[typed] });
      this.fields.get(typed).complain(complaint);
      return this.show(); // whatever else was set meanwhile
    }
    if (!Object.keys(error.used).length) return this.sayTrouble(error);
    this.notice.hidden = false;
    setSentence(this.notice, error.message);
    this.adopt(this.at.query({ ...this.at.values, ...error.used }));
    return undefined;
  }

  sayTrouble(error) {
    this.at.pending = false;
    const again = element("button", { type: "button", class: "bnl-button" }, this.data.texts.again);
    again.addEventListener("click", () => this.show());
    const why = error instanceof TypeError ? "" : ` (${error.message})`; // of a lost connection a browser says nothing useful
    this.trouble.replaceChildren(`${this.data.texts.trouble}${why} `, again);
    this.trouble.hidden = false;
  }

  // What a handle was moved to a moment ago comes first.
  setField(name, text) {
    for (const control of this.handles.values()) control.settle();
    this.typing = name;
    this.aside = "";
    this.at.values[name] = text;
    return this.show();
  }

  waited(promise) {
    this.waiting += 1;
    const timer = setTimeout(() => this.root.setAttribute("aria-busy", "true"), PATIENCE);
    const over = () => {
      clearTimeout(timer);
      this.waiting -= 1;
      if (!this.waiting) this.root.removeAttribute("aria-busy");
    };
    promise.then(over, over);
    return promise;
  }

  // The hand is near: the table along that handle may be needed at once. Only `again` asks for one that did not come.
  approach(name, again = true) {
    const before = this.at.near;
    const { near, fresh } = this.at.approach(name, again);
    if (!fresh) return near.promise;
    before?.gone.abort(); // nobody waits any more for what is still on its way
    near.gone = new AbortController();
    const entries = [...this.at.query(this.at.values, name), ["along", name]];
    near.promise = this.waited(this.tables.table(entries, near.gone.signal)).then(
      (table) => this.arrived(near, table),
      (error) => {
        near.failed = true;
        if (this.at.near === near && this.at.moving === name) this.sayTrouble(error);
      },
    );
    return near.promise;
  }

  arrived(near, table) {
    near.table = table;
    if (this.at.near !== near || this.closed) return;
    const control = this.handles.get(near.name);
    if (table.handle && control) {
      control.furnish({ ...table.handle, at: control.step });
      this.fit();
    }
    if (this.at.follow()) this.scheduleDraw();
  }

  moved(name) {
    this.at.moving = name;
    this.aside = "";
    this.approach(name, false);
    if (this.at.follow()) this.scheduleDraw();
  }

  letGo(name) {
    const control = this.handles.get(name);
    const then = this.at.letGo(name, control.handle.values[control.step]);
    if (this.closed || then === "nothing") return;
    this.spoken.textContent = this.board.sentence.textContent;
    this.keepAddress();
    if (then === "shown" && !this.data.folds.includes(name)) {
      this.scheduleDraw();
      this.announce();
    } else this.show(); // the table is still on its way: the picture comes sooner
  }

  layOutHandles(handles) {
    const shown = this.data.picture ? handles.filter(({ name }) => this.data.carrying.includes(name)) : handles;
    for (const { name } of shown) {
      if (!this.handles.has(name)) this.handles.set(name, new HandleControl(name, this.does, this.data.slow.includes(name)));
    }
    const carrying = ({ name }) => this.data.carrying.includes(name);
    this.fillWith(this.controls, shown.filter(carrying));
    this.fillWith(this.further, shown.filter((handle) => !carrying(handle)));
    for (const handle of shown) this.handles.get(handle.name).furnish(handle);
  }

  // Moving a node that is already in place would end a drag in progress.
  fillWith(box, handles) {
    const nodes = handles.map(({ name }) => this.handles.get(name).node);
    const inPlace = nodes.length === box.children.length && nodes.every((node, index) => node === box.children[index]);
    if (!inPlace) box.replaceChildren(...nodes);
  }

  fit() {
    if (this.picture && layOut(this) && this.root.dataset.ready === "true") this.scheduleDraw();
  }

  // The table that is drawn from, and the step at which.
  get source() {
    const { along } = this.at;
    return along ? [along.table, this.handles.get(along.name).step] : [this.picture, 0];
  }

  // The values run through their ways, one station after the other.
  unfold() {
    const one = this.board.figures.find(({ unfolds }) => unfolds);
    return one && play((share) => ((one.gone = share), this.draw()));
  }

  // An axis that must hold more now changes before the reader's eyes.
  rescale() {
    const moved = this.board.figures.filter((one) => one.moved);
    return moved.length ? play((share) => (moved.forEach((one) => one.rescaled(share)), this.draw())) : this.draw();
  }

  // Another control's value, without a hand at it: the picture is asked for when that one is let go.
  choose(name, value) {
    const control = this.handles.get(name);
    control.input.value = control.nearest(value);
    control.showValue();
    this.at.values[name] = this.at.good[name] = control.handle.values[control.step];
    this.aside = "";
  }

  scheduleDraw() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  async draw() {
    if (this.closed) return;
    const [table, step] = this.source;
    this.board.fill(table, step);
    this.say(table, step);
    for (const [name, control] of this.handles) control.showAs(name === this.at.moving ? "" : textAt(table.texts, `shown.${name}`, step));
    try {
      await this.board.draw();
      this.draws += 1;
      this.root.dataset.draws = this.draws;
      this.root.dataset.ready = "true";
    } catch (error) {
      if (window.Plotly) throw error;
      this.root.dataset.ready = "words";
      this.board.tellInWords(error, table.texts, step);
    }
  }

  say(table, step) {
    const { asking, aside, data, guess } = this;
    const comparison = this.ask.comparison(guess, this.truth);
    this.presets.mark(this);
    this.board.say(table.texts, step, { caption: this.picture.notes.caption, guess: comparison, aside, asking });
    const reached = Boolean(table.reached[table.reached.length === 1 ? 0 : step]);
    this.goal.set(textAt(table.texts, "check", step), reached);
    if (reached && guess && this.rests) note(data.slug, { reached });
  }

  // Tell the parts of the page that show this state: the code, the link.
  announce() {
    this.describe();
    stages[this.data.slug] = { query: this.at.query(), guess: this.guess, tables: this.tables };
    window.dispatchEvent(new CustomEvent(`bnl-stage-${this.data.slug}`));
  }

  describe() {
    const [table, step] = this.source;
    this.board.describe(table.texts, step, this.asking ? this.data.texts.veiled : "");
  }

  close() {
    if (this.asking) this.review.passed();
    this.closed = true;
    document.documentElement.classList.remove(ASKING);
    this.at.close();
    this.at.near?.gone?.abort();
    this.sizes.disconnect();
    window.removeEventListener("resize", this.fitted);
    window.removeEventListener("online", this.online);
    window.removeEventListener(STEP, this.stepped);
    this.board.close();
    this.glossary.close();
  }
}
