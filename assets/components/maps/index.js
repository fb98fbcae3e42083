// Maps with clickable cells: figures as Python drew them, and the chosen cell. During a sweep the server says when
// there are new cells to draw.

import { appUrl, element } from "../lib/dom.js";
import { menuOf, nameMenu } from "../lib/menu.js";
import { drawFigure, freeFigure, inTheme, isDark, loadPlotly, scaled } from "../lib/plot.js";

class Maps {
  constructor(root) {
    this.root = root;
    this.draws = 0;
    this.charts = new Map();
    this.events = "";
  }

  update(data, pick, changed) {
    this.pick = pick;
    this.finished = data.finished;
    this.listen(data.events, changed);
    const dark = isDark(this.root);
    const names = data.figures.map((figure) => figure.name);
    for (const [name, chart] of this.charts) {
      if (!names.includes(name)) this.forget(name, chart);
    }
    const charts = data.figures.map((figure) => this.charts.get(figure.name) ?? this.added(figure.name, data.texts));
    if (charts.some((chart, index) => this.root.children[index] !== chart.node)) {
      this.root.replaceChildren(...charts.map((chart) => chart.node));
    }
    charts.forEach((chart, index) => this.furnish(chart, data.figures[index], data, dark));
    loadPlotly(data.plotly)
      .then((Plotly) => Promise.all(charts.map((chart) => this.draw(Plotly, chart))))
      .then(() => this.root.setAttribute("data-draws", (this.draws += 1)))
      .catch(() => this.root.replaceChildren(element("p", { role: "alert" }, data.texts["no plotly"])));
  }

  // Ask for a new picture whenever more cells are done than this one shows.
  listen(events, changed) {
    if (events === this.events) return;
    this.source?.close();
    this.events = events;
    this.source = events ? new EventSource(appUrl(events)) : null;
    this.source?.addEventListener("message", ({ data }) => {
      const { finished, going } = JSON.parse(data);
      if (!going) this.source.close();
      if (finished !== this.finished || !going) changed(finished);
    });
  }

  added(name, texts) {
    const plot = element("div", { role: "img" });
    const node = element("div", { class: "bnl-figure bnl-map" }, plot);
    const chart = { node, plot, meta: { name } };
    node.append((chart.menu = menuOf(chart, texts)));
    this.charts.set(name, chart);
    return chart;
  }

  furnish(chart, figure, data, dark) {
    chart.spec = scaled(JSON.parse(inTheme(figure.spec, data.dark, dark)), data.scale);
    chart.spec.layout.shapes = data.picked ? [frame(data.picked, inTheme(data.ink, data.dark, dark))] : [];
    chart.plot.setAttribute("aria-label", figure.alt);
    nameMenu(chart.menu, data.texts, figure.alt.replace(/\.$/, ""));
    chart.node.style.setProperty("--bnl-share", figure.width);
    chart.plot.style.minHeight = `${chart.spec.layout.height}px`;
  }

  async draw(Plotly, chart) {
    await drawFigure(Plotly, chart.plot, chart.spec);
    if (chart.listening) return;
    chart.listening = true;
    chart.plot.on("plotly_click", ({ points }) => {
      const { x, y } = points[0];
      this.pick({ column: String(x), row: String(y) });
    });
  }

  forget(name, chart) {
    freeFigure(chart.plot);
    chart.node.remove();
    this.charts.delete(name);
  }

  close() {
    this.source?.close();
    for (const [name, chart] of [...this.charts]) this.forget(name, chart);
  }
}

// A frame around the chosen cell.
function frame({ column, row }, color) {
  const [x0, x1, y0, y1] = [column - 0.5, column + 0.5, row - 0.5, row + 0.5];
  return { type: "rect", x0, x1, y0, y1, line: { color: color, width: 3 }, fillcolor: "rgba(0,0,0,0)" };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".bnl-maps");
  root.maps ??= new Maps(root);
  const [pick, changed] = ["picked", "changed"].map((name) => (value) => setTriggerValue(name, value));
  root.maps.update(data, pick, changed);
  return () => {
    root.maps?.close();
    delete root.maps;
  };
}
