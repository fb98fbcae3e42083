// The networks in whose blocks a figure draws what comes out of them. A press on one looks at its layer or, where a
// picture leads on, at the lesson about that part.

import { arrowKeys, block, sign } from "../lib/blocks.js";
import { appUrl, element, filledWith } from "../lib/dom.js";

const HALF = 0.46; // of a row: a block reaches so far above and below its middle
const GAP = 0.003; // of the figure's width, in a picture
const ASIDE = 0.37; // of the width in which values are drawn: the most that a name may take beside their middle
const FEW = 5; // layers up to which every block has its name in sight

export class Network {
  // net: as figures/blank.py tells it. stage: has the control that a press moves.
  constructor(figure, stage) {
    Object.assign(this, { figure, stage, net: figure.net, texts: stage.data.texts });
    const { lanes, layers } = this.net;
    this.lanes = lanes.map((lane) => this.laneOf(lane, layers));
    const nodes = this.lanes.map(({ node }) => node);
    this.node = element("div", { class: "bnl-net", ...(layers > FEW && { "data-many": "" }) }, ...nodes);
    const open = ({ node }) => node.style.visibility !== "hidden";
    arrowKeys(this.node, () => this.lanes.map(({ blocks }) => blocks.filter(open).map(({ node }) => node)))();
    this.node.addEventListener("click", (event) => this.pressed(event, event.target.closest(".bnl-block")));
    figure.cover.before(this.node);
  }

  laneOf(lane, layers) {
    const rows = Array.from({ length: layers }, (_, number) =>
      lane.blocks.map((part, place) => this.blockOf(part, number + 1, place === lane.drawn)),
    );
    const blocks = [this.blockOf(lane.input, 0, true), ...rows.flat()];
    const name = this.texts[`net.${lane.name}`];
    const about = { role: "group", "aria-label": name };
    return { ...lane, name, blocks, node: element("div", about, ...blocks.map(({ node }) => node)) };
  }

  // A block of the row of that number, 0 being the inputs'; drawn: whether the row's values are drawn in it.
  blockOf(part, row, drawn) {
    const lesson = this.stage.data.leads?.[part.kind];
    const facts = { ...(row && { layer: row }), ...(drawn && { drawn: "" }) };
    const name = this.texts[`net.${part.name}`];
    const brief = this.texts[`net.brief.${part.name}`] ?? name;
    const about = [part.kind, name, { ...facts, name: part.name, brief }];
    const node = block(...about, lesson && appUrl(lesson.slug));
    if (!drawn) sign(node, part.name);
    return { ...part, row, drawn, lesson, node };
  }

  get control() {
    return this.stage.controls.handles.get(this.net.control);
  }

  // Where the page itself has a link to that lesson, that one is pressed: the session goes on, and with it the view.
  pressed(event, node) {
    const own = node?.href && [...document.querySelectorAll(".stPageLink a")].find(({ href }) => href === node.href);
    if (own && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      own.click();
    } else if (!node?.href) this.look(node?.dataset.layer);
  }

  look(layer) {
    const { control } = this;
    if (!layer || !control) return;
    control.take();
    control.jumpTo(Number(layer) - 1);
    control.release();
  }

  // Over the figure as it is drawn: its colors, its axes, the layer that is looked at.
  put() {
    const { _size: { l, w } } = this.figure.plot._fullLayout;
    for (const { trace, node, blocks } of this.lanes) {
      node.style.setProperty("--bnl-lane", this.figure.spec.data[trace].line.color);
      const { yaxis } = this.figure.axesOf(trace);
      const at = (row) => yaxis._offset + yaxis.d2p(row);
      node.style.setProperty("--bnl-row", `${(at(HALF) - at(-HALF)).toFixed(1)}px`);
      for (const { left, right, row, node: { style } } of blocks) {
        const places = { left: l + left * w, width: (right - left) * w, top: at(row - HALF) };
        Object.assign(places, { height: at(row + HALF) - places.top });
        for (const [side, pixels] of Object.entries(places)) style[side] = `${pixels.toFixed(1)}px`;
        style.visibility = this.covered(places) ? "hidden" : "";
      }
    }
    this.shorten(w);
    this.mark();
  }

  // Brief names where whole ones would lie on the values.
  shorten(width) {
    if (width === this.shortened) return;
    this.shortened = width;
    for (const { blocks } of this.lanes) {
      const { node: { offsetWidth } } = blocks.find(({ row, drawn }) => row && drawn);
      for (const { row, drawn, node } of blocks) {
        const named = row < 2 || this.net.layers <= FEW;
        node.toggleAttribute("data-short", drawn && named && node.lastChild.offsetWidth > ASIDE * offsetWidth);
      }
    }
  }

  // Whether the middle of a place lies under the veil, where nothing can be pressed.
  covered({ left, top, width, height }) {
    const { hidden, offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.figure.cover;
    const across = left + width / 2 - offsetLeft;
    const down = top + height / 2 - offsetTop;
    return !hidden && across > 0 && across < offsetWidth && down > 0 && down < offsetHeight;
  }

  mark() {
    const looked = this.control && this.control.step + 1;
    for (const { row, node } of this.lanes.flatMap(({ blocks }) => blocks)) {
      if (row && row === looked) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }

  // What each block is, and the spread of what is drawn in it, unless that is asked for.
  describe(asking) {
    const { stds } = this.figure.spec.layout.meta;
    this.lanes.forEach(({ name, blocks }, lane) => {
      const told = stds[lane].split(", ");
      for (const { row, drawn, lesson, node } of blocks) {
        const facts = { part: node.textContent, layer: row, lane: name, std: told[row - 1], lesson: lesson?.question };
        const heads = [row ? "net.place" : "net.end", row && drawn && !asking && "net.std", lesson && "net.lesson"];
        const text = heads.filter(Boolean).map((head) => filledWith(this.texts[head], facts)).join(" ");
        node.setAttribute("aria-label", text);
        node.title = text;
      }
    });
  }

  // The blocks, and what the first ones are called, into the layout of a picture of the figure.
  drawInto(layout) {
    const { font } = layout;
    layout.shapes = [...(layout.shapes ?? [])];
    layout.annotations = [...(layout.annotations ?? [])];
    for (const { trace, blocks } of this.lanes) {
      const { color } = this.figure.spec.data[trace].line;
      for (const { left, right, row, kind, node } of blocks) {
        const line = kind === "norm" ? { color, width: 2 } : { color: font.color, width: 0.5 };
        const place = { xref: "paper", yref: "y", y0: row - HALF, y1: row + HALF };
        layout.shapes.push({ type: "rect", x0: left + GAP, x1: right - GAP, line, ...place });
        const name = { text: node.textContent, x: left + GAP, xanchor: "left", y: row - HALF, yanchor: "top" };
        if (row < 2) layout.annotations.push({ ...place, ...name, font: { size: 12 }, showarrow: false });
      }
    }
  }

  close() {
    this.node.remove();
  }
}
