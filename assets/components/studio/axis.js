// The ends of a chart's y axis over one run: they never draw in, and move outward before the reader's eyes, so that no
// curve seems to move because its axis did. What a film has not come to yet moves them only when it comes.

import { between, MOMENT } from "../lib/motion.js";

export class Axis {
  // Where the ends stand at that time (ms), on their way to hold `target`. of: the run and what else makes another axis
  // of it; at its first values an axis stands where it must, calm: where nothing may glide.
  towards(target, of, { now, empty, calm }) {
    const fresh = !this.of || of.some((part, index) => part !== this.of[index]);
    const to = fresh || this.empty ? target : [Math.min(this.to[0], target[0]), Math.max(this.to[1], target[1])];
    if (fresh || this.empty || calm) this.from = to;
    else if (String(to) !== String(this.to)) Object.assign(this, { from: this.at(now), began: now });
    Object.assign(this, { of, to, empty });
    const at = this.at(now);
    this.glides = String(at) !== String(to);
    return at;
  }

  at(now) {
    if (String(this.from) === String(this.to)) return this.to;
    return between(this.from, this.to, Math.min(1, (now - this.began) / MOMENT));
  }
}
