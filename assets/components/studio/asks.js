// What the page's Python is asked or told: in one message at a time, because a second one would replace the first.

class Asks {
  constructor(studio) {
    this.studio = studio;
    this.waiting = [];
    this.told = {};
  }

  ask(what, values = {}) {
    this.waiting.push({ what, job: this.studio.job, ...values });
    queueMicrotask(() => {
      if (this.waiting.length) this.send(this.waiting);
      this.waiting = [];
    });
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
