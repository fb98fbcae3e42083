// Slow motion: one training step in numbered stages, with one unit's numbers from the chosen snapshot.

import { element, setSentence } from "../lib/dom.js";
import { selectOf, textButton } from "./inputs.js";
import { digitsFor, filled, percent, precisely } from "./numbers.js";
import { layerOf, unitsOf } from "./run_history.js";
import { StepPicture } from "./slow_picture.js";

const STAGES = ["batch", "forward", "statistics", "normalize", "scale", "loss", "backward", "update", "running"];

// The first unit's statistics: of the training batch itself, if a snapshot shows the step taken or the lane is watched
// in every step; else of the snapshot's probe.
function statisticsOf(history, look, lane, watched, account, taken) {
  const after = unitsOf(account, "running_mean")[0] ?? null;
  if (taken)
    return { mean: taken.mean, variance: taken.var, running: after, running_before: taken.running, source: "batch" };
  const point = history.index(look.step - 1);
  const record = history.layers[look.layer];
  if (lane === watched && record && history.at[point] === look.step - 1) {
    const of = (name, index) => record[name][index] ?? null;
    const before = history.at[point - 1] === look.step - 2 ? of("running_mean", point - 1) : null;
    const names = ["batch_mean", "batch_var", "running_mean"];
    const [mean, variance, running] = names.map((name) => of(name, point));
    return { mean, variance, running, running_before: before, source: "batch" };
  }
  const at = (name) => unitsOf(account, name)[0] ?? null;
  return {
    mean: at("batch_mean"), variance: at("batch_var"), running: at("running_mean"), running_before: null,
    source: "probe",
  };
}

// The numbers that the stages' templates name; "–" where a lane has none.
function numbersOf(history, look, lane, lanes, run, texts) {
  const snapshot = history.snapshot(look.step);
  const account = layerOf(snapshot, lane, look.layer);
  if (!account || look.step < 1) return null;
  const taken = snapshot.step === look.step ? account.taken : null;
  const { source, ...seen } = statisticsOf(
    history, look, lane, lanes.findIndex(({ statistics }) => statistics), account, taken,
  );
  const point = history.index(look.step - 1);
  const { epsilon, kind, activation } = lanes[lane];
  const setting = (field) => settingOf(history, lanes[lane], field, look.step);
  const deviation = seen.variance === null ? null : Math.sqrt(seen.variance + epsilon);
  // gamma and beta are those before the step that is shown, while the snapshot's are those after it.
  const [gamma, beta] = taken
    ? [taken.gamma, taken.beta]
    : ["gamma", "beta"].map((field) => unitsOf(account, field)[0] ?? null);
  const values = {
    ...{ ...seen, deviation, epsilon, gamma, beta, x: seen.mean + deviation, normalized: 1 },
    ...{ y: gamma === null ? null : gamma + beta, loss: history.loss[lane]?.[point], norm: account.gradient_norm },
    ...{ ratio: account.update_ratio, weights: account.weight_norm, rate: setting("learning_rate") },
    ...{ momentum: setting("momentum"), rest: 1 - setting("momentum") },
  };
  const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, precisely(value)]));
  const shares = {
    accuracy: percent(history.accuracy[lane]?.[point]), dead: percent(account.dead), flat: texts[`flat.${activation}`],
  };
  const rank = {
    step: look.step, recorded: snapshot.step, size: history.setting("batch_size", run.batch_size, look.step),
    layer: look.layer + 1,
  };
  const own = seen.mean !== null ? kind : gamma !== null ? "own" : "plain";
  const kinds = taken ? [`${own} taken`, seen.mean === null ? own : "", "taken"] : [own, source];
  return { ...shown, ...shares, ...rank, ...(taken ? wayOf(taken) : {}), source: texts[`source.${source}`], kinds };
}

// A lane's setting in the step that leads to `step`; a change of all lanes does not affect a lane's own values.
function settingOf(history, lane, field, step) {
  return lane.own.includes(field) ? lane[field] : history.setting(field, lane[field], step);
}

// The path of a few examples through the unit, with batch renorm's correction and noise if there are any, and the
// unit's steepest weight, as texts.
function wayOf({ before, hat, after, post, gamma, beta, r, d, scale, shift, weight }) {
  const listed = (values) => (values ?? []).map((value) => precisely(value)).join(", ") || "–";
  const { input, value, gradient, update } = weight;
  const corrected = hat?.map((one) => one * r + d);
  const scaled = hat?.map((one) => gamma * one + beta);
  const worded = (named, spell) => Object.entries(named).map(([name, one]) => [name, spell(one)]);
  const lists = worded({ before, hat, corrected, scaled, scale, shift, after, post }, listed);
  const numbers = worded({ r, d, weight_gradient: gradient, weight_update: update }, (one) => precisely(one));
  const weights = { weight_value: value, weight_after: value + update };
  const moved = worded(weights, (one) => precisely(one, digitsFor(one, update)));
  return { examples: before.length, input: input + 1, ...Object.fromEntries([...lists, ...numbers, ...moved]) };
}

export class SlowMotion {
  constructor(texts, again) {
    Object.assign(this, { texts, again, stage: 0, lane: null });
    this.list = element("ol", { class: "bns-stages" });
    this.lanes = element("span", {});
    this.former = textButton(texts["stage back"], () => this.turn(-1));
    this.next = textButton(texts["stage on"], () => this.turn(1));
    this.picture = new StepPicture(texts, (stage) => this.turn(STAGES.indexOf(stage) - this.stage));
    const choices = element("div", { class: "bns-toggles" }, this.former, this.next, this.lanes);
    this.node = element("div", {}, choices, this.picture.node, this.list);
  }

  turn(by) {
    this.stage = (this.stage + by + STAGES.length) % STAGES.length;
    this.again();
    this.list.children[this.stage]?.scrollIntoView({ block: "nearest" });
  }

  // Go to a stage of a lane.
  goTo(lane, stage) {
    Object.assign(this, { lane, stage: STAGES.indexOf(stage), offered: null });
    this.again();
  }

  offer(lanes) {
    if (this.offered === JSON.stringify(lanes)) return;
    this.offered = JSON.stringify(lanes);
    this.lane ??= Math.max(0, lanes.findIndex(({ statistics }) => statistics));
    const pick = (lane) => {
      this.lane = Number(lane);
      this.again();
    };
    this.lanes.replaceChildren(selectOf(this.texts.lane, lanes.map(({ name }, lane) => [lane, name]), pick, this.lane));
  }

  draw(history, look, lanes, run) {
    this.offer(lanes);
    const lane = Math.min(this.lane, lanes.length - 1);
    const numbers = numbersOf(history, look, lane, lanes, run, this.texts);
    this.picture.node.hidden = !numbers;
    if (!numbers) {
      this.list.replaceChildren(
        ...(lanes[lane].layers > look.layer ? [element("li", {}, this.texts["no snapshot"])] : []),
      );
      return;
    }
    const account = layerOf(history.snapshot(look.step), lane, look.layer);
    this.picture.draw(lanes[lane], look.layer, account, STAGES[this.stage], numbers);
    this.list.replaceChildren(...STAGES.map((stage, index) => this.card(stage, index, numbers)));
  }

  card(stage, index, numbers) {
    const words =
      numbers.kinds.map((kind) => this.texts[`stage.${stage}.${kind}`]).find(Boolean) ?? this.texts[`stage.${stage}`];
    const text = element("p", {});
    setSentence(text, filled(words, numbers));
    const current = index === this.stage ? { "aria-current": "step" } : {};
    return element("li", current, element("strong", {}, this.texts[`stage.${stage}.title`]), text);
  }
}
