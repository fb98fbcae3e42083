// What went wrong, in one notice per lane: the problem, where to look and, if it helps, a button to mend it.

import { element, setSentence } from "../lib/dom.js";
import { textButton } from "./inputs.js";
import { filled, percent, precisely } from "./numbers.js";

const VIEW_OF = { plateau: "gradients", dead: "layer", lag: "layer", "lag.loss": "layer" };

function alertOf(text, actions) {
  const message = element("p", {});
  setSentence(message, text);
  return element("div", { class: "bns-alert" }, message, element("p", { class: "bns-actions" }, ...actions));
}

// The rewind of a lane that was lost: its step and rate. Only if the server offers one and the page can fork.
function wayBack({ lane, step, layer, view }, { texts, editable }, rewinds, does) {
  const offer = editable.fork.length && rewinds?.find((one) => one.lane === lane);
  const rewind = () => does.trigger("rewind", { lane, step });
  return [
    ...(offer
      ? [textButton(filled(texts.rewind, { ...offer, cost: costOf(offer, texts) }), rewind, "bns-button bns-primary")]
      : []),
    ...(step > 0 ? [textButton(texts["look before"], () => does.lookAt(step - 1, layer, view))] : []),
  ];
}

// What a rewind (training/analysis/rewind.py) changes in other lanes, if anything.
function costOf(offer, texts) {
  const named = ["replaces", "all"].filter((name) => offer[name]);
  return named.map((name) => filled(texts[`rewind.${name}`], offer)).join("");
}

// A lane that diverged, from its message: layer, step, learning rate and gradient norms.
export function lossOf(lost, data, { rewinds }, does) {
  const { texts, lanes } = data;
  const norms = (lost.gradient_norms ?? []).map((value) => precisely(value)).join(", ");
  const values = {
    lane: lanes[lost.lane]?.name ?? lost.lane + 1,
    layer:
      lost.layer < lanes[lost.lane]?.layers ? filled(texts["nth layer"], { n: lost.layer + 1 }) : texts["output layer"],
    step: lost.step,
  };
  const numbers = { rate: precisely(lost.learning_rate), norms: norms || "–" };
  const text = filled(texts[`lost.${lost.where}`] ?? texts["lost.loss"], { ...values, ...numbers });
  return alertOf(text, wayBack(lost, data, rewinds, does));
}

// A finding of the server's diagnosis (training/analysis/diagnosis.py) about a lane: {key, lane, facts}.
export function findingOf({ key, lane, facts }, data, { units, rewinds }, does) {
  const { texts, lanes, views } = data;
  const shares = Object.fromEntries(
    ["accuracy", "chance", "training", "inference"].map((name) => [name, percent(facts[name])]),
  );
  const losses = Object.fromEntries(["training_loss", "inference_loss"].map((name) => [name, precisely(facts[name])]));
  const dead = { units: units?.[lane], count: Math.round(facts.share * units?.[lane]), layer: facts.layer + 1 };
  const words = texts[`wrong.${key}.${lanes[lane]?.activation}`] ?? texts[`wrong.${key}`];
  const text = filled(words, { lane: lanes[lane]?.name ?? lane + 1, step: facts.step, ...shares, ...losses, ...dead });
  const label = views.find(({ name }) => name === VIEW_OF[key])?.label;
  const look = () => does.lookAt(facts.step ?? null, facts.layer ?? null, VIEW_OF[key]);
  const back = key === "dead" ? wayBack({ lane, ...facts, view: VIEW_OF.dead }, data, rewinds, does) : [];
  return alertOf(text, [...back, ...(label ? [textButton(filled(texts["look at"], { view: label }), look)] : [])]);
}

export class Alerts {
  constructor(does) {
    this.does = does;
    this.node = element("div", { class: "bns-alerts", role: "alert" });
  }

  // A notice keeps its first words and numbers until there is something else to say.
  show(history, findings, data) {
    const { rewinds } = history.facts;
    const key = JSON.stringify([history.lost, findings, rewinds, data.lanes.map(({ name }) => name)]);
    if (key === this.shown) return;
    this.shown = key;
    this.node.replaceChildren(
      ...history.lost.map((lost) => lossOf(lost, data, history.facts, this.does)),
      ...findings.map((finding) => findingOf(finding, data, history.facts, this.does)),
    );
  }
}
