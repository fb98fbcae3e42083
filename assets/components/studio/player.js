// The player: the reader's place in a run that may still be computed. It knows no page and no clock.
//
//   empty ── a run ──▶ playing ⇄ paused
//                         │   at the last step of a run that is over, or "Show the end"
//                         ▼
//                       shown ── play ──▶ playing
//
// What lies after the head is the future. While the film plays or is paused, nobody may see it; once the run is shown
// there is no future, and the head may be anywhere, or follow what is still being computed. Before a prediction a run
// that could answer it ends, for the reader, at the limit.

export const SPEEDS = [5, 20, 60, 0]; // the values offered for playIn
const STEPS_A_SECOND = 2; // step by step

export class Player {
  constructor() {
    Object.assign(this, { speed: 20, limit: Infinity });
    this.load("empty");
  }

  // Begin another run at a step: "playing", "paused" there, or "empty" for no run.
  load(mode, head = 0) {
    Object.assign(this, { mode, head, known: 0, total: null, over: false, following: false });
  }

  // Note how many steps are computed, of how many in all; `over`: no more will come.
  update({ known, total, over }) {
    Object.assign(this, { known: Math.min(known, this.limit), total, over: over && known <= this.limit });
    if (this.following) this.head = known;
    this.settle();
  }

  // Move on by some seconds. At the end of what is computed the head waits for more.
  tick(seconds) {
    if (this.mode !== "playing") return;
    this.head = Math.max(this.head, Math.min(this.known, this.head + this.rate * seconds));
    this.settle();
  }

  // The last step that may be shown at all; where it is another one, the head keeps its place and has a future again.
  limitTo(step) {
    if (step === this.limit) return;
    if (this.mode === "shown") Object.assign(this, { mode: "paused", following: false });
    this.limit = step;
  }

  // Whether nothing comes after the head.
  get atEnd() {
    return this.head >= this.known && (this.over || this.known >= this.limit);
  }

  // A reader who has come to the last step has no future left.
  settle() {
    if (this.mode !== "empty" && this.atEnd) this.show();
  }

  show() {
    Object.assign(this, { mode: "shown", head: this.known, following: true });
  }

  play() {
    if (this.mode === "empty") return;
    if (this.atEnd) this.head = 0;
    Object.assign(this, { mode: "playing", following: false });
  }

  pause() {
    if (this.mode === "playing") Object.assign(this, { mode: "paused", head: this.step });
  }

  toggle() {
    if (this.mode === "playing") this.pause();
    else this.play();
  }

  // Play the whole run in so many seconds; 0: step by step.
  playIn(seconds) {
    this.speed = seconds;
  }

  // Go to a step, if it is computed, and pause there.
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

  // The steps on the scrubber and the axes; a run that ended early does not reveal this before its end is shown.
  get whole() {
    return Math.max(1, this.known, this.mode === "shown" && this.over ? 0 : (this.total ?? 0));
  }

  get step() {
    return Math.floor(this.head + 1e-9);
  }

  // The last step that may be seen.
  get horizon() {
    return this.mode === "shown" ? this.limit : this.step;
  }

  // Whether the head is at the end of what is computed, while more will come.
  get waiting() {
    return this.mode === "playing" && !this.over && this.head >= this.known;
  }
}
