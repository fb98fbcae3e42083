// Fills a figure's traces. A trace's `meta` (figures/studio) names a source, a field and a lane; `look` is what the
// reader looks at: step, layer, axis (step, epoch, seconds), smooth, parts (which curves), epsilons (one per lane),
// covered (lanes that are hidden).

import { countOf, meanOf, medianOf, rebinned, rowsOf, smoothed, totalOf } from "./numbers.js";
import { GAPS, layerOf, unitsOf } from "./run_history.js";

const BINS = 48;
const FINE = 16; // examples in a batch from which on accuracies take enough values
const EXAMPLES = 256; // the least number of examples behind a smoothed accuracy
const LOST = 1000; // larger values of a lane that diverged must not flatten the other lines

function overSnapshots(history, look, lane, value) {
  return {
    x: history.across(history.recorded, look.axis),
    y: history.snapshots.map((one) => value(layerOf(one, lane, look.layer))),
  };
}

function ends(histograms) {
  return [Math.min(...histograms.map((one) => one.low)), Math.max(...histograms.map((one) => one.high))];
}

function centers(low, high, bins) {
  return Array.from({ length: bins }, (_, bin) => low + ((bin + 0.5) * (high - low)) / bins);
}

function checks(part) {
  return (history, look, { field, lane }) => {
    if (!look.parts[part]) return { x: [], y: [] };
    return { x: history.across(history[part].at, look.axis), y: history[part][field][lane] ?? [] };
  };
}

function numbersIn(histogram) {
  return Boolean(histogram) && totalOf(histogram) > 0;
}

export const SOURCES = {
  // Accuracies of few examples take only a few values, and form stripes in which there is nothing to read.
  raw(history, look, { field, lane }) {
    if (!look.smooth || !look.parts.batch || (field === "accuracy" && history.batchSize < FINE))
      return { x: [], y: [] };
    return { x: history.across(history.at, look.axis), y: history[field][lane] ?? [] };
  },
  batch(history, look, { field, lane }) {
    if (!look.parts.batch) return { x: [], y: [] };
    const values = history[field][lane] ?? [];
    const middle = field === "loss" ? medianOf : meanOf;
    const [from, to] = look.window ?? [0, Infinity];
    const shown = countOf(history.at, to) - countOf(history.at, from - 1);
    return {
      x: history.across(history.at, look.axis),
      y: look.smooth
        ? smoothed(values, middle, shown, field === "accuracy" ? Math.ceil(EXAMPLES / 2 / history.batchSize) : 0)
        : values,
    };
  },
  inference: checks("inference"),
  validation: checks("validation"),
  layer(history, look, { field, lane }) {
    const value = GAPS[field]
      ? (account) => GAPS[field](account, look.epsilons[lane])
      : (account) => account?.[field] ?? null;
    return overSnapshots(history, look, lane, value);
  },
  // The first unit of the watched lane in every recorded step, with all its noise.
  watched(history, look, { field }) {
    return { x: history.across(history.at, look.axis), y: history.layers[look.layer]?.[field] ?? [] };
  },
  units(history, look, { field, lane }) {
    const y = unitsOf(layerOf(history.snapshot(look.step), lane, look.layer), field);
    return { x: y.map((_, unit) => unit), y };
  },
  gap(history, look, { field, lane }) {
    const account = layerOf(history.snapshot(look.step), lane, look.layer);
    const [batch, running] = [`batch_${field}`, `running_${field}`].map((name) => unitsOf(account, name));
    return {
      x: batch.flatMap((_, unit) => [unit, unit, null]),
      y: batch.flatMap((value, unit) => [value, running[unit] ?? null, null]),
    };
  },
  profile(history, look, { field, lane }) {
    const layers = history.snapshot(look.step)?.lanes[lane]?.layers ?? [];
    return { x: layers.map((_, layer) => layer + 1), y: layers.map((account) => account[field] ?? null) };
  },
  heat(history, look, { field, lane }) {
    const end = history.diverged[lane] ?? Infinity;
    const snapshots = history.snapshots.filter(
      (one) => one.step <= end && numbersIn(layerOf(one, lane, look.layer)?.[field]),
    );
    if (!snapshots.length) return { x: [], y: [], z: [] };
    const histograms = snapshots.map((one) => layerOf(one, lane, look.layer)[field]);
    const [low, high] = ends(histograms);
    const columns = histograms.map((one) => rebinned(one, low, high, BINS));
    const steps = snapshots.map((one) => one.step);
    if (end > steps.at(-1) && end < Infinity) {
      steps.push(end); // the picture ends with the lane, not halfway to the next snapshot
      columns.push(new Array(BINS).fill(null));
    }
    return {
      x: history.across(steps, look.axis),
      y: centers(low, high, BINS),
      z: Array.from({ length: BINS }, (_, bin) => columns.map((column) => column[bin])),
      zmax: Math.max(
        0.02,
        ...columns
          .flat()
          .filter((share) => share !== null)
          .sort((a, b) => a - b)
          .slice(0, Math.ceil(0.99 * BINS * columns.length))
          .slice(-1),
      ),
    };
  },
  ridge(history, look, { field, lane }) {
    const snapshot = history.snapshot(look.step);
    const all = (snapshot?.lanes ?? [])
      .map((_, index) => layerOf(snapshot, index, look.layer)?.[field])
      .filter(numbersIn);
    const own = layerOf(snapshot, lane, look.layer)?.[field];
    if (!numbersIn(own)) return { x: [], y: [] };
    const [low, high] = ends(all);
    return { x: centers(low, high, BINS), y: rebinned(own, low, high, BINS) };
  },
  grid(history, look, { lane, side }) {
    return { z: rowsOf(history.snapshot(look.step)?.lanes[lane]?.grid, side) };
  },
  // The winning class at each place, and its probability; with a `label` only that class's territory, as 1 and 0.
  won(history, look, { lane, side, label, classes }) {
    const grid = history.snapshot(look.step)?.lanes[lane]?.grid;
    const winners = rowsOf(grid, side).slice(0, side).map((row) => row.map((share) => Math.round(255 * share)));
    if (label !== undefined) return { z: winners.map((row) => row.map((winner) => Number(winner === label))) };
    return { z: rowsOf(grid, side).slice(side), text: winners.map((row) => row.map((winner) => classes[winner])) };
  },
  guide(history, look, { value, ends, layer = look.layer }) {
    if (layer !== look.layer) return { x: [null], y: [null] };
    return { x: ends ?? history.across([0, history.facts.steps ?? 1], look.axis), y: [value, value] };
  },
};

// A trace of a lane that a teacher has covered.
function emptied(series) {
  return Object.fromEntries(
    Object.entries(series).map(([name, values]) => [name, Array.isArray(values) ? [] : values]),
  );
}

// Put the history into a figure's traces; returns every number in sight.
export function fillTraces(spec, history, look) {
  const drawn = [];
  const [from, to] = look.window && spec.layout.meta?.over === "step" ? spec.layout.xaxis.range : [-Infinity, Infinity];
  for (const trace of spec.data) {
    const source = SOURCES[trace.meta?.source];
    if (!source) continue;
    const filling = source(history, look, trace.meta);
    const series = look.covered?.includes(trace.meta.lane) ? emptied(filling) : filling;
    if (trace.type === "contour") delete series.zmax;
    Object.assign(trace, series);
    const lost = typeof history.diverged[trace.meta.lane] === "number";
    if (trace.meta.smoothed) trace.name = look.smooth ? trace.meta.smoothed : trace.meta.plain;
    // The noise behind a smoothed line may leave the axis, since a single loss of 0 would flatten all other lines; but
    // the explosion of a loss is shown, as far as the axis grows.
    const most = lost && !(trace.meta.field === "loss" && look.log) ? LOST : Infinity;
    if (series.y && !series.z && (lost || trace.meta.source !== "raw"))
      drawn.push(
        ...series.y.filter((value, index) => value < most && series.x[index] >= from && series.x[index] <= to),
      );
    if (trace.meta.source === "ridge") trace.fillcolor = `${trace.line.color}22`;
  }
  return drawn;
}
