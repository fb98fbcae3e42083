// The player: how far the reader has come in a run that may still be computed. It knows no page and no clock.
//
//   empty ── a run ──▶ playing ⇄ paused
//                         │   at the last step of a run that is over, or "Show the end"
//                         ▼
//                       shown ── play ──▶ playing
//
// What lies beyond the head is the future. While it plays or is paused nobody may see it; once shown there is none, and
// the head may stand anywhere, or follow what is still being computed.

export const SPEEDS = [5, 20, 60, 0]; // what playIn is offered
const STEPS_A_SECOND = 2; // step by step

export class Player {
  constructor() {
    this.speed = 20;
    this.load("empty");
  }

  // Another run, from a step on: "playing", "paused" there, or "empty" for none.
  load(mode, head = 0) {
    Object.assign(this, { mode, head, known: 0, total: null, over: false, following: false });
  }

  // So many steps are computed, of so many in all; no more will come where the run is over.
  update({ known, total, over }) {
    Object.assign(this, { known, total, over });
    if (this.following) this.head = known;
    this.settle();
  }

  // So many seconds went by. At the end of what is computed the head waits for more.
  tick(seconds) {
    if (this.mode !== "playing") return;
    this.head = Math.max(this.head, Math.min(this.known, this.head + this.rate * seconds));
    this.settle();
  }

  // Who has come to the last step has no future left.
  settle() {
    if (this.mode !== "empty" && this.over && this.head >= this.known) this.show();
  }

  show() {
    Object.assign(this, { mode: "shown", head: this.known, following: true });
  }

  play() {
    if (this.mode === "empty") return;
    if (this.over && this.head >= this.known) this.head = 0;
    Object.assign(this, { mode: "playing", following: false });
  }

  pause() {
    if (this.mode === "playing") Object.assign(this, { mode: "paused", head: this.step });
  }

  toggle() {
    if (this.mode === "playing") this.pause();
    else this.play();
  }

  // The whole run in so many seconds; 0: step by step.
  playIn(seconds) {
    this.speed = seconds;
  }

  // To a step, as far as it is computed; there it rests.
  seek(step) {
    this.pause();
    this.head = Math.max(0, Math.min(step, this.known));
    this.following = this.mode === "shown" && this.head >= this.known;
    this.settle();
  }

  // Steps a second.
  get rate() {
    const all = this.over ? this.known : Math.max(this.total ?? 0, this.known);
    return this.speed ? Math.max(1, all) / this.speed : STEPS_A_SECOND;
  }

  // How many steps the scrubber and the axes span; one that ended early does not say so before its end is shown.
  get whole() {
    return Math.max(1, this.known, this.mode === "shown" && this.over ? 0 : (this.total ?? 0));
  }

  get step() {
    return Math.floor(this.head + 1e-9);
  }

  // The last step that may be seen.
  get horizon() {
    return this.mode === "shown" ? Infinity : this.step;
  }

  // Whether the head is at the end of what is computed, and more will come.
  get waiting() {
    return this.mode === "playing" && !this.over && this.head >= this.known;
  }
}
