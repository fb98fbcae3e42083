// The figures on screen: those of the main part and of the open view, drawn at most once per frame.

class Desk {
  constructor(studio) {
    this.studio = studio;
    this.charts = new Map();
    this.main = element("div", { class: "bnl-figures" });
  }

  // The figures of the main part and of the open view; the others' drawings are given back.
  layOut(fresh = false) {
    const { data, views } = this.studio;
    const main = data.figures.filter(({ view }) => view === "main");
    const shown = [...main, ...views.shown];
    this.giveBack(new Set(shown.map(({ name }) => name)));
    const readable = (spec) => {
      const large = scaled(JSON.parse(this.studio.themed(spec)), data.scale);
      large.layout.height *= (1 + data.scale) / 2; // no control must stay in sight below these figures
      return large;
    };
    for (const figure of shown) {
      const known = this.charts.get(figure.name);
      if (!known) this.charts.set(figure.name, new Chart(data.texts, (at, axis) => this.studio.pick(at, axis)));
      if (!known || fresh) this.charts.get(figure.name).set(figure, readable);
    }
    const nodes = (list) => list.map(({ name }) => this.charts.get(name).node);
    place(this.main, nodes(main));
    place(views.figures, nodes(views.shown));
  }

  giveBack(names) {
    for (const [name, chart] of this.charts) {
      if (names.has(name)) continue;
      window.Plotly?.purge(chart.plot);
      this.charts.delete(name);
    }
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  draw() {
    const { root, data, seen: course, look, views } = this.studio;
    views.drawBody(course, look);
    return loadPlotly(data.plotly)
      .then((Plotly) => Promise.all([...this.charts.values()].map((chart) => chart.draw(Plotly, course, look))))
      .then(() => {
        root.dataset.draws = Number(root.dataset.draws ?? 0) + 1;
        root.dataset.ready = "true";
      })
      .catch((error) => {
        if (window.Plotly) throw error;
        root.dataset.ready = "words";
        this.main.replaceChildren(...inWords(error, data, course, look));
      });
  }
}
