// Messages to the page's Python. Streamlit keeps only the last of several close messages and loses some while it draws
// a component anew (#16732), so all messages that Python has not confirmed are sent again.

const REST = 250; // ms
const AGAIN = 1500; // ms until they are sent again, twice as long each time

export class Rerun {
  constructor(studio) {
    this.studio = studio;
    this.from = Math.random().toString(36).slice(2);
    this.count = 0;
    this.pending = [];
    this.resting = null;
  }

  // Report the step once the reader rests there: a held arrow key would run the page's script for each step.
  rest(act) {
    clearTimeout(this.resting?.timer);
    this.resting = { act, timer: setTimeout(() => this.settle(), REST) };
  }

  // The reader's step is reported before anything else is asked for.
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

  // Whether there is a message of this kind that Python has not confirmed.
  isPending(what) {
    return this.pending.some((asked) => asked.what === what);
  }

  acknowledge({ from, n }) {
    if (from === this.from) this.pending = this.pending.filter((asked) => asked.n > n);
  }
}
