// The clock that moves the player on, frame by frame, while it plays.

const LONGEST = 0.5; // the most seconds by which one frame may move the film on

export class Film {
  constructor(studio) {
    this.studio = studio;
  }

  get plays() {
    return this.studio.root.isConnected && this.studio.player.mode === "playing";
  }

  play() {
    if (this.ticking || this.studio.player.mode !== "playing") return;
    this.ticking = true;
    let then = performance.now();
    const tick = (now) => {
      this.ticking = this.plays;
      if (!this.ticking) return;
      this.advance(Math.min(LONGEST, Math.max(0, now - then) / 1000), now);
      then = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  advance(seconds, now) {
    const { grid, look, player } = this.studio;
    player.tick(seconds);
    this.waited = player.waiting ? (this.waited ?? now) : null; // the time since when the reader has waited
    if (look.step !== player.step) grid.schedule();
    this.studio.show();
  }
}
