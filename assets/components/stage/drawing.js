// A prediction drawn into a figure: one mark or several, moved along one of its axes with mouse, finger or keys.

import { element, filledWith, setSentence, superscript } from "../lib/dom.js";

const FINE = 20; // arrow keys take about this many steps from end to end, unless the lesson names a step
const LEAP = 10; // how many of them the page keys take at once
const MANY = 8; // the most marks

export class Drawing {
  constructor(how, texts, does) {
    Object.assign(this, { how, texts, does, values: null, touched: false, over: false });
    this.other = how.axis === "x" ? "y" : "x";
    this.node = element("p", { class: "bnl-hint" });
    this.pad = element("div", { class: `bnl-pad bnl-along-${how.axis}`, hidden: "" });
    this.width = element("div", { class: "bnl-guessed-width" });
    this.marks = [];
    this.pad.addEventListener("pointerdown", (event) => this.taken(event));
    this.pad.addEventListener("pointermove", (event) => this.dragged(event));
    for (const over of ["pointerup", "pointercancel"]) this.pad.addEventListener(over, () => (this.from = null));
  }

  get ready() {
    return this.touched;
  }

  get text() {
    return this.values.map((value) => Number(value.toPrecision(4))).join(",");
  }

  reads(text) {
    return this.valuesOf(text) !== null;
  }

  valuesOf(text) {
    const values = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
    const { kind, low, high } = this.how;
    const many = kind === "curve" ? values.length > 1 && values.length <= MANY : values.length === 1;
    const inside = (value) => Number.isFinite(value) && value >= (low ?? -Infinity) && value <= (high ?? Infinity);
    return many && values.every(inside) ? values : null;
  }

  // Show this guess, or ("") ask for one; `over`: whether predicting is over.
  set(guess, over) {
    Object.assign(this, { over, touched: false, values: this.valuesOf(guess) });
    this.say();
  }

  join(figure) {
    this.figure = figure;
    figure.drawing = this;
    figure.node.append(this.pad);
  }

  // Put the guess into the figure's numbers before it is drawn; an earlier guess only if its data are on screen.
  fill({ data, layout }) {
    const trace = data.find(({ name }) => name === "guess");
    if (!this.over) this.begin(trace, layout);
    trace.visible = Boolean(this.values) && this.fits(trace) && (!this.over || this.does.stands());
    if (!trace.visible) return;
    const [value] = this.values;
    trace[this.how.axis] = this.how.kind === "curve" ? this.values : [this.how.mirror ? -value : value, value];
  }

  fits(trace) {
    return this.how.kind === "number" || trace[this.other]?.length === this.values.length;
  }

  // Put the marks onto the figure once it is drawn.
  put(figure) {
    const index = figure.spec.data.findIndex(({ name }) => name === "guess");
    const axes = figure.axesOf(index);
    this.along = axes[`${this.how.axis}axis`];
    const across = axes[`${this.other}axis`];
    this.places = [...figure.spec.data[index][this.other]].map((place) => across._offset + across.d2p(place));
    this.named = [...figure.spec.data[index][this.other]];
    if (this.how.kind === "number") this.places = [(this.places[0] + this.places[1]) / 2];
    if (!this.over && this.marks.length !== this.places.length) this.mark();
    this.pad.hidden = this.over;
    if (!this.over) this.layOut(axes);
  }

  // The marks stand in the middle until they are moved.
  begin(trace, layout) {
    const count = this.how.kind === "number" ? 1 : trace[this.other].length;
    if (this.values?.length === count) return;
    const { axis } = this.how;
    this.along = layout[(trace[`${axis}axis`] ?? axis).replace(axis, `${axis}axis`)];
    const [low, high] = this.ends;
    this.values = Array(count).fill((low + high) / 2);
    this.marks = [];
  }

  mark() {
    this.marks = this.places.map((_, index) => this.markAt(index));
    this.pad.replaceChildren(...(this.how.mirror ? [this.width] : []), ...this.marks);
  }

  get ends() {
    const range = [...this.along.range].sort((one, other) => one - other);
    return [this.how.low ?? range[0], this.how.high ?? range[1]];
  }

  get step() {
    const [low, high] = this.ends;
    return this.how.step ?? 10 ** Math.floor(Math.log10((high - low) / FINE));
  }

  markAt(index) {
    const mark = element("div", {
      class: "bnl-guess", role: "slider", tabindex: 0,
      "aria-orientation": this.how.axis === "x" ? "horizontal" : "vertical",
    });
    mark.addEventListener("keydown", (event) => this.pressed(event, index));
    return mark;
  }

  layOut({ xaxis, yaxis }) {
    Object.assign(this.pad.style, {
      left: `${xaxis._offset}px`, top: `${yaxis._offset}px`, width: `${xaxis._length}px`, height: `${yaxis._length}px`,
    });
    const at = (value) => this.along.d2p(value);
    const [side, otherSide] = this.how.axis === "x" ? ["left", "top"] : ["top", "left"];
    const offset = this.how.axis === "x" ? yaxis._offset : xaxis._offset;
    const [low, high] = this.ends;
    this.marks.forEach((mark, index) => {
      mark.style[side] = `${at(this.values[index])}px`;
      mark.style[otherSide] = `${this.places[index] - offset}px`;
      const label =
        this.marks.length > 1 ? filledWith(this.texts["mark of"], { place: this.named[index] }) : this.texts.mark;
      const attributes = { "aria-label": label, "aria-valuemin": low, "aria-valuemax": high };
      Object.assign(attributes, {
        "aria-valuenow": this.values[index], "aria-valuetext": this.spelled(this.values[index]),
      });
      for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, value);
    });
    if (!this.how.mirror) return;
    const [value] = this.values;
    Object.assign(this.width.style, {
      left: `${at(-value)}px`, width: `${at(value) - at(-value)}px`, top: `${this.places[0] - offset}px`,
    });
  }

  // The pointer's position: along the marks' axis as a value, across it in pixels of the figure.
  under({ clientX, clientY }) {
    const { left, top } = this.figure.node.getBoundingClientRect();
    const [along, across] = this.how.axis === "x" ? [clientX - left, clientY - top] : [clientY - top, clientX - left];
    return { value: this.along.p2d(along - this.along._offset), across };
  }

  taken(event) {
    if (event.button) return;
    event.preventDefault();
    this.pad.setPointerCapture(event.pointerId);
    this.from = this.under(event);
    const nearest = this.nearest(this.from.across);
    this.marks[nearest].focus({ preventScroll: true });
    this.move({ [nearest]: this.from.value });
  }

  // A stroke sets every mark that it passes.
  dragged(event) {
    if (!this.from) return;
    const [from, to] = [this.from, this.under(event)];
    const passed = {};
    if (this.how.kind === "curve") {
      const share = (place) => (place - from.across) / (to.across - from.across);
      this.places.forEach((place, index) => {
        if (share(place) > 0 && share(place) < 1) passed[index] = from.value + share(place) * (to.value - from.value);
      });
    }
    this.from = to;
    this.move({ ...passed, [this.nearest(to.across)]: to.value });
  }

  nearest(across) {
    const distances = this.places.map((place) => Math.abs(place - across));
    return distances.indexOf(Math.min(...distances));
  }

  pressed(event, index) {
    const [low, high] = this.ends;
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: LEAP, PageDown: -LEAP }[event.key];
    const to = { Home: low, End: high }[event.key] ?? (by && this.values[index] + by * this.step);
    if (to === undefined) return;
    event.preventDefault();
    const sideways = this.how.kind === "curve" && { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (sideways) this.marks[index + sideways]?.focus({ preventScroll: true });
    else this.move({ [index]: to });
  }

  move(changes) {
    const [low, high] = this.ends;
    const snapped = (value) => Number((Math.round(value / this.step) * this.step).toPrecision(6));
    const held = (value) => Math.min(high, Math.max(low, snapped(value)));
    this.values = this.values.map((value, index) => (index in changes ? held(changes[index]) : value));
    this.touched = true;
    this.say();
    this.does.changed();
    this.does.drawn();
  }

  say() {
    const hint = this.how.kind === "curve" ? this.texts.draw : this.texts.drag;
    const now = this.touched && this.how.kind === "number" ? ` **${this.spelled(this.values[0])}**` : "";
    setSentence(this.node, hint + now);
  }

  spelled(value) {
    if (this.how.percent) return `${percent(value)}%`.replace("-", "−");
    return numeral(value);
  }

  comparison(guess, truth) {
    const values = this.valuesOf(guess);
    if (!values || values.length !== truth?.length) return "";
    const [last, real] = [values.at(-1), truth.at(-1)];
    const apart = values.reduce((sum, value, index) => sum + Math.abs(value - truth[index]), 0) / values.length;
    const ratio = Math.max(last / real, real / last);
    const points = `${Math.abs(percent(last) - percent(real))} points`;
    const times = ratio < 10 ? ratio.toFixed(1) : numeral(ratio, 0);
    const gap = this.how.ratio ? times : this.how.percent ? points : this.spelled(apart);
    const kind = this.how.kind === "curve" ? "curve" : this.how.ratio ? "ratio" : "number";
    return filledWith(this.texts[`gap.${kind}`], { guess: this.spelled(last), truth: this.spelled(real), gap });
  }
}

// Rounds as Python's format does for the sentences: halves to the even digit.
function percent(share) {
  const whole = Number((100 * share).toPrecision(12));
  return Math.abs(whole % 1) === 0.5 ? 2 * Math.round(whole / 2) : Math.round(whole);
}

// Two decimals, or for very small or large numbers the lessons' style: 4.2 × 10⁻¹².
function numeral(value, decimals = 2) {
  const size = Math.abs(value);
  if (value && (size < 1e-3 || size >= 1e5)) {
    const [digits, power] = value.toExponential(1).split("e");
    return `${digits.replace("-", "−")} × 10${superscript(power)}`;
  }
  const text = size >= 0.1 || !value ? value.toFixed(decimals) : String(Number(value.toPrecision(2)));
  return text.replace("-", "−");
}
