// The part of the time axis that the curves show: a brush with two handles, and the first steps in one click.

import { element } from "../lib/dom.js";
import { textButton } from "./inputs.js";
import { filled } from "./numbers.js";

const FIRST = 20; // steps
const LEAST = 5; // steps that stay in sight

export class Zoom {
  constructor(texts, act) {
    Object.assign(this, { act, total: 1, window: null });
    this.first = textButton(filled(texts["zoom.first"], { steps: FIRST }), () => this.set(0, FIRST), "bns-link");
    this.whole = textButton(texts["zoom.whole"], () => this.set(0, Infinity), "bns-link");
    const handle = (side) =>
      element("input", { type: "range", min: 0, max: 1, step: 1, "aria-label": texts[`zoom.${side}`] });
    this.handles = [handle("from"), handle("to")];
    this.brush = element("div", { class: "bns-brush", title: texts["zoom.brush"] }, ...this.handles);
    this.node = element(
      "div", { class: "bns-zoom", role: "group", "aria-label": texts.zoom }, this.brush, this.first, this.whole,
    );
    this.handles.forEach((one, side) => one.addEventListener("input", () => this.move(side)));
    this.brush.addEventListener("pointerdown", (event) => this.begin(event));
  }

  move(side) {
    const ends = this.handles.map((one) => Number(one.value));
    if (side) ends[1] = Math.max(ends[1], ends[0] + LEAST);
    else ends[0] = Math.min(ends[0], ends[1] - LEAST);
    this.set(...ends);
  }

  // A stroke over the track zooms to the steps that it covers.
  begin(event) {
    if (this.handles.includes(event.target)) return;
    const { left, width } = this.brush.getBoundingClientRect();
    const step = ({ clientX }) => Math.round((this.total * Math.min(width, Math.max(0, clientX - left))) / width);
    const from = step(event);
    const draw = (moved) =>
      Math.abs(step(moved) - from) >= LEAST && this.set(...[from, step(moved)].sort((a, b) => a - b));
    this.brush.setPointerCapture(event.pointerId);
    this.brush.addEventListener("pointermove", draw);
    this.brush.addEventListener("lostpointercapture", () => this.brush.removeEventListener("pointermove", draw), {
      once: true,
    });
  }

  set(from, to) {
    const [low, high] = [Math.max(0, from), Math.min(this.total, to)];
    this.window = low <= 0 && high >= this.total ? null : [low, high];
    this.show(this.total);
    this.act(this.window);
  }

  // A run may be shorter than the one before; while its length is 1 it is not known yet.
  fit() {
    const [from, to] = this.window;
    this.set(from + LEAST <= this.total ? from : 0, to);
  }

  show(total) {
    this.total = Math.max(1, total);
    if (this.total > 1 && this.window?.[1] > this.total) return this.fit();
    const ends = this.window ?? [0, this.total];
    this.handles.forEach((one, side) => {
      one.max = this.total;
      one.value = ends[side];
    });
    this.brush.style.setProperty("--bns-from", ends[0] / this.total);
    this.brush.style.setProperty("--bns-to", Math.min(1, ends[1] / this.total));
    this.whole.disabled = !this.window;
    this.first.disabled = this.total <= FIRST || String(this.window) === String([0, FIRST]);
  }
}
