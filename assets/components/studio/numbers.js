// Bytes, texts and series of numbers: the computations of the studio's parts. Nothing here knows the page.

import { superscript } from "../lib/dom.js";

export function floatsOf(base64) {
  if (!base64) return [];
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from(new Float32Array(bytes.buffer), (value) => (Number.isFinite(value) ? value : null));
}

function countsOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from(new Uint16Array(bytes.buffer));
}

export function rowsOf(base64, side) {
  if (!base64) return [];
  const bytes = atob(base64);
  return Array.from({ length: bytes.length / side }, (_, row) =>
    Array.from({ length: side }, (_, column) => bytes.charCodeAt(row * side + column) / 255),
  );
}

export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
}

export function lastOf(values) {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    if (values[index] !== null && values[index] !== undefined) return values[index];
  }
  return null;
}

export function precisely(value, digits = 3) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const far = Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3);
  return (far ? inPowers(value) : value.toPrecision(digits)).replace("-", "−");
}

// 1.3·10¹⁸ rather than 1.3e+18.
function inPowers(value) {
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits}·10${superscript(power)}`;
}

// As many digits, up to 8, as it takes to distinguish a value from another one that is this far away.
export function digitsFor(value, distance) {
  const places = Math.ceil(Math.log10(Math.abs(value / distance)));
  return Number.isFinite(places) ? Math.min(8, Math.max(3, places + 2)) : 3;
}

export const percent = (value) => (typeof value === "number" ? `${(100 * value).toFixed(1)}%` : "–");
export const SHOWN = { percent, precision: precisely };

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

// The index of the last entry of ascending `steps` that is at or before `step`; 0 if all are later.
export function placeOf(steps, step) {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low;
}

// How many entries of ascending `steps` are at or before `step`.
export function countOf(steps, step) {
  return steps.length && steps[0] <= step ? placeOf(steps, step) + 1 : 0;
}

// The value of `to` at `at`, interpolated linearly over ascending `from`.
export function between(from, to, at) {
  if (!from.length) return null;
  const index = placeOf(from, at);
  if (at <= from[index] || index === from.length - 1) return to[index];
  const share = (at - from[index]) / (from[index + 1] - from[index]);
  return to[index] + share * (to[index + 1] - to[index]);
}

// Each value replaced by the middle of its neighbors: the median for losses, so that a single value of a thousand or of
// 0 has no effect, and the mean for accuracies. At the start there are as many neighbors before as after, so that the
// first value stays; at the end only earlier ones are missing, so that the newest value alone does not move the line
// while a film plays. Gaps stay. shown: how many values are in sight, as few need no smoothing. least: the least number
// of neighbors on either side.
export function smoothed(values, middle, shown = values.length, least = 0) {
  const reach = Math.min(Math.max(SMOOTH, least), Math.round(shown / 20));
  return values.map((value, index) => {
    if (value === null) return null;
    const before = Math.min(reach, index);
    return middle(values.slice(index - before, index + before + 1).filter((one) => one !== null));
  });
}

const SMOOTH = 10;
export const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export function medianOf(values) {
  const order = values.toSorted((a, b) => a - b);
  const half = (order.length - 1) / 2;
  return (order[Math.floor(half)] + order[Math.ceil(half)]) / 2;
}

// The number of values in a histogram; 0 where a lane's values are not finite.
export function totalOf(histogram) {
  const counts = (histogram.decoded ??= countsOf(histogram.counts));
  return counts.reduce((sum, count) => sum + count, 0) + (histogram.below ?? 0) + (histogram.above ?? 0);
}

// A histogram as shares of all its values, in `bins` equal parts of [low, high].
export function rebinned(histogram, low, high, bins) {
  const counts = (histogram.decoded ??= countsOf(histogram.counts));
  const total = totalOf(histogram);
  const out = new Array(bins).fill(0);
  const [from, to] = [(histogram.high - histogram.low) / counts.length, (high - low) / bins];
  counts.forEach((count, index) => {
    if (!count) return;
    const [start, end] = [histogram.low + index * from, histogram.low + (index + 1) * from];
    const [first, last] = [(start - low) / to, (end - low) / to];
    for (let bin = Math.max(0, Math.floor(first)); bin < Math.min(bins, Math.ceil(last)); bin += 1) {
      const overlap = Math.min(bin + 1, last) - Math.max(bin, first);
      out[bin] += (count * overlap) / (last - first || 1) / (total || 1);
    }
  });
  // Values outside count in the outermost bins, so that nothing is left out of the picture.
  out[0] += (histogram.below ?? 0) / (total || 1);
  out[bins - 1] += (histogram.above ?? 0) / (total || 1);
  return out;
}

// The mean and std of a histogram, from the middles of its bins; values outside count at its ends.
export function spreadOf(histogram) {
  const counts = (histogram.decoded ??= countsOf(histogram.counts));
  const { low, high, below = 0, above = 0 } = histogram;
  const width = (high - low) / counts.length;
  const inside = Array.from(counts, (count, bin) => [low + (bin + 0.5) * width, count]);
  const values = [[low, below], [high, above], ...inside];
  const total = totalOf(histogram);
  const mean = values.reduce((sum, [value, count]) => sum + value * count, 0) / total;
  const square = values.reduce((sum, [value, count]) => sum + (value - mean) ** 2 * count, 0) / total;
  return { mean, deviation: Math.sqrt(square) };
}

// Axes only grow, by whole decades or in round steps, so that a curve never seems to move because its axis did.
export const GROW = {
  decades([low, high], values, ceiling = 6) {
    const positive = values.filter((value) => value > 0);
    if (!positive.length) return [low, high];
    const least = Math.floor(Math.log10(Math.min(...positive)));
    const most = Math.ceil(Math.log10(Math.max(...positive)));
    return [Math.max(-8, Math.min(low, least)), Math.min(ceiling, Math.max(high, most))];
  },
  linear([low, high], values) {
    const known = values.filter((value) => Math.abs(value ?? Infinity) < 1e6);
    const round = (value) => {
      if (!value) return 0;
      const unit = 10 ** Math.floor(Math.log10(Math.abs(value)));
      return Math.sign(value) * Math.ceil(Math.abs(value) / unit) * unit;
    };
    return [Math.min(low, round(Math.min(...known, low))), Math.max(high, round(Math.max(...known, high)))];
  },
};

// Move words {y} along the axis until neighbors are `gap` apart, within the range.
export function spread(words, [low, high], gap) {
  words.sort((a, b) => a.y - b.y);
  for (const word of words) word.y = Math.min(high, Math.max(low, word.y));
  for (let index = 1; index < words.length; index += 1) {
    words[index].y = Math.max(words[index].y, words[index - 1].y + gap);
  }
  const over = (words.at(-1)?.y ?? high) - high;
  if (over <= 0) return;
  words.at(-1).y = high;
  for (let index = words.length - 2; index >= 0; index -= 1) {
    words[index].y = Math.min(words[index].y, words[index + 1].y - gap);
  }
}
