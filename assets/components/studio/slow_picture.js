// Where in the network a stage of slow motion happens: the layer's blocks, with the stage's own marked, and their
// numbers below them.

import { arrowKeys, block } from "../lib/blocks.js";
import { element } from "../lib/dom.js";
import { fillWith, LINEAR, sourceOf } from "./network.js";
import { filled, totalOf } from "./numbers.js";

const AT = {
  ...{ batch: "input", forward: "linear", statistics: "norm", normalize: "norm", scale: "norm" },
  ...{ loss: "output", backward: "linear", update: "linear", running: "norm" },
};

// The part of a layer, or the input or output, where a stage happens; a lane without normalization has its unit's
// values where they are summed up.
export function partOf(stage, parts) {
  const linear = parts.find((part) => LINEAR.includes(part));
  const at = AT[stage] === "linear" ? linear : AT[stage];
  return at === "norm" && !parts.includes("norm") ? linear : at;
}

// The numbers under a part; none under the normalization of a lane without batch statistics.
function placed(part, numbers, texts) {
  const name = LINEAR.includes(part) ? "linear" : part;
  const words = part === "norm" && numbers.mean === "–" ? "" : (texts[`slow.at.${name}`] ?? "");
  return filled(words, numbers);
}

export class StepPicture {
  constructor(texts, go) {
    Object.assign(this, { texts, go });
    this.node = element("div", { class: "bns-step-picture", role: "group", "aria-label": texts["slow.picture"] });
    this.keep = arrowKeys(this.node, () => [[...this.node.querySelectorAll(".bnl-block")]]);
    this.node.addEventListener("click", ({ target }) => this.open(target.closest(".bnl-block")?.dataset.kind));
  }

  draw({ blocks, color, kind, activation }, layer, account, stage, numbers) {
    const parts = blocks?.[layer] ?? [];
    const { texts } = this;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
    const called = { activation: texts[`net.${activation}`], norm: texts[`net.norm.${kind}`] };
    this.parts = parts;
    this.node.style.setProperty("--bnl-lane", color);
    const places = ["input", ...parts, "output"].map((part) => {
      const before = part === "input" && layer > 0 ? filled(texts["slow.layer"], { layer }) : null;
      const node = block(part, before ?? called[part] ?? texts[`net.${part}`]);
      const histogram = account[sourceOf(parts, part)];
      fillWith(node, histogram && totalOf(histogram) ? histogram : null);
      if (part === partOf(stage, parts)) node.setAttribute("aria-current", "step");
      return element("div", {}, node, element("small", {}, placed(part, numbers, texts)));
    });
    this.node.replaceChildren(...places);
    this.keep();
    if (focused) this.node.querySelector(`[data-kind="${focused}"]`)?.focus();
  }

  // Go to the first stage that happens there.
  open(kind) {
    const stage = Object.keys(AT).find((one) => partOf(one, this.parts) === kind);
    if (stage) this.go(stage);
  }
}
