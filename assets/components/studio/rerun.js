// What the page's Python is asked or told. Streamlit keeps only the last of messages that come close together and loses
// some that come while a component is drawn anew (#16732), so all that Python has not said it heard goes again.

const REST = 250; // ms
const AGAIN = 1500; // ms, twice as long after each time

export class Rerun {
  constructor(studio) {
    this.studio = studio;
    this.from = Math.random().toString(36).slice(2);
    this.count = 0;
    this.pending = [];
    this.resting = null;
  }

  // Once the reader rests at a step: a held arrow key would have the page's script run for each one.
  rest(act) {
    clearTimeout(this.resting?.timer);
    this.resting = { act, timer: setTimeout(() => this.settle(), REST) };
  }

  // Where the reader rests is known before anything else is asked.
  settle() {
    const { resting } = this;
    this.resting = null;
    clearTimeout(resting?.timer);
    resting?.act();
  }

  ask(what, values = {}) {
    this.settle();
    this.count += 1;
    this.pending.push({ from: this.from, n: this.count, what, job: this.studio.run.job, ...values });
    this.sendAfter(0, AGAIN);
  }

  sendAfter(wait, then) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.pending.length || !this.studio.root.isConnected) return;
      this.send([...this.pending]);
      this.sendAfter(then, 2 * then);
    }, wait);
  }

  // Whether there is something of the kind that Python has not heard yet.
  isPending(what) {
    return this.pending.some((asked) => asked.what === what);
  }

  acknowledge({ from, n }) {
    if (from === this.from) this.pending = this.pending.filter((asked) => asked.n > n);
  }
}
