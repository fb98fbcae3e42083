// A training that is over, watched again: the step looked at moves on as fast as a slow training would, or four times
// as fast, and what came later is not drawn yet.

const REPLAY_SPEED = { slow: 1, fast: 4 };

class Replay {
  constructor(studio) {
    this.studio = studio;
    this.on = false;
  }

  // From a step on; from the first one where it stands at the end.
  start(from) {
    this.from = from >= this.studio.position ? 0 : from;
    this.begun = performance.now();
    this.on = true;
    this.tick();
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    cancelAnimationFrame(this.frame);
    this.studio.lookAtStep(this.studio.look.step);
  }

  tick() {
    const { position, data, root, speed } = this.studio;
    if (!root.isConnected) return; // the reader has left the page
    const seconds = (REPLAY_SPEED[speed] * (performance.now() - this.begun)) / 1000;
    const step = this.from + Math.floor((position * seconds) / data.watched);
    if (step >= position) this.on = false;
    this.studio.lookAtStep(Math.min(step, position));
    if (this.on) this.frame = requestAnimationFrame(() => this.tick());
  }
}
