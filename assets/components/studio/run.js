// The run on screen: its news, sent by the server or shipped with the app, and the snapshots of its inside.

import { RunHistory } from "./run_history.js";
import { OPEN } from "./status.js";
import { jsonAt, order, snapshotsOf, Stream } from "./stream.js";

export class Run {
  constructor(studio) {
    Object.assign(this, { studio, news: { status: "empty" }, history: new RunHistory() });
    const broken = (words) => studio.setAside("reconnecting", words);
    this.stream = new Stream((news) => this.take(news), broken, () => this.lost());
  }

  get over() {
    return !OPEN.includes(this.news.status);
  }

  // Whether more news will come.
  get more() {
    return !this.over || this.news.looks?.length > 0;
  }

  // The history to draw: for a run that is playing, only what was known at its step.
  get seen() {
    const { horizon } = this.studio.player;
    if (horizon === Infinity) return this.history;
    if (this.past?.history !== this.history || this.past.n !== this.news.n || this.past.horizon !== horizon) {
      this.past = { history: this.history, n: this.news.n, horizon, seen: this.history.until(horizon) };
    }
    return this.past.seen;
  }

  // A run starts to play where it leaves an earlier run, or at its start; it rests where the address names a step.
  listenTo(job) {
    const { studio } = this;
    const { plays, step } = studio.data;
    this.stream.close();
    Object.assign(this, {
      job, history: new RunHistory(), news: { status: job ? "asked" : "empty" }, asked: new Set(),
    });
    Object.assign(studio, { aside: null, refused: null, ended: false });
    studio.player.load(job ? (plays ? "playing" : "paused") : "empty", step ?? 0);
    if (!job) studio.zoom.set(0, Infinity);
    if (job) this.stream.listen(job, studio.look.layer);
    if (job && plays) studio.comeIntoSight();
  }

  // Before anything is trained, a run that ships with the app plays, loaded at once; null: none has these settings.
  async playRecorded(recorded) {
    const { studio } = this;
    this.recorded = recorded;
    if (!this.job) this.listenTo(null);
    const news = recorded && (await jsonAt(recorded));
    if (!news || recorded !== this.recorded) return;
    studio.player.load("playing");
    this.take(news);
    this.skipMotion();
  }

  // A reader who has just predicted sees the rest of the recorded run.
  playOn() {
    if (this.news.status !== "shipped") return;
    this.take(this.news);
    this.studio.player.play();
    this.studio.show();
    this.skipMotion();
  }

  skipMotion() {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) this.studio.does.showEnd();
  }

  take(news) {
    const { grid, look, player } = this.studio;
    if (news.since === 0) this.history = new RunHistory(look.layer); // after a lost connection all news come again
    this.history.take(news);
    this.news = news;
    Object.assign(this.studio, { aside: null, refused: null });
    const { over } = this;
    const known = over ? (news.end?.step ?? news.position) : this.history.known;
    player.update({ known, total: this.history.facts.steps ?? null, over });
    if (!this.more) this.stream.close();
    this.studio.show();
    grid.schedule();
  }

  lost() {
    const { player } = this.studio;
    this.stream.close();
    player.update({ ...player, over: true });
    this.news = { ...this.news, status: "forgotten" };
    this.studio.setAside("forgotten");
  }

  // Between two snapshots, the exact inside at this step is requested, once.
  async lookExactly(step) {
    const { job, asked, studio } = this;
    const { still, recorded } = studio.views.recordedAt(this.seen, step);
    if (!job || !still || recorded === null || asked.has(step)) return;
    asked.add(step);
    const taken = await order(job, { do: "submit", look: step });
    if (!taken) asked.delete(step); // it may be requested again
    if (!taken || job !== this.job || this.stream.open) return;
    this.stream.listen(job, studio.look.layer, this.news.n);
  }

  // For another layer only its inside is missing; a recorded run has all layers.
  async showInside(layer) {
    const { job, studio } = this;
    if (!job) {
      this.history = this.history.inside(layer, this.history.snapshots);
      return;
    }
    this.stream.close();
    const former = new Set(this.history.snapshots);
    const snapshots = this.history.facts.n ? await snapshotsOf(job, layer) : null;
    if (job !== this.job || layer !== studio.look.layer) return;
    if (!snapshots) {
      this.stream.listen(job, layer); // for all news, or the reason for the refusal
      return;
    }
    const come = this.history.snapshots.filter((one) => !former.has(one)); // looks that came in the meantime
    this.history = this.history.inside(layer, [...snapshots, ...come]);
    if (this.more) this.stream.listen(job, layer, this.news.n);
    studio.grid.schedule();
  }
}
