// What the page's Python is asked or told. Streamlit keeps only the last of messages that come close together, so those
// of one moment go as one, and what may be said twice goes with the next one too.

const REST = 250; // ms
const AGAIN = 1000; // ms
const ONCE = ["fork", "rewind", "reset"];

class Asks {
  constructor(studio) {
    this.studio = studio;
    this.waiting = [];
    this.sent = [];
    this.told = {};
    this.resting = null;
  }

  // The step looked at, once the reader rests there: a held arrow key would have the page's script run for each one.
  rest(step) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.ask("step", { step: step() }), REST);
  }

  ask(what, values = {}) {
    if (what === "step" || ONCE.includes(what)) clearTimeout(this.resting);
    this.waiting.push({ what, job: this.studio.job, ...values });
    queueMicrotask(() => this.flush());
  }

  flush() {
    if (!this.waiting.length) return;
    const now = performance.now();
    const lately = this.waiting.some(({ what }) => ONCE.includes(what)) ? [] : this.sent.filter(({ at }) => now - at < AGAIN);
    this.send([...lately.map(({ asked }) => asked), ...this.waiting]);
    const again = this.waiting.filter(({ what }) => !ONCE.includes(what));
    this.sent = [...lately, ...again.map((asked) => ({ at: now, asked }))];
    this.waiting = [];
  }

  // What Python should look at again, once: the changes that are now part of the run, a pause.
  once(what, value) {
    if (this.told[what] === value) return;
    const first = this.told[what] === undefined;
    this.told[what] = value;
    if (what === "changes" || !first || value.startsWith("paused")) this.ask(what, { value });
  }

  forget() {
    this.told = {};
  }
}
