// Bytes, texts and series of numbers: what every part of the studio computes with. Nothing here knows the page.

function floatsOf(base64) {
  if (!base64) return [];
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from(new Float32Array(bytes.buffer), (value) => (Number.isFinite(value) ? value : null));
}

function countsOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from(new Uint16Array(bytes.buffer));
}

function rowsOf(base64, side) {
  if (!base64) return [];
  const bytes = atob(base64);
  return Array.from({ length: bytes.length / side }, (_, row) =>
    Array.from({ length: side }, (_, column) => bytes.charCodeAt(row * side + column) / 255),
  );
}

function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
}

function lastOf(values) {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    if (values[index] !== null && values[index] !== undefined) return values[index];
  }
  return null;
}

function precisely(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const far = Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3);
  return (far ? inPowers(value) : value.toPrecision(3)).replace("-", "−");
}

// 1.3·10¹⁸ rather than 1.3e+18.
function inPowers(value) {
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits}·10${power.replace("+", "").replace(/[-\d]/g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)])}`;
}

const percent = (value) => (typeof value === "number" ? `${(100 * value).toFixed(1)}%` : "–");
const SHOWN = { percent, precision: precisely };

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

// The index of the last entry of ascending `steps` that is at or before `step`; the first where all come later.
function placeOf(steps, step) {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low;
}

// `to` at `at`, on the straight lines between ascending `from`.
function between(from, to, at) {
  if (!from.length) return null;
  const index = placeOf(from, at);
  if (at <= from[index] || index === from.length - 1) return to[index];
  const share = (at - from[index]) / (from[index + 1] - from[index]);
  return to[index] + share * (to[index + 1] - to[index]);
}

// An exponential average that starts unbiased; what is not a number stays a hole. On a logarithmic axis the logarithms
// are averaged: else one value of a thousand would draw a slow fall that never happened.
function smoothed(values, keep, log = false) {
  const [to, from] = log ? [(value) => Math.log(Math.max(value, Number.MIN_VALUE)), Math.exp] : [(value) => value, (value) => value];
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = keep * sum + (1 - keep) * to(value);
    weight = keep * weight + (1 - keep);
    return from(sum / weight);
  });
}

// A told histogram as shares of all its values within `bins` equal parts of [low, high].
function rebinned(histogram, low, high, bins) {
  const counts = (histogram.decoded ??= countsOf(histogram.counts));
  const total = counts.reduce((sum, count) => sum + count, 0) + (histogram.below ?? 0) + (histogram.above ?? 0);
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
  // What lies beyond goes to the outermost bins: nothing is left out of the picture.
  out[0] += (histogram.below ?? 0) / (total || 1);
  out[bins - 1] += (histogram.above ?? 0) / (total || 1);
  return out;
}

// Axes only ever grow, by whole decades or in round steps: a curve never seems to move because its axis did.
const GROW = {
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
