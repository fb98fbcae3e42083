// A lesson's stage: figures, tiles, a live sentence and the controls, filled from tables that the server makes.
// Nothing here runs a script on the server: a move fetches the table that it needs, if it is not here yet.

import { element, filledWith, outerUrl } from "../lib/dom.js";
import { isDark } from "../lib/plot.js";
import { STEP } from "../lib/lecture.js";
import { guessKey, readAddress, writeAddress } from "./address.js";
import { Board } from "./board.js";
import { Controls } from "./controls.js";
import { footOf, Setup } from "./foot.js";
import { Glossary } from "./glossary.js";
import { Goal } from "./goal.js";
import { grip } from "./grips.js";
import { Hand } from "./hand.js";
import { layOut } from "./layout.js";
import { Painter } from "./painter.js";
import { Position } from "./position.js";
import { Prediction } from "./prediction.js";
import { goTo, Presets } from "./presets.js";
import { Requests } from "./requests.js";
import { Review } from "./review.js";
import { stages } from "./shared.js";
import { BadSettings, reckoning } from "./tables.js";
import { Trouble } from "./trouble.js";

export class Stage {
  constructor(root, data) {
    Object.assign(this, { root, data, going: 0, moves: 0 });
    this.at = new Position(Object.fromEntries(data.fields.map((field) => [field.name, field.default])));
    this.requests = new Requests(root, data, this.at);
    this.controls = new Controls(data, (this.hand = new Hand(this)));
    this.board = new Board(data);
    Object.assign(this.board, { gripped: (figure) => this.gripped(figure), captionOf: () => this.caption });
    const stands = () => this.at.isUsual((name) => this.controls.handles.has(name));
    const drawn = () => this.picture && this.painter.schedule();
    const does = { commit: (guess) => this.commit(guess), drawn, stands };
    this.prediction = new Prediction(root, data, this.requests.tables, does);
    this.goal = new Goal(data, (preset) => goTo(this, preset));
    Object.assign(this, { review: new Review(data), painter: new Painter(this) });
    this.glossary = new Glossary(data.glossary, root);
    this.trouble = new Trouble(data.texts, () => this.show());
    this.build();
    this.listen();
  }

  build() {
    const { controls, data, prediction, trouble } = this;
    this.setup = new Setup(data, controls.further, controls.others);
    this.setup.opened = () => this.fit();
    this.spoken = element("p", { class: "bnl-spoken", role: "status", "aria-live": "polite" });
    const { tiles, boxes, below, sentence } = this.board;
    this.presets = new Presets(data, (preset) => goTo(this, preset));
    this.foot = footOf(this.setup, this.presets.node, prediction.ask.again);
    const beside = [prediction.ask, controls, { node: sentence }, this.goal, this.review, this.setup];
    const rail = element("div", { class: "bnl-rail" }, ...beside.map(({ node }) => node));
    this.scene = element("div", { class: "bnl-scene" }, element("div", { class: "bnl-picture" }, boxes, tiles), rail);
    if (data.picture) this.root.replaceChildren(boxes, trouble.node, controls.node, this.spoken);
    else this.root.replaceChildren(trouble.notice, this.scene, trouble.node, this.foot, below, this.spoken);
  }

  listen() {
    this.fitted = () => this.fit();
    this.sizes = new ResizeObserver(this.fitted);
    this.sizes.observe(this.root);
    window.addEventListener("resize", this.fitted);
    this.online = () => this.trouble.node.hidden || this.show();
    window.addEventListener("online", this.online);
    this.stepped = ({ detail }) => detail.here && this.step();
    window.addEventListener(STEP, this.stepped);
  }

  // Update theme and view when Streamlit runs the page. Settings and prediction are the browser's.
  update(data) {
    this.data = this.board.data = data;
    this.dark = isDark(this.root);
    if (this.prediction.guess === undefined) this.prediction.read();
    this.answer();
    const entries = JSON.stringify(data.picture ? Object.entries(data.picture) : readAddress(data.slug, this.at.names));
    if (entries !== this.adopted) this.adopt(JSON.parse(entries));
    else if (this.picture) {
      this.keepAddress();
      this.board.layOutFigures(this.board.blank, this.dark);
      this.refresh();
    }
  }

  // A lecture goes on to another state of this page.
  async step() {
    this.prediction.read();
    this.answer();
    const entries = readAddress(this.data.slug, this.at.names);
    if (!this.picture) return this.adopt(entries);
    this.refresh(); // the veil falls or lifts, whether or not a setting changes
    await goTo(this, { settings: Object.fromEntries(entries) });
    return this.announce();
  }

  gripped(figure) {
    grip(figure, this);
    if (!this.data.picture && figure.index === this.data.ask.figure) this.prediction.ask.kind.join?.(figure);
  }

  // Whether the reader has not predicted yet.
  get asking() {
    return this.prediction.open;
  }

  answer() {
    this.prediction.show();
    if (!this.data.picture) this.glossary.markPage(this.prediction.ask.question, this.goal.node);
  }

  // The reader commits to a prediction, or ("") wants to be asked again: in the state that the question is about.
  commit(choice) {
    this.prediction.take(choice, ...(this.picture ? this.source : []));
    if (choice) this.review.passed();
    this.answer();
    this.keepAddress();
    if (!this.picture) return;
    this.aside = choice && reckoning;
    this.refresh();
    // The answer is on screen only in the state that the question is about.
    if (choice) goTo(this, { settings: this.at.with(this.data.ask.at), tells: reckoning });
    this.announce();
    this.controls.node.querySelector("input")?.focus({ preventScroll: true });
    if (!choice) this.adopt([]);
  }

  // No hand at a control and no request under way: the state on screen is the reader's.
  get rests() {
    return !this.going && !this.at.moving && !this.at.pending && !this.controls.busy;
  }

  // The caption of a figure's saved picture: the question, the controls' values, the link to this state.
  get caption() {
    const here = new URL(outerUrl(window.location.href, this.data.network));
    here.searchParams.delete(guessKey(this.data.slug));
    return [this.data.title, this.controls.lines.join(" · "), here.href];
  }

  refresh() {
    this.painter.describe();
    this.fit();
    this.painter.schedule();
  }

  // The settings as the address spells them; names given twice go to the server as they are, which tells the reader.
  adopt(entries) {
    this.adopted = JSON.stringify(entries);
    this.at.adopt(entries);
    this.controls.setFields(this.at.values);
    return this.show(entries);
  }

  keepAddress() {
    const { slug, picture } = this.data;
    if (picture) return;
    const entries = this.at.query(this.at.good);
    this.adopted = JSON.stringify(entries);
    writeAddress(slug, this.at.names, entries, this.prediction.guess);
  }

  // Fetch and draw the picture of these settings, with all that is around it.
  async show(entries = this.at.query()) {
    const asked = this.at.ask();
    try {
      const [picture, blank] = await this.requests.picture(entries, asked, (same) => this.fold(same));
      if (this.at.wants(asked)) this.take(picture, blank);
    } catch (error) {
      if (this.at.wants(asked)) this.fail(error);
    }
  }

  // The server tells the same state by other settings: a value that was pulled now stands in the batch.
  fold(same) {
    Object.assign(this.at.values, same);
    this.controls.setFields(same);
    return this.at.query();
  }

  take(picture, blank) {
    this.at.take();
    this.picture = picture;
    this.trouble.node.hidden = true;
    this.controls.take(picture, this.at.values);
    this.board.layOutTiles(picture.tiles);
    const rescales = this.board.blank && this.board.blank !== blank;
    if (this.board.blank !== blank) this.board.layOutFigures(blank, this.dark);
    this.keepAddress();
    this.fit();
    if (rescales) this.painter.rescale();
    else this.painter.draw();
    this.announce();
    if (this.at.moving) this.hand.moved(this.at.moving);
  }

  // Report settings that are not allowed, and show their repair; a typed line keeps the reader's text.
  fail(error) {
    const { controls, data, at } = this;
    if (!(error instanceof BadSettings)) return this.sayTrouble(error);
    const lines = ({ problems }) => Object.keys(problems).filter((name) => controls.fields.get(name)?.complain);
    const typed = lines(error).find((name) => name === this.hand.typing);
    if (typed) {
      at.undo(typed);
      const values = { problem: error.problems[typed], batch: at.values[typed] };
      controls.fields.get(typed).complain(filledWith(data.texts.wrong, values));
      return this.show(); // with all that was set in the meantime
    }
    if (!Object.keys(error.used).length) return this.sayTrouble(error);
    this.trouble.correct(error.message);
    return this.adopt(at.query({ ...at.values, ...error.used }));
  }

  sayTrouble(error) {
    this.at.pending = false;
    this.trouble.say(error);
  }

  fit() {
    if (this.picture && layOut(this) && this.root.dataset.ready === "true") this.painter.schedule();
  }

  // The table to draw from, and the step in it.
  get source() {
    const { along } = this.at;
    return along ? [along.table, this.controls.handles.get(along.name).step] : [this.picture, 0];
  }

  // Tell the parts of the page that show this state: the code, the link.
  announce() {
    this.painter.describe();
    const { data, prediction, requests } = this;
    stages[data.slug] = { query: this.at.query(), guess: prediction.guess, tables: requests.tables };
    window.dispatchEvent(new CustomEvent(`bnl-stage-${data.slug}`));
  }

  close() {
    if (this.asking) this.review.passed();
    this.closed = true;
    this.prediction.close();
    this.requests.close();
    this.at.close();
    this.sizes.disconnect();
    window.removeEventListener("resize", this.fitted);
    window.removeEventListener("online", this.online);
    window.removeEventListener(STEP, this.stepped);
    this.board.close();
    this.glossary.close();
  }
}
