// The ends of a chart's y axis over one run. They never move inward, and move outward gradually, so that a curve never
// seems to move because its axis did. Values that a film has not reached yet do not count.

import { between, MOMENT } from "../lib/motion.js";

export class Axis {
  // The ends at the time `now` (ms), on their way to `target`. of: the run, and what else makes it another axis. At its
  // first values an axis is set at once; calm: so it is always.
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
