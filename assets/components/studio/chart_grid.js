// The figures on screen: those of the main part and of the open view, drawn at most once per frame.

import { element } from "../lib/dom.js";
import { freeFigure, loadPlotly, scaled } from "../lib/plot.js";
import { Chart } from "./charts.js";
import { kindsDrawn } from "./legend.js";
import { heightOf } from "./room.js";
import { inWords } from "./status.js";

const KEY = 12.75; // px, the letters of the key to the kinds of curves

export class ChartGrid {
  constructor(studio) {
    this.studio = studio;
    this.charts = new Map();
    this.main = element("div", { class: "bnl-figures" });
    this.key = element("ul", { class: "bns-kinds", "aria-label": studio.data.texts.kinds });
  }

  // Show the figures of the main part and of the open view; the drawings of the others are freed.
  layOut(fresh = false) {
    const { data, views } = this.studio;
    const main = data.figures.filter(({ view }) => view === "main");
    const shown = [...main, ...views.shown];
    this.giveBack(new Set(shown.map(({ name }) => name)));
    const readable = (spec) => {
      const large = scaled(JSON.parse(this.studio.themed(spec)), data.scale);
      large.layout.height *= (1 + data.scale) / 2; // no control below these figures has to stay in sight
      return large;
    };
    for (const figure of shown) {
      const known = this.charts.get(figure.name);
      if (!known) this.charts.set(figure.name, new Chart(data.texts, (at, axis) => this.studio.pick(at, axis)));
      if (!known || fresh) this.charts.get(figure.name).set(figure, readable);
    }
    const nodes = (list) => list.map(({ name }) => this.charts.get(name).node);
    place(this.main, nodes(main));
    if (this.key.parentNode !== this.main.firstChild) this.main.firstChild.append(this.key);
    place(views.figures, nodes(views.shown));
    this.fit();
  }

  // Set the height of the main part to the room on the first screen; returns whether it has changed.
  fit() {
    const height = heightOf(this.studio);
    const main = this.studio.data.figures.filter(({ view }) => view === "main");
    return main.map(({ name }) => this.charts.get(name)?.stand(height)).includes(true);
  }

  giveBack(names) {
    for (const [name, chart] of this.charts) {
      if (names.has(name)) continue;
      freeFigure(chart.plot);
      this.charts.delete(name);
    }
  }

  // At most once per frame, and never while a drawing is being made: a slow machine shows fewer of them.
  schedule() {
    this.due = true;
    if (this.busy) return;
    this.busy = true;
    requestAnimationFrame(async () => {
      this.due = false;
      try {
        await this.draw();
      } finally {
        this.busy = false;
        if (this.due) this.schedule();
      }
    });
  }

  // Beside the first figure's title, where it moves nothing.
  drawKey() {
    const { data, look } = this.studio;
    const told = JSON.stringify([look.parts, look.ink, look.scale]);
    if (told === this.told) return;
    this.told = told;
    this.key.style.fontSize = `${KEY * look.scale}px`;
    this.key.replaceChildren(...kindsDrawn(data, look));
  }

  draw() {
    const { root, data, run, look, views } = this.studio;
    const history = run.seen;
    this.drawKey();
    views.drawBody(history, look);
    this.studio.network.draw(history, look);
    return loadPlotly(data.plotly)
      .then((Plotly) => Promise.all([...this.charts.values()].map((chart) => chart.show(Plotly, history, look))))
      .then(() => {
        root.dataset.draws = Number(root.dataset.draws ?? 0) + 1;
        root.dataset.ready = "true";
        if ([...this.charts.values()].some(({ axis }) => axis.glides)) this.schedule();
      })
      .catch((error) => {
        if (window.Plotly) throw error;
        root.dataset.ready = "words";
        this.main.replaceChildren(...inWords(error, data, history, look));
      });
  }
}

// Put the nodes there in order, without moving those that are in place: a moved canvas is drawn again.
function place(parent, nodes) {
  if (nodes.length === parent.children.length && nodes.every((node, index) => parent.children[index] === node)) return;
  parent.replaceChildren(...nodes);
}
