// Movements that start by themselves and last a moment; left out for readers who prefer reduced motion.

export const MOMENT = 400; // ms

export function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// `draw` gets the share of time that has passed, 1 at the end; the next frame waits for it, and false stops it.
export async function play(draw, milliseconds = MOMENT) {
  const start = performance.now();
  for (let share = calm() ? 1 : 0; ; share = Math.min(1, (performance.now() - start) / milliseconds)) {
    const goes = await draw(share);
    if (share === 1 || goes === false) return;
    await new Promise((ready) => requestAnimationFrame(ready));
  }
}

// The trace after a share `so much` (0 to 1) of each path; a path has `each` points, of which the last is a gap.
export function partway(trace, each, share) {
  const reached = share * (each - 2);
  const gone = (values) =>
    Array.from(values, (value, index) => {
      const [first, place] = [index - (index % each), index % each];
      if (place <= reached || place === each - 1) return value;
      const from = first + Math.floor(reached);
      return values[from] + (reached % 1) * (values[from + 1] - values[from]);
    });
  return { ...trace, x: gone(trace.x), y: gone(trace.y) };
}

// The trace without the last point of each path; a path has `each` points, of which the last is a gap.
export function endless(trace, each) {
  return { ...trace, y: Array.from(trace.y, (value, index) => (index % each === each - 2 ? null : value)) };
}

// From the old range of an axis to the new one.
export function between(from, to, share) {
  const eased = share * share * (3 - 2 * share);
  return to.map((end, index) => from[index] + eased * (end - from[index]));
}
