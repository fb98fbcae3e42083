// A figure on screen: its axes, the marks of the run's events, the words at the ends of its lines, its menu.

import { element } from "../lib/dom.js";
import { menuOf, nameMenu } from "../lib/menu.js";
import { drawFigure, scaled } from "../lib/plot.js";
import { Axis } from "./axis.js";
import { giveRoom, LETTER, placeWords } from "./endings.js";
import { fillTraces } from "./fill.js";
import { filled, GROW } from "./numbers.js";

const MARK_SIZE = 13;
const LINEAR = { type: "linear", dtick: undefined, tickfont: undefined };
// The sources that snapshots fill.
const INSIDE = ["layer", "units", "gap", "profile", "heat", "ridge", "grid", "won", "guide"];
const FULL = 1.5; // the factor on letters and lines in full screen
const KEY_ROWS = 2.7; // lines of room for the key below the axis, in full screen

export class Chart {
  constructor(texts, onPick) {
    this.plot = element("div", { class: "bnl-figure", role: "img" });
    this.menu = menuOf(this, texts);
    this.node = element("figure", { class: "bns-chart" }, this.plot, this.menu);
    this.texts = texts;
    this.onPick = onPick;
    this.axis = new Axis();
    this.node.addEventListener("fullscreenchange", () => this.redraw());
  }

  set({ spec, alt, width }, themed) {
    this.spec = themed(spec);
    this.powers = this.spec.layout.yaxis.tickfont;
    this.begin = structuredClone(this.spec.layout.yaxis.range ?? null);
    this.meta = this.spec.layout.meta ?? {};
    this.height = this.spec.layout.height;
    this.right = this.spec.layout.margin.r;
    this.drawn = null;
    this.slow = this.spec.data.every(({ meta }) => !meta?.source || INSIDE.includes(meta.source));
    this.alt = alt;
    nameMenu(this.menu, this.texts, alt.replace(/\.$/, ""));
    this.node.style.setProperty("--bnl-share", width);
    this.plot.style.minHeight = `${this.height}px`;
  }

  // The height from the next drawing on; returns whether it has changed.
  stand(height) {
    if (height === this.height) return false;
    this.height = height;
    this.plot.style.minHeight = `${height}px`;
    return true;
  }

  // Between two snapshots the figures of a layer's inside do not change.
  show(Plotly, history, look) {
    const { parts, colors, labels, ...seen } = look;
    const cursor = look.following ? null : look.step;
    const state = JSON.stringify([
      history.layer, history.recorded.length, history.recorded.at(-1), history.diverged, history.changes,
      history.facts.n, { ...seen, step: cursor },
    ]);
    if (this.slow && this.drawn === state && !this.axis.glides) return null;
    this.drawn = state;
    return this.draw(Plotly, history, look);
  }

  draw(Plotly, history, look) {
    this.history = history;
    this.look = look;
    if (this.meta.over === "step") this.setTime();
    const drawn = fillTraces(this.spec, history, look);
    const { full } = this;
    this.spec.layout.height = full ? window.innerHeight : this.height;
    giveRoom(this);
    this.setAxes(drawn);
    placeWords(this);
    if (this.meta.over === "step") this.spec.layout.annotations.push(...this.markWords());
    this.plot.setAttribute("aria-label", [this.alt, ...this.wordsInView()].join(" "));
    this.spec.layout.shapes = this.meta.over === "step" ? this.marks() : [];
    return drawFigure(Plotly, this.plot, full ? this.enlarged() : this.spec).then(() => this.listen());
  }

  // In full screen, with larger letters and the key to its lines, which is elsewhere on the page.
  enlarged() {
    const large = scaled(this.spec, FULL);
    Object.assign(large.layout, {
      showlegend: true,
      legend: { orientation: "h", y: 0, yref: "container", yanchor: "bottom", font: { size: 14 * FULL } },
    });
    large.layout.margin.b += KEY_ROWS * this.lineHeight;
    return large;
  }

  redraw() {
    if (window.Plotly && this.look) this.draw(window.Plotly, this.history, this.look);
  }

  listen() {
    if (this.listening || this.meta.over !== "step") return;
    this.listening = true;
    this.plot.on("plotly_click", ({ points }) => this.onPick(points[0].x, this.look.axis));
  }

  setTime() {
    const { xaxis } = this.spec.layout;
    const ends = this.look.window ?? [0, this.history.facts.steps ? this.look.total : xaxis.range[1]];
    xaxis.range = this.whole.across(ends, this.look.axis).map((end, side) => end ?? side);
    xaxis.title = { ...xaxis.title, text: this.texts[`axis.${this.look.axis}`] };
  }

  setAxes(drawn) {
    const { yaxis } = this.spec.layout;
    const log = this.meta.linear ? this.look.log : yaxis.type === "log";
    const kind = log ? { type: "log", dtick: 1, tickfont: this.powers } : LINEAR;
    if (this.meta.linear) Object.assign(yaxis, kind);
    if (this.meta.grow) yaxis.range = this.growing(log, drawn.filter((value) => typeof value === "number"));
    if (log && yaxis.range) yaxis.dtick = Math.ceil(((yaxis.range[1] - yaxis.range[0]) * this.lineHeight) / this.inner);
  }

  get full() {
    return document.fullscreenElement === this.node;
  }

  // The height of the plot between its margins, and of a line of its text, as they are drawn.
  get inner() {
    const { height, margin } = this.spec.layout;
    const key = this.full ? KEY_ROWS * this.lineHeight : 0;
    return height - (this.full ? FULL : 1) * (margin.t + margin.b) - key;
  }

  get lineHeight() {
    return 1.35 * 14 * this.look.scale * (this.full ? FULL : 1);
  }

  growing(log, drawn) {
    const start = this.meta.linear && !log ? this.meta.linear : this.begin;
    const target = GROW[log ? "decades" : "linear"](start, drawn, this.meta.ceiling);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const how = { now: performance.now(), empty: !drawn.length, calm };
    return this.axis.towards(target, [this.whole, log, String(this.look.window)], how);
  }

  // The axis also spans what is still hidden.
  get whole() {
    return this.history.whole ?? this.history;
  }

  across(step) {
    return this.whole.across([step], this.look.axis)[0];
  }

  // The values of its lines at the reader's step, as in the words on screen.
  wordsInView() {
    const words = this.spec.layout.annotations.filter(({ name, visible }) => name && (name === "mark" || visible));
    return words.map(({ text }) => `${text.replace(/<[^>]*>/g, (tag) => (tag === "<br>" ? " " : ""))}.`);
  }

  // Whether the trace's lane has diverged by the reader's step.
  lostBy({ source, lane }) {
    const at = this.history.diverged[lane];
    return source !== "guide" && typeof at === "number" && (this.look.following || at <= this.look.step);
  }

  color(lane) {
    return this.look.colors[lane];
  }

  // The events at the run's steps: where lanes of this figure were lost, and what was changed.
  get events() {
    const lanes = new Set(this.spec.data.map(({ meta }) => meta?.lane));
    const lost = this.history.diverged.flatMap((step, lane) =>
      typeof step === "number" && lanes.has(lane)
        ? [{ step, text: filled(this.texts.cross, { step }), color: this.color(lane), dash: "dash", width: 2 }]
        : [],
    );
    const changed = this.history.changes.map(({ step, field, value }) => {
      const text = filled(this.texts["mark.changed"], { label: this.look.labels[field] ?? field, value });
      return { step, text, color: this.look.ink, dash: "dot", width: 1 };
    });
    return [...lost, ...changed].sort((a, b) => a.step - b.step);
  }

  marks() {
    const line = (step, color, width, dash = "solid") => ({
      ...{ type: "line", x0: this.across(step), x1: this.across(step), y0: 0, y1: 1, yref: "paper" },
      line: { color, width, dash },
    });
    const cursor = this.history.at.length && !this.look.following ? [line(this.look.step, this.look.ink, 1.5)] : [];
    return [...this.events.map(({ step, color, width, dash }) => line(step, color, width, dash)), ...cursor];
  }

  // The events' words are above the plot; of those that would overlap only the first, and how many more there are.
  markWords() {
    const { xaxis, margin } = this.spec.layout;
    const width = Math.max(1, this.plot.clientWidth - margin.l - margin.r);
    const place = (step) => (width * (this.across(step) - xaxis.range[0])) / (xaxis.range[1] - xaxis.range[0]);
    const size = MARK_SIZE * this.look.scale;
    const groups = [];
    for (const event of this.events) {
      const last = groups.at(-1);
      if (last && place(event.step) < last.end) last.events.push(event);
      else groups.push({ events: [event] });
      const group = groups.at(-1);
      group.end =
        place(group.events[0].step) + LETTER * size * (group.events[0].text.length + (group.events.length > 1 ? 5 : 0));
    }
    return groups.map(({ events: [{ step, text, color }, ...more] }) => {
      const label = more.length ? `${text} · +${more.length}` : text;
      const long = LETTER * size * label.length;
      const left = place(step) + long <= width || place(step) < long;
      return {
        ...{
          name: "mark", x: this.across(step), xanchor: left ? "left" : "right", y: 1, yref: "paper", yanchor: "bottom",
        },
        ...{ text: `<span style="color:${color}">${label}</span>`, font: { size }, showarrow: false },
      };
    });
  }
}
