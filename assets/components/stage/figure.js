// One figure of a stage: its place, its veil, the grips that are dragged, the points that are touched.

import { element } from "../lib/dom.js";
import { menuOf, nameMenu } from "../lib/menu.js";
import { drawFigure, freeFigure, inTheme, pathParts, scaled, setPath } from "../lib/plot.js";
import { between, endless, partway } from "../lib/motion.js";

const NARROW_SHARE = 0.44; // of the window's height: the first figure, where figures are one below the other
const NARROW_LEAST = 300;
const NOWHERE = [0, 0, 0, 0];

export class Figure {
  // captionOf: the lines that a saved picture gets.
  constructor(index, name, texts, captionOf) {
    Object.assign(this, { index, hint: texts.grip, meta: { name }, captionOf });
    this.plot = element("div", { class: "bnl-figure", role: "img" });
    this.cover = element("div", { class: "bnl-veil", "aria-hidden": "true", hidden: "" });
    this.menu = menuOf(this, texts);
    nameMenu(this.menu, texts, texts.figure.replace("{number}", index + 1));
    this.node = element("div", { class: "bnl-cell" }, this.plot, this.cover, this.menu);
    this.node.addEventListener("fullscreenchange", () => window.dispatchEvent(new Event("resize")));
    this.grips = [];
    this.touched = [];
  }

  // Take over the empty figure from the server.
  take({ spec, veil, hides, grips, touch, picks, unfolds, net, numbers }, place) {
    const [left, top, width, height] = (place ?? NOWHERE).map((share) => `${100 * share}%`);
    Object.assign(this, {
      before: this.blank?.layout.xaxis?.range, blank: spec, veil, picks, unfolds, net, hides: hides.map(pathParts),
      numbers, wide: height,
    });
    Object.assign(this.node.style, { left, top, width, height });
    this.node.hidden = !place;
    const outer = Boolean(place) && place[0] + place[2] > 0.99; // nothing is to its right
    this.node.classList.toggle("bnl-outer", outer);
    for (const { node } of [...this.grips, ...this.touched]) node.remove();
    for (const part of ["points", "network"]) {
      this[part]?.close();
      this[part] = null;
    }
    this.grips = Object.entries(grips).map(([name, mark]) => ({
      name, mark, node: element("div", { class: "bnl-grip", title: this.hint, "data-name": name }),
    }));
    this.touched = Object.entries(touch).map(([name, trace]) => ({
      name, trace, node: element("div", { class: "bnl-touch" }),
    }));
    this.node.append(...[...this.touched, ...this.grips].map(({ node }) => node));
  }

  dress(dark, isDark, scale) {
    this.spec = scaled(JSON.parse(inTheme(JSON.stringify(this.blank), dark, isDark)), scale);
  }

  set(parts, value) {
    setPath(this.spec, parts, value);
  }

  // Side by side, figures fill their places; one below the other, the first gets most of the screen. Returns whether
  // the size has changed.
  size(narrow) {
    const natural = this.blank.layout.height;
    const tall = this.index ? natural : Math.max(NARROW_LEAST, Math.round(NARROW_SHARE * window.innerHeight));
    const whole = document.fullscreenElement === this.node;
    this.node.style.height = whole ? "100vh" : narrow ? `${tall}px` : this.wide;
    this.spec.layout.height = this.node.clientHeight || natural;
    const before = this.sized;
    this.sized = `${this.node.clientWidth} × ${this.node.clientHeight}`;
    return before !== this.sized;
  }

  async draw(Plotly) {
    if (this.node.hidden) return;
    for (const trace of this.spec.data) if (trace.name === "grips") trace.visible = this.cover.hidden && !this.still;
    for (const path of this.hides) this.set([...path, "visible"], !this.asking);
    this.drawing?.fill(this.spec);
    await drawFigure(Plotly, this.plot, this.onTheWay);
    this.putVeil();
    for (const { mark, node } of this.grips) this.putGrip(mark, node);
    for (const { node, trace } of this.touched) {
      const { xaxis, yaxis } = this.axesOf(trace);
      put(node, { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length });
    }
    this.points?.put();
    this.network?.put();
    this.drawing?.put(this);
  }

  // The numbers to draw. While the values unfold, only as far as they have come; while asking, not to the end.
  get onTheWay() {
    if (!this.unfolds || !(this.asking || this.gone < 1)) return this.spec;
    const [each, traces] = this.unfolds;
    const shown = (trace) => (this.asking ? endless(trace, each) : partway(trace, each, this.gone));
    const data = this.spec.data.map((trace, index) =>
      traces.includes(index) && trace.x?.length ? shown(trace) : trace,
    );
    return { ...this.spec, data };
  }

  // A veil that also covers labels beside the plot ends where the figure ends.
  putVeil() {
    const { _size: { l, t, w, h }, width: across, height: down } = this.plot._fullLayout;
    const [left, top, width, height] = this.veil ?? [0, 0, 1, 1];
    const [x0, x1] = [left, left + width > 1.01 ? Infinity : left + width].map((share) =>
      Math.min(across, Math.max(0, l + share * w)),
    );
    const [y0, y1] = [top, top + height].map((share) => Math.min(down, Math.max(0, t + share * h)));
    put(this.cover, { left: x0, top: y0, width: x1 - x0, height: y1 - y0 });
  }

  // A share of the way from the old axis to the new one.
  rescaled(share) {
    this.spec.layout.xaxis.range = between(this.before, this.blank.layout.xaxis.range, share);
  }

  get moved() {
    const [now, before] = [this.blank.layout.xaxis.range, this.before];
    return Boolean(this.unfolds && before) && before.some((end, index) => end !== now[index]);
  }

  putGrip([trace, point], node) {
    const { x, y, visible } = this.spec.data[trace];
    const { xaxis, yaxis } = this.axesOf(trace);
    put(node, { left: xaxis._offset + xaxis.d2p(x[point]), top: yaxis._offset + yaxis.d2p(y[point]) });
    node.hidden = visible === false;
  }

  get caption() {
    return this.captionOf();
  }

  // The numbers on screen, for the menu.
  get onScreen() {
    const shown = (trace) => trace.visible === true && trace.name !== "grips";
    return { data: this.plot._fullData.filter(shown), layout: this.spec.layout };
  }

  veiled(text) {
    this.asking = Boolean(text);
    this.cover.hidden = !(text && this.veil);
    this.menu.hidden = this.tells && this.asking; // the menu gives away the numbers, too
    this.cover.textContent = this.drawing ? "" : text; // a mark is in its place
    for (const { node } of [...this.grips, ...this.touched]) node.classList.toggle("bnl-covered", !this.cover.hidden);
  }

  // Whether it shows what the prediction is about.
  get tells() {
    return Boolean(this.veil || this.hides.length);
  }

  axesOf(trace) {
    const { xaxis = "x", yaxis = "y" } = this.spec.data[trace];
    const { [xaxis.replace("x", "xaxis")]: across, [yaxis.replace("y", "yaxis")]: up } = this.plot._fullLayout;
    return { xaxis: across, yaxis: up };
  }

  // The number of the trace's point closest to a place on the screen.
  pointAt({ clientX, clientY }, trace) {
    const { left, top } = this.plot.getBoundingClientRect();
    const { xaxis, yaxis } = this.axesOf(trace);
    const [x, y] = [clientX - left - xaxis._offset, clientY - top - yaxis._offset];
    const points = this.plot._fullData[trace];
    const distances = Array.from(points.x, (each, n) => Math.hypot(xaxis.d2p(each) - x, yaxis.d2p(points.y[n]) - y));
    return distances.indexOf(Math.min(...distances));
  }

  // How far along its axis so many pixels move a mark.
  across(pixels, [trace]) {
    const { xaxis } = this.axesOf(trace);
    return (pixels * (xaxis.range[1] - xaxis.range[0])) / xaxis._length;
  }

  close() {
    freeFigure(this.plot);
    this.node.remove();
  }
}

function put(node, places) {
  for (const [side, pixels] of Object.entries(places)) node.style[side] = `${pixels}px`;
}
