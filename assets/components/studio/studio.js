// The studio: listens to a training, plays what it tells, and draws it. Python hears of what makes another run or
// belongs into the address; a step, a layer or a view is answered here at once.

import { coveredLanes, CURTAIN } from "../lib/curtain.js";
import { element, setSentence } from "../lib/dom.js";
import { inTheme, isDark } from "../lib/plot.js";
import { note } from "../lib/progress.js";
import { rewriteAddress } from "../lib/url.js";
import { Alerts } from "./alerts.js";
import { ChartGrid } from "./chart_grid.js";
import { textButton } from "./inputs.js";
import { laneKey, toggles } from "./legend.js";
import { between, filled } from "./numbers.js";
import { Forms } from "./panels.js";
import { Player } from "./player.js";
import { Rerun } from "./rerun.js";
import { onNewRoom } from "./room.js";
import { RunHistory } from "./run_history.js";
import { OPEN, paceOf, statusOf } from "./status.js";
import { jsonAt, order, snapshotsOf, Stream } from "./stream.js";
import { Transport } from "./transport.js";
import { Views } from "./views.js";
import { Zoom } from "./zoom.js";

const LATE = 700; // ms that the reader has waited for the training before that is said
const LONGEST = 0.5; // seconds that one frame may move the film on
const ASKED = { empty: "asking", shipped: "shipped asking" }; // what is said until the reader has predicted

export class Studio {
  constructor(root, data) {
    Object.assign(this, { root, data, choice: {}, news: { status: "empty" }, history: new RunHistory(), player: new Player() });
    const { texts } = data;
    this.look = { step: 0, following: true, layer: 0, axis: "step", log: true, smooth: true, window: null, covered: coveredLanes() };
    this.look.parts = { batch: true, inference: false, validation: true };
    this.goTo(data.look);
    this.stream = new Stream((news) => this.takeNews(news), (words) => this.setAside("reconnecting", words), () => this.lost());
    this.grid = new ChartGrid(this);
    this.rerun = new Rerun(this);
    this.does = {
      toggle: () => this.act((player) => player.toggle()),
      pause: () => this.act((player) => player.pause()),
      stepBy: (by) => this.act((player) => player.seek(player.step + by)),
      seek: (step) => this.act((player) => player.seek(step)),
      showEnd: () => this.act((player) => player.show()),
      speed: (seconds) => this.act((player) => player.playIn(seconds)),
      reset: () => this.rerun.ask("reset"),
      undo: () => this.rerun.ask("undo"),
      trigger: (what, values) => this.rerun.ask(what, values),
      lookAt: (step, layer, view) => this.lookAt(step, layer, view),
    };
    this.sentence = element("p", { class: "bnl-sentence bns-status", role: "status", "aria-live": "polite" });
    this.alerts = new Alerts(this.does);
    this.transport = new Transport(texts, this.does);
    this.pace = element("span", {});
    this.stop = textButton(texts.stop, () => order(this.job, { do: "stop" }), "bns-link");
    this.forms = new Forms(this);
    this.legend = element("div", {});
    this.switches = element("div", {});
    this.zoom = new Zoom(texts, (window) => this.redraw({ window }));
    this.views = new Views(this);
    const panels = element("div", { class: "bns-panels" }, this.legend, ...this.forms.nodes);
    this.print = element("div", { class: "bns-print" }, this.pace, this.stop);
    root.replaceChildren(
      ...[this.sentence, panels, this.grid.main, this.transport.node, this.zoom.node],
      ...[this.switches, this.print, this.alerts.node, this.views.node],
    );
    this.lifted = () => this.redraw({ covered: coveredLanes() });
    window.addEventListener(CURTAIN, this.lifted);
    const unhook = onNewRoom(this, () => this.grid.fit() && this.grid.schedule());
    this.unhook = () => (unhook(), window.removeEventListener(CURTAIN, this.lifted));
  }

  update(data, ask) {
    this.data = data;
    this.rerun.send = ask;
    this.rerun.acknowledge(data.received);
    if (data.progress) note(data.slug, data.progress);
    this.dark = isDark(this.root);
    this.root.classList.toggle("bns-asking", data.asking);
    this.look.scale = data.scale;
    this.look.epsilons = data.lanes.map(({ epsilon }) => epsilon);
    this.look.labels = Object.fromEntries([...data.ables.change, ...data.ables.fork].map(({ name, label }) => [name, label]));
    const inkThen = this.look.ink;
    this.look.ink = this.themed(data.ink);
    if (data.job !== this.job && !this.rerun.isPending("look")) this.goTo(data.look);
    this.look.layer = Math.min(this.look.layer, data.layers - 1);
    this.data.lanes = data.lanes.map((lane) => ({ ...lane, color: this.themed(lane.color) }));
    this.look.colors = this.data.lanes.map(({ color }) => color);
    this.legend.replaceChildren(laneKey(this.data.lanes));
    if (inkThen !== this.look.ink) this.switches.replaceChildren(toggles(data, this.look, (change) => this.redraw(change())));
    if (!data.views.some(({ name }) => name === this.view)) this.view = data.views[0].name;
    this.views.set();
    this.grid.layOut(true);
    if (data.job !== this.job) this.listenTo(data.job);
    if (data.recorded !== this.recorded) this.playRecorded(data.recorded);
    this.show();
    this.grid.draw();
  }

  // Where the address says to look, at the start and with a new run.
  goTo({ view, layer = 0, ...choice }) {
    this.view = view;
    this.look.layer = layer;
    Object.assign(this.choice, choice);
  }

  themed(text) {
    return inTheme(text, this.data.dark, this.dark);
  }

  // A run begins to play where it leaves an earlier one, or at its start; at rest where the address says.
  listenTo(job) {
    this.stream.close();
    Object.assign(this, { job, history: new RunHistory(), news: { status: job ? "asked" : "empty" }, aside: null, refused: null, ended: false, asked: new Set() });
    this.player.load(job ? (this.data.plays ? "playing" : "paused") : "empty", this.data.step ?? 0);
    if (!job) this.zoom.set(0, Infinity);
    if (job) this.stream.listen(job, this.look.layer);
    if (job && this.data.plays) this.comeIntoSight();
  }

  // With nothing trained yet a run plays that ships with the app, sent all at once; null: none of the present settings.
  async playRecorded(recorded) {
    this.recorded = recorded;
    if (!this.job) this.listenTo(null);
    const news = recorded && (await jsonAt(recorded));
    if (!news || recorded !== this.recorded) return;
    this.player.load("playing");
    this.takeNews(news);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) this.does.showEnd();
  }

  // On a phone Train may stand far below the curves.
  comeIntoSight() {
    const { top, bottom } = this.grid.main.getBoundingClientRect();
    if (bottom < 0 || top > window.innerHeight) this.root.scrollIntoView({ block: "start" });
  }

  takeNews(news) {
    if (news.since === 0) this.history = new RunHistory(this.look.layer); // after a broken connection: everything again
    this.history.take(news);
    [this.news, this.aside, this.refused] = [news, null, null];
    const { over } = this;
    const known = over ? (news.end?.step ?? news.position) : this.history.known;
    this.player.update({ known, total: this.history.facts.steps ?? null, over });
    if (!this.more) this.stream.close();
    this.show();
    this.grid.schedule();
  }

  get over() {
    return !OPEN.includes(this.news.status);
  }

  // Whether there is more to be told.
  get more() {
    return !this.over || this.news.looks?.length > 0;
  }

  // What the reader does to the player; where it then rests, the address and the exact inside follow.
  act(does) {
    does(this.player);
    this.show();
    this.grid.schedule();
    if (this.player.mode !== "playing") this.rerun.rest(() => this.rested());
  }

  rested() {
    const { mode, step, following, over } = this.player;
    if (mode === "playing" || !this.job) return;
    this.rerun.ask("step", { step: following && !over ? null : step });
    this.lookExactly(step);
  }

  // Between two snapshots the inside of this very step is asked for, once.
  async lookExactly(step) {
    const { still, recorded } = this.views.recordedAt(this.seen, step);
    if (!this.job || !still || recorded === null || this.asked.has(step)) return;
    const { job, asked } = this;
    asked.add(step);
    const taken = await order(job, { do: "submit", look: step });
    if (!taken) asked.delete(step); // it may be asked for again
    if (!taken || job !== this.job || this.stream.open) return;
    this.stream.listen(job, this.look.layer, this.news.n);
  }

  // The clock that moves the player on.
  play() {
    if (this.ticking || this.player.mode !== "playing") return;
    this.ticking = true;
    let then = performance.now();
    const tick = (now) => {
      this.ticking = this.root.isConnected && this.player.mode === "playing";
      if (!this.ticking) return;
      this.player.tick(Math.min(LONGEST, Math.max(0, now - then) / 1000));
      then = now;
      this.waited = this.player.waiting ? (this.waited ?? now) : null;
      if (this.look.step !== this.player.step) this.grid.schedule();
      this.show();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // What is drawn and told: of a run that is played, only what was known at its step.
  get seen() {
    const { horizon } = this.player;
    if (horizon === Infinity) return this.history;
    if (this.past?.history !== this.history || this.past.n !== this.news.n || this.past.horizon !== horizon) {
      this.past = { history: this.history, n: this.news.n, horizon, seen: this.history.until(horizon) };
    }
    return this.past.seen;
  }

  show() {
    const { player, history, look, news, root } = this;
    const { status } = news;
    Object.assign(look, { step: player.step, following: player.mode !== "shown" || player.following, total: player.whole });
    Object.assign(root.dataset, { status, mode: player.mode, points: history.at.length, step: player.step, known: player.known, snapshots: history.snapshots.length });
    const { asking, before } = this.data;
    const epoch = history.facts.steps_per_epoch ? history.epoch(player.step) : null;
    this.transport.show(player, { epoch, own: Boolean(this.job), before: before && !asking });
    this.zoom.show(player.whole);
    this.forms.show();
    const over = !["queued", "running"].includes(status);
    if (over && document.activeElement === this.stop) this.transport.hold();
    this.stop.hidden = over;
    this.print.hidden = this.data.few;
    this.pace.textContent = paceOf(this.data.texts, history, status);
    this.say();
    if (player.mode !== "playing") this.alerts.show(this.seen, player.mode === "shown" ? (news.findings ?? []) : [], this.data);
    else this.alerts.show(new RunHistory(), [], this.data);
    this.keepPlace();
    this.reportEnd();
    this.play();
  }

  say() {
    const { outcome, texts } = this.data;
    const [what, values] = statusOf(this.player, this.news, { aside: this.aside, late: this.waited && performance.now() - this.waited > LATE });
    const over = outcome && this.player.mode === "shown" && this.player.over && !this.aside;
    const text = over ? outcome : this.refused ?? filled(texts[(this.data.asking && ASKED[what]) || what] ?? texts.failed, values);
    if (text === this.sentenceText) return;
    this.sentenceText = text;
    setSentence(this.sentence, text);
  }

  // A reload comes back to where the film was, which Python need not know before.
  keepPlace() {
    const second = Math.floor(performance.now() / 1000);
    if (!this.job || this.data.stale || this.player.mode !== "playing" || this.keptAt === second) return;
    this.keptAt = second;
    rewriteAddress((entries) => entries.set(`${this.data.slug}.step`, this.player.step));
  }

  // Python says how it ended once the reader has seen it.
  reportEnd() {
    if (!this.job || this.player.mode !== "shown" || !this.player.over || this.ended) return;
    this.ended = true;
    if (!this.data.ended) this.rerun.ask("end", { step: this.player.known });
  }

  // refused: the server's own words.
  setAside(what, refused = null) {
    Object.assign(this, { aside: what, refused });
    this.show();
  }

  lost() {
    this.stream.close();
    this.player.update({ ...this.player, over: true });
    this.news = { ...this.news, status: "forgotten" };
    this.setAside("forgotten");
  }

  redraw(changed) {
    Object.assign(this.look, changed);
    this.grid.schedule();
  }

  open(view) {
    this.view = view;
    this.views.set();
    this.grid.layOut();
    this.grid.draw();
    this.rerun.ask("look", { view });
    this.lookExactly(this.player.step);
  }

  chooseLayer(layer) {
    this.look.layer = layer;
    this.rerun.ask("look", { layer });
    if (this.job) this.fetchInside();
    else this.history = this.history.inside(layer, this.history.snapshots); // a recorded run has them all
    this.views.offer();
    this.grid.layOut();
    this.grid.draw();
  }

  // Of another layer only the inside is missing.
  async fetchInside() {
    const { job, look } = this;
    const { layer } = look;
    this.stream.close();
    const former = new Set(this.history.snapshots);
    const snapshots = this.history.facts.n ? await snapshotsOf(job, layer) : null;
    if (job !== this.job || layer !== look.layer) return;
    if (!snapshots) return this.stream.listen(job, layer); // everything, or why not
    const come = this.history.snapshots.filter((one) => !former.has(one)); // a look, meanwhile
    this.history = this.history.inside(layer, [...snapshots, ...come]);
    if (this.more) this.stream.listen(job, layer, this.news.n);
    this.grid.schedule();
  }

  lookAt(step, layer, view) {
    if (layer !== null && layer !== undefined) this.chooseLayer(Math.min(layer, this.data.layers - 1));
    if (step !== null && step !== undefined) {
      this.does.seek(step);
      this.choice.time = "at";
      this.rerun.ask("look", { time: "at" });
    }
    if (view) this.open(view);
    this.views.offer();
    this.grid.layOut();
    this.views.panel.scrollIntoView({ block: "nearest" });
  }

  // A click into a chart over the training looks at that place.
  pick(at, axis) {
    const { history } = this;
    const step = axis === "step" ? at : axis === "epoch" ? history.stepOf(at) : between(history.seconds, history.at, at);
    this.does.seek(Math.round(step));
  }
}
