// The controls that redraw the figures while they are dragged: sliders over a grid, with marks at some steps.

import { element } from "../lib/dom.js";
import { whenRested } from "./fields.js";
import { MOMENT, play } from "../lib/motion.js";

// Marks are centered under their step, except at the ends, where they would be cut off.
function markShift(step, last) {
  return { 0: "0%", [last]: "-100%" }[step] ?? "-50%";
}

// A mark that would touch the previous one goes to the row below.
export function stagger(marks) {
  const ends = [];
  for (const mark of marks.children) {
    const { left, right } = mark.getBoundingClientRect();
    let row = ends.findIndex((end) => end < left);
    if (row < 0) row = ends.length;
    ends[row] = right;
    mark.style.setProperty("--bnl-row", row);
  }
  marks.style.setProperty("--bnl-rows", Math.max(1, ends.length));
}

// `does`: called with the handle's name when the hand is near, for each move and each release. If the handle's table
// takes long, a hand that only passes over it does not count as near.
const PASSING = 120; // ms

export class HandleControl {
  constructor(name, does, slow) {
    this.name = name;
    this.does = does;
    const id = `bnl-handle-${name}`;
    this.input = element("input", { type: "range", id, min: 0, step: 1 });
    this.label = element("label", { for: id });
    this.output = element("output", { for: id });
    this.marks = element("div", { class: "bnl-marks" });
    const head = element("div", { class: "bnl-head" }, this.label, this.output);
    this.node = element("div", { class: "bnl-control" }, head, this.input, this.marks);
    this.node.dataset.name = name;
    for (const event of ["pointerdown", "focusin"]) this.node.addEventListener(event, () => does.approach(name));
    this.node.addEventListener(
      "pointerenter", () => (this.passing = setTimeout(() => does.approach(name), slow ? PASSING : 0)),
    );
    this.node.addEventListener("pointerleave", () => clearTimeout(this.passing));
    this.input.addEventListener("pointerdown", () => (this.held = true));
    for (const event of ["pointerup", "pointercancel"]) this.input.addEventListener(event, () => (this.held = false));
    this.input.addEventListener("input", () => {
      this.gliding = null; // the hand takes over
      this.moved();
    });
    this.rest = whenRested(this.input, () => does.letGo(name));
    this.input.addEventListener("dblclick", () => this.glideTo(this.handle.reset));
  }

  get step() {
    return Number(this.input.value);
  }

  // Take over the handle from a table; its position is left alone while the hand holds it.
  furnish(handle) {
    this.handle = handle;
    this.label.textContent = handle.label;
    const last = handle.shown.length - 1;
    this.input.max = last;
    if (!this.held && !this.rest.waits && !this.gliding) this.input.value = handle.at;
    const marked = JSON.stringify([last, handle.marks]);
    if (marked !== this.marked)
      this.marks.replaceChildren(
        ...Object.entries(handle.marks).map(([step, text]) => this.mark(Number(step), text, last)),
      );
    this.marked = marked; // a pressed mark keeps the focus when tables come
    this.showValue();
  }

  mark(step, text, last) {
    const node = element(
      "button", { type: "button", style: `--bnl-at: ${step / last}; --bnl-shift: ${markShift(step, last)}` }, text,
    );
    node.addEventListener("click", () => this.glideTo(step));
    return node;
  }

  showValue(shown = this.handle.shown[this.step]) {
    this.input.setAttribute("aria-valuetext", shown);
    this.input.style.setProperty("--bnl-at", this.input.max > 0 ? this.step / this.input.max : 0);
    this.output.textContent = shown;
  }

  // Show a table's text for its value, if the text depends on the other controls.
  showAs(shown) {
    if (shown) this.showValue(shown);
  }

  // Moved by something other than the slider, such as a mark in a figure: moved to a value, and let go.
  take() {
    this.held = true;
    this.gliding = null;
    return this.does.approach(this.name);
  }

  moveTo(value) {
    this.input.value = this.nearest(value);
    this.moved();
  }

  // Set it to a value without a hand at it; returns the value as settings spell it.
  put(value) {
    this.input.value = this.nearest(value);
    this.showValue();
    return this.handle.values[this.step];
  }

  jumpTo(step) {
    if (step === this.step) return;
    this.input.value = step;
    this.moved();
  }

  nearest(value) {
    const distances = this.handle.values.map((each) => Math.abs(Number(each) - Number(value)));
    return distances.indexOf(Math.min(...distances));
  }

  release() {
    this.held = false;
    this.does.letGo(this.name);
  }

  // Let go at once, instead of after the pause.
  settle() {
    this.rest.now();
  }

  moved() {
    this.showValue();
    this.does.moved(this.name);
  }

  // By the clock: on a slow machine fewer frames are shown.
  async glideTo(step, milliseconds = MOMENT) {
    const from = this.step;
    const mine = (this.gliding = {}); // a later glide ends this one
    const goes = () => this.gliding === mine && this.node.isConnected;
    await this.does.approach(this.name).catch(() => {});
    await play((share) => goes() && this.jumpTo(Math.round(from + (step - from) * share)), milliseconds);
    const arrived = goes();
    if (this.gliding === mine) this.gliding = null;
    if (arrived) this.does.letGo(this.name);
  }
}
