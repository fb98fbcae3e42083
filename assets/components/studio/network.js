// The networks, one lane each: input, every layer's blocks in order, output. Each block shows the distribution of its
// outputs at the reader's step, from the snapshots that also fill the charts; a click opens it.

import { arrowKeys, block, fillBlock, fitNames } from "../lib/blocks.js";
import { element } from "../lib/dom.js";
import { lineSample } from "./legend.js";
import { filled, precisely, rebinned, rowsOf, spreadOf, totalOf } from "./numbers.js";
import { layerOf } from "./run_history.js";

const BINS = 30;
const MANY = 5; // with this many layers, blocks are small and only the first ones have names
export const LINEAR = ["dense", "conv"];

// The recorded distribution of a part's outputs; none if it is not recorded.
export function sourceOf(parts, part) {
  const place = parts.indexOf(part);
  if (part === "activation") return "post";
  if (parts[place + 1] === "activation") return "pre";
  return part === "norm" ? "normed" : null;
}

const inDigits = ({ mean, deviation }) => ({ mean: precisely(mean), deviation: precisely(deviation) });

// A told histogram in a block, or none.
export function fillWith(node, told) {
  if (told) fillBlock(node, rebinned(told, told.low, told.high, BINS), -told.low / (told.high - told.low));
  else fillBlock(node, []);
}

function rowOf(label, ...nodes) {
  const number = element("span", { class: "bns-net-number", "aria-hidden": "true" }, label);
  return element("div", { class: "bns-net-row" }, number, ...nodes);
}

export class Network {
  constructor(studio) {
    this.studio = studio;
    const { texts } = studio.data;
    this.node = element("ul", { class: "bns-legend bns-net", "aria-label": texts.net });
    this.nodes = [this.node, element("p", { class: "bns-net-scale" }, texts["net.scale"])];
    this.keep = arrowKeys(this.node, () => this.rows);
    this.node.addEventListener("click", ({ target }) => this.open(target.closest(".bnl-block")?.dataset));
    this.rows = [];
    new ResizeObserver(() => fitNames(this.node)).observe(this.node);
  }

  // Update the lanes, but only make them anew if they differ, because a block may have the focus.
  set() {
    const { lanes, inputs, classes } = this.studio.data;
    const made = JSON.stringify([lanes, inputs, classes]);
    if (made === this.made) return;
    Object.assign(this, { made, drawn: null });
    this.rows = [];
    const most = Math.max(...lanes.flatMap(({ blocks }) => blocks.map((parts) => parts.length)));
    this.node.style.setProperty("--bns-blocks", most);
    this.node.replaceChildren(...lanes.map((lane, number) => this.lane(lane, number)));
    for (const input of this.node.querySelectorAll("[data-kind=input]")) {
      fillBlock(input, inputs.shares, -inputs.low / (inputs.high - inputs.low));
    }
    this.keep();
    fitNames(this.node);
  }

  lane({ name, short, color, dash, blocks, activation, kind }, number) {
    const { texts } = this.studio.data;
    const facts = { lane: number };
    const called = {
      activation: [texts[`net.${activation}`], texts[`net.brief.${activation}`]],
      norm: [texts[`net.norm.${kind}`], texts[`net.brief.norm.${kind}`]],
    };
    const made = (part, more) => {
      const [name, brief] = called[part] ?? [texts[`net.${part}`], texts[`net.brief.${part}`]];
      return block(part, name, { brief, ...facts, ...more });
    };
    const input = made("input");
    const layers = blocks.map((parts, layer) =>
      parts.map((part) => made(part, { layer, source: sourceOf(parts, part) ?? "" })),
    );
    const output = made("output");
    output.prepend(element("canvas", { hidden: "", width: 1, height: 1 }));
    this.rows.push([input, ...layers.flat(), output]);
    const rows = [rowOf("", input), ...layers.map((nodes, layer) => rowOf(layer + 1, ...nodes)), rowOf("", output)];
    const briefly = element("span", { class: "bns-net-short", "aria-hidden": "true" }, short);
    const wholly = element("span", { class: "bns-net-name" }, name);
    const head = element("div", { class: "bns-net-head" }, lineSample(color, dash), wholly, briefly);
    const about = { class: "bns-net-lane", role: "group", "aria-label": name };
    const drawn = element("div", blocks.length > MANY ? { ...about, "data-many": "" } : about, ...rows);
    return element("li", { style: `--bnl-lane: ${color}` }, head, drawn);
  }

  // Update the values at the reader's step, but only for another snapshot.
  draw(history, look) {
    const snapshot = history.snapshot(look.step);
    const state = JSON.stringify([snapshot?.step, look.covered]);
    if (state === this.drawn && snapshot === this.shown) return;
    Object.assign(this, { drawn: state, shown: snapshot });
    for (const node of this.rows.flat()) this.fill(node, snapshot, look.covered ?? []);
  }

  fill(node, snapshot, covered) {
    const { texts, lanes } = this.studio.data;
    const { lane, layer, kind, source } = node.dataset;
    const seen = covered.includes(Number(lane)) ? null : snapshot;
    const told = source ? layerOf(seen, lane, layer)?.[source] : null;
    const known = told && totalOf(told) > 0;
    if (layer !== undefined) fillWith(node, known ? told : null);
    if (kind === "output") this.border(node, seen?.lanes[lane]?.grid);
    const place = { part: node.textContent, layer: Number(layer) + 1, lane: lanes[lane].name };
    const where = filled(texts[layer === undefined ? "net.end" : "net.place"], place);
    const numbers = known ? filled(texts["net.values"], { ...inDigits(spreadOf(told)), step: snapshot.step }) : "";
    node.title = [where, numbers].filter(Boolean).join(" ");
    node.setAttribute("aria-label", node.title);
  }

  // For data in the plane, the output is the picture of the lane's border.
  border(node, grid) {
    const { classes } = this.studio.data;
    const canvas = node.querySelector("canvas");
    canvas.hidden = !grid;
    if (!grid) return;
    const side = Math.round(Math.sqrt(atob(grid).length / (classes > 2 ? 2 : 1)));
    Object.assign(canvas, { width: side, height: side });
    const pen = canvas.getContext("2d");
    pen.fillStyle = node.closest("li").style.getPropertyValue("--bnl-lane");
    rowsOf(grid, side).slice(0, side).forEach((row, up) =>
      row.forEach((share, across) => {
        pen.globalAlpha = classes > 2 ? Math.min(1, (255 * share) / (classes - 1)) : share;
        pen.fillRect(across, side - 1 - up, 1, 1);
      }),
    );
  }

  // Open the part of the page that shows what a block does: its distribution, slow motion at batch norm, the outcome.
  open(facts) {
    if (!facts) return;
    const { studio } = this;
    const offered = studio.data.views.map(({ name }) => name);
    const first = (...views) => views.find((view) => offered.includes(view)) ?? null;
    if (facts.kind === "output") return studio.lookAt(null, null, first("border", "mistakes", "layer"));
    const layer = Number(facts.layer ?? 0);
    if (facts.kind === "norm" && offered.includes("slow")) {
      studio.views.slow.goTo(Number(facts.lane), "normalize");
      return studio.lookAt(null, layer, "slow");
    }
    const choice = { part: "distribution", values: facts.kind === "activation" ? "post" : "pre" };
    Object.assign(studio.choice, choice);
    studio.rerun.ask("look", choice);
    return studio.lookAt(null, layer, first("layer"));
  }
}
