// Figures that a training fills while it runs. The browser listens to the job's event stream; Python hears only the end.

const LANES = 2;
const OPEN = ["queued", "running"];

// Everything the training has told, as series that a trace's `meta` names: "at", "loss.0", "validation.at", "layer.batch_mean".
class History {
  constructor() {
    this.at = [];
    this.loss = Array.from({ length: LANES }, () => []);
    this.accuracy = Array.from({ length: LANES }, () => []);
    this.layers = [];
    this.validation = { at: [], loss: this.loss.map(() => []), accuracy: this.loss.map(() => []) };
    this.grid = [];
    this.diverged = [];
  }

  // The first message looks at step 0, which the training then tells again.
  take(told) {
    const fresh = told.at.findIndex((step) => step > (this.at.at(-1) ?? -1));
    if (fresh >= 0) {
      this.at.push(...told.at.slice(fresh));
      for (let lane = 0; lane < LANES; lane += 1) {
        this.loss[lane].push(...told.loss[lane].slice(fresh));
        this.accuracy[lane].push(...told.accuracy[lane].slice(fresh));
      }
      told.layers.forEach((layer, index) => {
        this.layers[index] ??= Object.fromEntries(Object.keys(layer).map((name) => [name, []]));
        for (const [name, values] of Object.entries(layer)) this.layers[index][name].push(...values.slice(fresh));
      });
    }
    for (const { step, loss, accuracy } of told.validation) this.validate(step, loss, accuracy);
    this.diverged = told.diverged;
  }

  validate(step, loss, accuracy) {
    if (step === this.validation.at.at(-1)) return;
    this.validation.at.push(step);
    loss.forEach((value, lane) => this.validation.loss[lane].push(value));
    accuracy.forEach((value, lane) => this.validation.accuracy[lane].push(value));
  }

  series(name, layer) {
    const parts = name.split(".");
    const root = parts[0] === "layer" ? { layer: this.layers[layer] ?? {} } : this;
    return parts.reduce((place, part) => place?.[part], root) ?? [];
  }
}

function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
}

function rowsOf(base64, side) {
  if (!base64) return [];
  const bytes = atob(base64);
  return Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) => bytes.charCodeAt(row * side + column) / 255),
  );
}

function lastOf(values) {
  for (let index = values.length - 1; index >= 0; index -= 1) if (values[index] !== null) return values[index];
  return null;
}

function precisely(value) {
  const far = Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3);
  return (far ? value.toExponential(1) : value.toPrecision(3)).replace("-", "−");
}

const SHOWN = { percent: (value) => `${(100 * value).toFixed(1)}%`, precision: precisely };

// Axes only ever grow, by whole decades or in round steps: a curve never seems to move because its axis did.
const GROW = {
  decades([low, high], values) {
    const positive = values.filter((value) => value > 0);
    if (!positive.length) return [low, high];
    const least = Math.floor(Math.log10(Math.min(...positive)));
    const most = Math.ceil(Math.log10(Math.max(...positive)));
    return [Math.max(-5, Math.min(low, least)), Math.min(3, Math.max(high, most))];
  },
  linear([low, high], values) {
    const known = values.filter((value) => value !== null && Math.abs(value) < 1e12);
    const round = (value) => {
      if (value === 0) return 0;
      const unit = 10 ** Math.floor(Math.log10(Math.abs(value)));
      return Math.sign(value) * Math.ceil(Math.abs(value) / unit) * unit;
    };
    return [Math.min(low, round(Math.min(...known, low))), Math.max(high, round(Math.max(...known, high)))];
  },
};

class Live {
  constructor(root) {
    this.root = root;
    this.note = element("p", { class: "bnl-note", hidden: "" });
    this.status = element("p", { class: "bnl-sentence bnl-status", role: "status", "aria-live": "polite" });
    this.progress = element("progress", { max: 1, value: 0 });
    this.pace = element("p", { class: "bnl-pace" });
    this.lanes = element("p", { class: "bnl-lanes", role: "alert", hidden: "" });
    this.key = element("p", { class: "bnl-pace" });
    this.figures = element("div", { class: "bnl-figures" });
    this.layer = element("select", { id: "bnl-layer" });
    this.layerRow = element("p", { class: "bnl-layer" }, element("label", { for: "bnl-layer" }), this.layer);
    this.layer.addEventListener("change", () => this.draw());
    root.replaceChildren(this.status, this.progress, this.pace, this.lanes, this.note, this.key, this.figures, this.layerRow);
    this.history = new History();
    this.saying = ["empty"];
    this.draws = 0;
  }

  update(data, over) {
    this.data = data;
    this.over = over;
    this.dark = isDark(this.root);
    this.note.hidden = !data.note;
    setSentence(this.note, data.note);
    this.layOutLayers();
    this.layOutFigures();
    if (data.job !== this.job) this.listenTo(data.job);
    this.say(...this.saying);
    this.showDivergence();
    this.draw();
  }

  layOutLayers() {
    const { layers, texts } = this.data;
    this.layerRow.querySelector("label").textContent = texts.layer;
    if (this.layer.options.length === layers) return;
    this.layer.replaceChildren(
      ...Array.from({ length: layers }, (_, index) => element("option", { value: index }, filled(texts["layer of"], { layer: index + 1, layers }))),
    );
  }

  layOutFigures() {
    const { figures, dark, scale } = this.data;
    this.specs = figures.map((figure) => scaled(JSON.parse(inTheme(figure.spec, dark, this.dark)), scale));
    placeFigures(this.figures, figures, this.specs);
  }

  listenTo(job) {
    this.close();
    this.job = job;
    this.history = new History();
    this.root.dataset.status = job ? "asked" : "empty";
    this.root.dataset.points = 0;
    this.say(job ? "asked" : "empty");
    this.showProgress(null);
    this.showDivergence();
    if (!job) return;
    this.stream = new EventSource(appUrl(`api/jobs/${job}/events`));
    this.stream.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.stream.onerror = () => this.lost();
  }

  hear(news) {
    // After a broken connection the stream begins again, with everything.
    if (news.since === 0) this.history = new History();
    for (const told of news.points) this.history.take(told);
    if (news.grid) this.history.grid = news.grid;
    if (news.points.length) this.last = news.points.at(-1);
    if (news.end) {
      this.history.validate(news.end.step, news.end.final.validation.loss, news.end.final.validation.accuracy);
      this.history.diverged = news.end.diverged;
    }
    this.root.dataset.status = news.status;
    this.root.dataset.points = this.history.at.length;
    this.tell(news);
    this.scheduleDraw();
    if (!OPEN.includes(news.status)) this.end();
  }

  tell(news) {
    const { status, reason, place, wait } = news;
    if (status === "queued") {
      this.say(place > 0 && wait >= 1 ? "queued" : "next", { place, wait: duration(wait) });
    } else if (status === "running") {
      this.say(this.history.at.length > 1 ? "running" : "starting");
    } else {
      this.say(reason ? `${status}.${reason}` : status, { step: news.end?.step ?? this.last?.step ?? 0 });
    }
    this.showProgress(status === "queued" ? null : news);
    this.showDivergence();
  }

  say(what, values = {}) {
    const over = this.data.told && (what === "finished" || what.startsWith("stopped"));
    const text = over ? this.data.told : filled(this.data.texts[what] ?? this.data.texts.failed, values);
    this.saying = [what, values];
    if (text === this.said) return;
    this.said = text;
    setSentence(this.status, text);
  }

  showProgress(news) {
    const last = this.history.at.length ? this.last : null;
    this.progress.hidden = this.pace.hidden = !news || !last;
    if (!news || !last) return;
    const step = news.end?.step ?? last.step;
    const running = OPEN.includes(news.status);
    this.progress.max = news.steps;
    this.progress.value = step;
    const values = {
      step,
      steps: news.steps,
      epoch: Math.floor((step * news.epochs) / news.steps),
      epochs: news.epochs,
      rate: Math.round(last.rate),
      left: duration(last.left),
      every: news.record_every,
    };
    this.pace.textContent = filled(this.data.texts[running ? "pace" : "pace over"], values)
      + (news.record_every > 1 ? ` ${filled(this.data.texts.thinned, values)}` : "");
    this.progress.setAttribute("aria-label", this.data.texts.progress);
    this.progress.setAttribute("aria-valuetext", this.pace.textContent);
  }

  showDivergence() {
    const text = this.divergence();
    this.lanes.hidden = !text || Boolean(this.data.told);
    if (text === this.lanes.dataset.said) return;
    this.lanes.dataset.said = text;
    setSentence(this.lanes, text);
  }

  divergence() {
    const { texts } = this.data;
    const [without = null, normalized = null] = this.history.diverged;
    if (without !== null && normalized !== null) return filled(texts["diverged both"], { without, with: normalized });
    if (without !== null) return filled(texts.diverged, { lane: texts.without, step: without });
    return normalized === null ? "" : filled(texts.diverged, { lane: texts.with, step: normalized });
  }

  // The browser tries again by itself, unless the server answered that there is no such training.
  lost() {
    if (this.stream.readyState !== EventSource.CLOSED) {
      this.say("reconnecting");
      return;
    }
    this.root.dataset.status = "forgotten";
    this.say("forgotten");
    this.end();
  }

  end() {
    this.close();
    if (this.data.open) this.over(this.job);
  }

  close() {
    this.stream?.close();
    this.stream = null;
  }

  scheduleDraw() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  fill(spec, node) {
    const layer = Number(this.layer.value || 0);
    const drawn = [];
    for (const trace of spec.data) {
      const { x, y, z, side } = trace.meta ?? {};
      if (z) trace.z = rowsOf(this.history.series(z), side);
      if (!y) continue;
      trace.x = this.history.series(x, layer);
      trace.y = this.history.series(y, layer);
      drawn.push(...trace.y);
    }
    const { grow, digits } = spec.layout.meta ?? {};
    const axis = spec.layout.yaxis;
    if (grow) axis.range = GROW[grow](axis.range, drawn);
    this.placeWords(spec, digits, layer, node);
    this.markDivergence(spec);
  }

  // A lane that stopped being a number left its axis long before; a line of its colour says where.
  markDivergence({ layout }) {
    const lanes = (layout.annotations ?? []).filter((word) => word.name?.startsWith("validation."));
    if (!lanes.length) return;
    const lost = lanes
      .map((word) => ({ colour: word.font.color, at: this.history.diverged[Number(word.name.split(".").at(-1))] }))
      .filter(({ at }) => typeof at === "number");
    const size = 14 * this.data.scale;
    layout.shapes = lost.map(({ colour, at }) => ({
      ...{ type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper" },
      line: { color: colour, width: 3, dash: "dash" },
    }));
    layout.annotations = [
      ...layout.annotations.filter((word) => word.name !== "cross"),
      ...lost.map(({ colour, at }, lane) => ({
        ...{ name: "cross", x: at, xanchor: "left", xshift: 4, y: 1 - 0.12 * lane, yref: "paper", yanchor: "top" },
        text: filled(this.data.texts.cross, { step: at }),
        font: { color: colour, size },
        showarrow: false,
      })),
    ];
  }

  // Each line's name and last value stand at its end; two that would overlap move apart.
  placeWords(spec, digits, layer, node) {
    const { yaxis, annotations = [], height, margin } = spec.layout;
    const log = yaxis.type === "log";
    const [low, high] = yaxis.range ?? [0, 1];
    const words = annotations.filter((word) => word.name && word.name !== "cross");
    for (const word of words) {
      word.words ??= word.text;
      const value = lastOf(this.history.series(word.name, layer));
      word.visible = value !== null && !(log && value <= 0);
      if (!word.visible) continue;
      const lane = word.name.startsWith("validation.") ? Number(word.name.split(".").at(-1)) : null;
      const lost = lane !== null && typeof this.history.diverged[lane] === "number";
      word.text = `<b>${word.words}</b><br>${lost ? this.data.texts["diverged label"] : SHOWN[digits](value)}`;
      word.y = Math.min(high, Math.max(low, log ? Math.log10(value) : value));
    }
    const gap = ((high - low) * 2.6 * 14 * this.data.scale) / (height - margin.t - margin.b);
    const [lower, upper] = words.filter((word) => word.visible).sort((a, b) => a.y - b.y);
    if (!upper || upper.y - lower.y >= gap) return;
    const middle = Math.min(high - gap / 2, Math.max(low + gap / 2, (upper.y + lower.y) / 2));
    lower.y = middle - gap / 2;
    upper.y = middle + gap / 2;
  }

  draw() {
    this.specs.forEach((spec, index) => this.fill(spec, this.figures.children[index]));
    const border = this.specs.some((spec) => spec.data.some((trace) => trace.meta?.z));
    this.key.textContent = [this.data.texts.key, border ? this.data.texts["key border"] : ""].join(" ");
    this.layerRow.hidden = !this.specs.some((spec) => spec.data.some((trace) => trace.meta?.y?.startsWith("layer.")));
    return loadPlotly(this.data.plotly)
      .then((Plotly) => Promise.all(this.specs.map((spec, index) => drawFigure(Plotly, this.figures.children[index], spec))))
      .then(() => {
        this.draws += 1;
        this.root.dataset.draws = this.draws;
        this.root.dataset.ready = "true";
      })
      .catch((error) => this.tellInWords(error));
  }

  tellInWords(error) {
    this.root.dataset.ready = "words";
    this.specs.forEach((spec, index) => {
      const rows = spec.data.filter((trace) => trace.meta?.y).map((trace) => {
        const value = lastOf(trace.y);
        return element("p", {}, element("strong", {}, `${trace.name}: `), value === null ? "–" : String(value));
      });
      const why = element("p", { role: "alert" }, `The drawing library did not load (${error.message}); here are the latest numbers.`);
      this.figures.children[index].replaceChildren(why, element("p", {}, this.data.figures[index].alt), ...rows);
    });
  }
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".bnl-live");
  root.live ??= new Live(root);
  root.live.update(data, (job) => setTriggerValue("over", job));
  return () => {
    root.live?.close();
    for (const node of root.querySelectorAll(".bnl-figure")) window.Plotly?.purge(node);
    delete root.live;
  };
}
