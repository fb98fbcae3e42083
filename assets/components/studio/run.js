// The run that is watched: its news, which the server pushes or the app ships, and what is known of its inside.

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

  // Whether there is more to be told.
  get more() {
    return !this.over || this.news.looks?.length > 0;
  }

  // What is drawn and told: of a run that is played, only what was known at its step.
  get seen() {
    const { horizon } = this.studio.player;
    if (horizon === Infinity) return this.history;
    if (this.past?.history !== this.history || this.past.n !== this.news.n || this.past.horizon !== horizon) {
      this.past = { history: this.history, n: this.news.n, horizon, seen: this.history.until(horizon) };
    }
    return this.past.seen;
  }

  // A run begins to play where it leaves an earlier one, or at its start; at rest where the address says.
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

  // With nothing trained yet a run plays that ships with the app, sent all at once; null: none of the present settings.
  async playRecorded(recorded) {
    const { studio } = this;
    this.recorded = recorded;
    if (!this.job) this.listenTo(null);
    const news = recorded && (await jsonAt(recorded));
    if (!news || recorded !== this.recorded) return;
    studio.player.load("playing");
    this.take(news);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) studio.does.showEnd();
  }

  take(news) {
    const { grid, look, player } = this.studio;
    if (news.since === 0) this.history = new RunHistory(look.layer); // after a broken connection: everything again
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

  // Between two snapshots the inside of this very step is asked for, once.
  async lookExactly(step) {
    const { job, asked, studio } = this;
    const { still, recorded } = studio.views.recordedAt(this.seen, step);
    if (!job || !still || recorded === null || asked.has(step)) return;
    asked.add(step);
    const taken = await order(job, { do: "submit", look: step });
    if (!taken) asked.delete(step); // it may be asked for again
    if (!taken || job !== this.job || this.stream.open) return;
    this.stream.listen(job, studio.look.layer, this.news.n);
  }

  // Of another layer only the inside is missing; a recorded run has them all.
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
      this.stream.listen(job, layer); // everything, or why not
      return;
    }
    const come = this.history.snapshots.filter((one) => !former.has(one)); // a look, meanwhile
    this.history = this.history.inside(layer, [...snapshots, ...come]);
    if (this.more) this.stream.listen(job, layer, this.news.n);
    studio.grid.schedule();
  }
}
