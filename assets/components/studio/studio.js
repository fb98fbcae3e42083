// The studio: receives a training's news, plays them, and draws them. Python is only told of requests for another run
// and of values for the address; a step, a layer or a view is handled here at once.

import { coveredLanes, CURTAIN } from "../lib/curtain.js";
import { element, setSentence } from "../lib/dom.js";
import { inTheme, isDark } from "../lib/plot.js";
import { note } from "../lib/progress.js";
import { rewriteAddress } from "../lib/url.js";
import { Alerts } from "./alerts.js";
import { ChartGrid } from "./chart_grid.js";
import { textButton } from "./inputs.js";
import { toggles } from "./legend.js";
import { Network } from "./network.js";
import { between, filled } from "./numbers.js";
import { Forms } from "./panels.js";
import { Film } from "./film.js";
import { Player } from "./player.js";
import { Rerun } from "./rerun.js";
import { onNewRoom } from "./room.js";
import { Run } from "./run.js";
import { RunHistory } from "./run_history.js";
import { paceOf, statusOf } from "./status.js";
import { order } from "./stream.js";
import { Transport } from "./transport.js";
import { Views } from "./views.js";
import { Zoom } from "./zoom.js";

const LATE = 700; // ms that the reader must have waited for the training before this is said
const ASKED = { empty: "asking", shipped: "shipped asking" }; // the status until the reader has predicted

export class Studio {
  constructor(root, data) {
    Object.assign(this, { root, data, choice: {}, player: new Player() });
    const { texts } = data;
    this.look = { step: 0, following: true, layer: 0, axis: "step", log: true, smooth: true, window: null };
    this.look.parts = { batch: true, inference: false, validation: true };
    this.look.covered = coveredLanes();
    this.goTo(data.look);
    this.run = new Run(this);
    this.film = new Film(this);
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
    this.stop = textButton(texts.stop, () => order(this.run.job, { do: "stop" }), "bns-link");
    this.forms = new Forms(this);
    this.network = new Network(this);
    this.switches = element("div", {});
    this.zoom = new Zoom(texts, (window) => this.redraw({ window }));
    this.views = new Views(this);
    const panels = element("div", { class: "bns-panels" }, ...this.forms.nodes);
    const picture = element("div", { class: "bns-picture" }, element("div", {}, ...this.network.nodes), this.grid.main);
    this.print = element("div", { class: "bns-print" }, this.pace, this.stop);
    root.replaceChildren(
      ...[this.sentence, panels, picture, this.transport.node, this.zoom.node],
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
    this.root.classList.toggle("bns-teach", data.scale > 1);
    this.look.scale = data.scale;
    this.look.epsilons = data.lanes.map(({ epsilon }) => epsilon);
    const editable = [...data.editable.change, ...data.editable.fork];
    this.look.labels = Object.fromEntries(editable.map(({ name, label }) => [name, label]));
    const inkThen = this.look.ink;
    this.look.ink = this.themed(data.ink);
    if (data.job !== this.run.job && !this.rerun.isPending("look")) this.goTo(data.look);
    this.look.layer = Math.min(this.look.layer, data.layers - 1);
    this.data.lanes = data.lanes.map((lane) => ({ ...lane, color: this.themed(lane.color) }));
    this.look.colors = this.data.lanes.map(({ color }) => color);
    this.network.set();
    if (inkThen !== this.look.ink) {
      this.switches.replaceChildren(toggles(data, this.look, (change) => this.redraw(change())));
    }
    if (!data.views.some(({ name }) => name === this.view)) this.view = data.views[0].name;
    this.views.set();
    this.grid.layOut(true);
    if (data.job !== this.run.job) this.run.listenTo(data.job);
    const limit = data.limit ?? Infinity;
    const limited = limit !== this.player.limit;
    this.player.limitTo(limit);
    if (data.recorded !== this.run.recorded) this.run.playRecorded(data.recorded);
    else if (limited) this.run.playOn();
    this.show();
    this.grid.draw();
  }

  // The place in the address, at the start and with a new run.
  goTo({ view, layer = 0, ...choice }) {
    this.view = view;
    this.look.layer = layer;
    Object.assign(this.choice, choice);
  }

  themed(text) {
    return inTheme(text, this.data.dark, this.dark);
  }

  // On a phone, Train may be far below the curves.
  comeIntoSight() {
    const { top, bottom } = this.grid.main.getBoundingClientRect();
    if (bottom < 0 || top > window.innerHeight) this.root.scrollIntoView({ block: "start" });
  }

  // The reader's action on the player; once it rests, the address and the exact inside follow.
  act(does) {
    does(this.player);
    this.show();
    this.grid.schedule();
    if (this.player.mode !== "playing") this.rerun.rest(() => this.rested());
  }

  rested() {
    const { mode, step, following, over } = this.player;
    if (mode === "playing" || !this.run.job) return;
    this.rerun.ask("step", { step: following && !over ? null : step });
    this.run.lookExactly(step);
  }

  show() {
    const { player, look } = this;
    const { history, job, news, seen } = this.run;
    const { status } = news;
    const { mode, step, known } = player;
    Object.assign(look, { step, following: mode !== "shown" || player.following, total: player.whole });
    const counts = { points: history.at.length, snapshots: history.snapshots.length };
    Object.assign(this.root.dataset, { status, mode, step, known, ...counts });
    const { asking, before } = this.data;
    const epoch = history.facts.steps_per_epoch ? history.epoch(step) : null;
    this.transport.show(player, { epoch, own: Boolean(job), before: before && !asking });
    this.zoom.show(player.whole);
    this.forms.show();
    const over = !["queued", "running"].includes(status);
    if (over && document.activeElement === this.stop) this.transport.hold();
    this.stop.hidden = over;
    this.print.hidden = this.data.few;
    this.pace.textContent = paceOf(this.data.texts, history, status);
    this.say();
    if (mode === "playing") this.alerts.show(new RunHistory(), [], this.data);
    else this.alerts.show(seen, mode === "shown" ? (news.findings ?? []) : [], this.data);
    this.keepPlace();
    this.reportEnd();
    this.film.play();
  }

  say() {
    const { outcome, texts } = this.data;
    const late = this.film.waited && performance.now() - this.film.waited > LATE;
    const [what, values] = statusOf(this.player, this.run.news, { aside: this.aside, late });
    const over = outcome && this.player.mode === "shown" && this.player.over && !this.aside;
    this.sentence.classList.toggle("bns-verdict", Boolean(over));
    const words = texts[(this.data.asking && ASKED[what]) || what] ?? texts.failed;
    const text = over ? outcome : this.refused ?? filled(words, values);
    if (text === this.sentenceText) return;
    this.sentenceText = text;
    setSentence(this.sentence, text);
  }

  // A reload returns to the film's step, which Python need not know before.
  keepPlace() {
    const second = Math.floor(performance.now() / 1000);
    if (!this.run.job || this.data.stale || this.player.mode !== "playing" || this.keptAt === second) return;
    this.keptAt = second;
    rewriteAddress((entries) => entries.set(`${this.data.slug}.step`, this.player.step));
  }

  // Python says how the run ended once the reader has seen it.
  reportEnd() {
    if (!this.run.job || this.player.mode !== "shown" || !this.player.over || this.ended) return;
    this.ended = true;
    if (!this.data.ended) this.rerun.ask("end", { step: this.player.known });
  }

  // refused: the server's own words.
  setAside(what, refused = null) {
    Object.assign(this, { aside: what, refused });
    this.show();
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
    this.run.lookExactly(this.player.step);
  }

  chooseLayer(layer) {
    this.look.layer = layer;
    this.rerun.ask("look", { layer });
    this.run.showInside(layer);
    this.views.offer();
    this.grid.layOut();
    this.grid.draw();
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

  // A click into a chart over the training goes to that step.
  pick(at, axis) {
    const { history } = this.run;
    const step =
      axis === "step" ? at : axis === "epoch" ? history.stepOf(at) : between(history.seconds, history.at, at);
    this.does.seek(Math.round(step));
  }
}
