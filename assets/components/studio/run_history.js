// All news of a training, in order: the figures are filled from it, and the scrubber moves over it.

import { between, countOf, floatsOf, placeOf } from "./numbers.js";

class Checks {
  constructor() {
    Object.assign(this, { at: [], loss: [], accuracy: [] });
  }

  until(step) {
    const count = countOf(this.at, step);
    const cut = (lanes) => lanes.map((values) => values.slice(0, count));
    return Object.assign(new Checks(), {
      at: this.at.slice(0, count), loss: cut(this.loss), accuracy: cut(this.accuracy),
    });
  }

  take({ step, loss, accuracy }) {
    if (step <= (this.at.at(-1) ?? -1)) return;
    this.at.push(step);
    loss.forEach((value, lane) => (this.loss[lane] ??= []).push(value));
    accuracy.forEach((value, lane) => (this.accuracy[lane] ??= []).push(value));
  }
}

export class RunHistory {
  // layer: the layer whose arrays are in the snapshots.
  constructor(layer = 0) {
    Object.assign(this, {
      layer, at: [], seconds: [], loss: [], accuracy: [], snapshots: [], recorded: [], changes: [], lost: [],
      diverged: [], layers: [],
    });
    this.inference = new Checks();
    this.validation = new Checks();
    this.facts = {};
  }

  // Add news from the server: facts of the run, points of the curves, snapshots of the layers, events.
  take(news) {
    this.facts = { ...this.facts, ...news };
    for (const points of news.points ?? []) this.takePoints(points);
    for (const snapshot of news.snapshots ?? []) this.takeSnapshot(snapshot);
    for (const mark of news.marks ?? []) this.takeOnce(this.lost, mark, ["lane"]);
    if (news.changes !== undefined) this.changes = changesOf(news.changes); // made during the run, or in the link
    if (news.end?.final) this.takeEnd(news.end);
  }

  takePoints(points) {
    const known = this.at.at(-1) ?? -1;
    const fresh = points.at.findIndex((step) => step > known);
    if (fresh >= 0) {
      this.at.push(...points.at.slice(fresh));
      this.seconds.push(...(points.seconds ?? []).slice(fresh));
      for (const quantity of ["loss", "accuracy"]) {
        points[quantity].forEach((values, lane) => (this[quantity][lane] ??= []).push(...values.slice(fresh)));
      }
      (points.layers ?? []).forEach((layer, index) => {
        const kept = (this.layers[index] ??= Object.fromEntries(Object.keys(layer).map((name) => [name, []])));
        for (const [name, values] of Object.entries(layer)) kept[name].push(...values.slice(fresh));
      });
    }
    for (const check of points.inference ?? []) this.inference.take(check);
    for (const check of points.validation ?? []) this.validation.take(check);
    this.diverged = points.diverged ?? this.diverged;
    this.point = points;
  }

  // The curve of the training data ends on its sample, as it ran; `final.train` is the score on all of them.
  takeEnd({ step, final, diverged }) {
    this.inference.take({ step, ...final.sample });
    this.validation.take({ step, ...final.validation });
    this.diverged = diverged ?? this.diverged;
  }

  takeSnapshot(snapshot) {
    const count = countOf(this.recorded, snapshot.step);
    const again = this.recorded[count - 1] === snapshot.step;
    this.snapshots.splice(again ? count - 1 : count, again ? 1 : 0, snapshot);
    this.recorded.splice(again ? count - 1 : count, again ? 1 : 0, snapshot.step);
  }

  // The same history with the arrays of another layer.
  inside(layer, snapshots) {
    const other = Object.assign(new RunHistory(), this, { layer, snapshots: [], recorded: [] });
    for (const snapshot of snapshots) other.takeSnapshot(snapshot);
    return other;
  }

  takeOnce(list, mark, keys) {
    if (!list.some((one) => keys.every((key) => one[key] === mark[key]))) list.push(mark);
  }

  get known() {
    return Math.max(this.point?.step ?? 0, this.at.at(-1) ?? 0, this.snapshots.at(-1)?.step ?? 0);
  }

  // The history as it was after so many steps. A film draws many of these, so long series are only cut when they are
  // needed, and the same request returns the same object.
  until(step) {
    const [count, recorded] = [countOf(this.at, step), countOf(this.recorded, step)];
    const past = Object.assign(Object.create(RunHistory.prototype), { ...this, whole: this });
    const cut = (series) => series.map((values) => values.slice(0, count));
    const layer = (one) =>
      Object.fromEntries(Object.entries(one).map(([name, values]) => [name, values.slice(0, count)]));
    for (const name of ["at", "seconds"]) lazily(past, name, () => this[name].slice(0, count));
    for (const name of ["loss", "accuracy"]) lazily(past, name, () => cut(this[name]));
    for (const name of ["snapshots", "recorded"]) lazily(past, name, () => this[name].slice(0, recorded));
    for (const name of ["inference", "validation"]) lazily(past, name, () => this[name].until(step));
    lazily(past, "layers", () => this.layers.map(layer));
    past.changes = this.changes.filter((change) => change.step <= step);
    past.lost = this.lost.filter((mark) => mark.step <= step);
    past.diverged = this.diverged.map((at) => (at <= step ? at : null));
    return past;
  }

  // The value of a setting in the step that leads to `step`, given its first value.
  setting(field, first, step) {
    return this.changes.findLast((change) => change.field === field && change.step < step)?.value ?? first;
  }

  // The snapshot to show at `step`: the last one at or before it.
  snapshot(step) {
    return this.snapshots[placeOf(this.recorded, step)] ?? null;
  }

  // The index of the point of the curves to show at `step`.
  index(step) {
    return this.at.length ? placeOf(this.at, step) : -1;
  }

  // The stretches with the same batch size: the step and epoch where each begins, and its steps per epoch. A change of
  // the size ends the present epoch.
  get stretches() {
    const found = [{ step: 0, epoch: 0, per: this.facts.steps_per_epoch || 1 }];
    const examples = this.facts.examples?.train ?? 1;
    for (const { step, value } of this.changes.filter(({ field }) => field === "batch_size")) {
      const last = found.at(-1);
      const epoch = last.epoch + Math.ceil((step - last.step) / last.per);
      found.push({ step, epoch, per: Math.floor(examples / Math.min(value, examples)) });
    }
    return found;
  }

  // The number of examples in a batch, at the start.
  get batchSize() {
    return Math.round((this.facts.examples?.train ?? 1) / (this.facts.steps_per_epoch || 1));
  }

  epoch(step) {
    const at = this.stretches.findLast((one) => one.step <= step);
    return at.epoch + (step - at.step) / at.per;
  }

  stepOf(epoch) {
    const at = this.stretches.findLast((one) => one.epoch <= epoch);
    return at.step + (epoch - at.epoch) * at.per;
  }

  across(steps, axis) {
    if (axis === "epoch") return steps.map((step) => this.epoch(step));
    if (axis === "seconds") return steps.map((step) => between(this.at, this.seconds, step));
    return steps;
  }
}

// Defines a property that is computed when it is first used.
function lazily(object, name, make) {
  const set = (value) => Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
  const get = () => {
    const value = make();
    set(value);
    return value;
  };
  Object.defineProperty(object, name, { get, enumerable: true, configurable: true });
}

// The changes in a run's definition, "200:learning_rate=0.03;500:dropout=0.2", by step.
function changesOf(text) {
  const words = text.split(";").filter(Boolean);
  return words.map((word) => {
    const [, step, field, value] = word.match(/^(\d+):(\w+)=(.*)$/);
    return { step: Number(step), field, value: Number(value) };
  });
}

// A layer of a lane in a snapshot; null if the lane is not that deep.
export function layerOf(snapshot, lane, layer) {
  return snapshot?.lanes[lane]?.layers[layer] ?? null;
}

// A layer's numbers of one kind, one value per unit; decoded once.
export function unitsOf(account, field) {
  if (!account?.[field]) return [];
  account.units ??= {};
  return (account.units[field] ??= floatsOf(account[field]));
}

// How far running statistics are from the batch's: the rms distance in batch stds, and the ratio of the variances.
export const GAPS = {
  gap_mean(account, epsilon) {
    const [batch, running, var_] = ["batch_mean", "running_mean", "batch_var"].map((field) => unitsOf(account, field));
    if (!batch.length || !running.length) return null;
    const squares = batch.map((value, unit) => (value - running[unit]) ** 2 / (var_[unit] + epsilon));
    return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
  },
  gap_var(account, epsilon) {
    const [batch, running] = ["batch_var", "running_var"].map((field) => unitsOf(account, field));
    if (!batch.length || !running.length) return null;
    const ratios = batch.map((value, unit) => Math.log((running[unit] + epsilon) / (value + epsilon)));
    return Math.exp(ratios.reduce((sum, value) => sum + value, 0) / ratios.length);
  },
};
