// One control, or several, that redraw linked figures from tables the engine computed, while they are dragged.
// Nothing is sent to Python until the control is let go. The payload's layout is told in ui/scrub.py.

function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const numbers = new Float32Array(bytes.slice(4 + length).buffer);
  return { ...head, numbers };
}

function valueAt(track, step, numbers) {
  if (track.strings) return track.strings[step];
  const [, ...shape] = track.shape;
  const size = shape.reduce((product, n) => product * n, 1);
  const begin = track.offset + step * size;
  if (shape.length === 0) return Number.isNaN(numbers[begin]) ? null : numbers[begin];
  if (shape.length === 1) return numbers.subarray(begin, begin + size);
  const columns = shape[1];
  return Array.from({ length: shape[0] }, (_, row) =>
    numbers.subarray(begin + row * columns, begin + (row + 1) * columns),
  );
}

// Figures carry their fixed numbers as base64, which plotly.js would decode.
const TYPED = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u1: Uint8Array, i1: Int8Array };
function plainNumbers(values) {
  if (!values?.bdata) return Array.from(values ?? [], (entry) => (ArrayBuffer.isView(entry) ? [...entry] : entry));
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return Array.from(new (TYPED[values.dtype] ?? Uint8Array)(bytes.buffer));
}

// Sizes that move grow in the teaching view as those that stand still do.
function inView(value, parts, scale) {
  if (scale === 1 || !["size", "width"].includes(parts.at(-1))) return value;
  return scaled(ArrayBuffer.isView(value) ? [...value] : value, scale, parts.at(-1), parts.at(-2));
}

// Marks stand centred under their step, except at the ends, where they would be cut off.
function markShift(step, last) {
  return { 0: "0%", [last]: "-100%" }[step] ?? "-50%";
}

// A mark that would touch the one before it goes to the row below.
function stagger(marks) {
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

// The largest share of the window's height that the sentence and the controls take while the page scrolls under them.
const STAYS = 0.35;

class Scrub {
  constructor(root) {
    this.root = root;
    this.tiles = element("dl", { class: "bnl-tiles" });
    this.figures = element("div", { class: "bnl-figures" });
    this.controls = element("div", { class: "bnl-controls" });
    this.sentence = element("p", { class: "bnl-sentence" });
    this.panel = element("div", { class: "bnl-panel" }, this.sentence, this.controls);
    this.spoken = element("p", { class: "bnl-spoken", role: "status", "aria-live": "polite" });
    root.replaceChildren(this.tiles, this.figures, this.panel, this.spoken);
    this.draws = 0;
    this.fitted = () => this.fit();
    this.sizes = new ResizeObserver(this.fitted);
    this.sizes.observe(root);
    window.addEventListener("resize", this.fitted);
  }

  update(payload, release) {
    this.payload = payload;
    this.release = release;
    this.dark = isDark(this.root);
    this.layOutTiles();
    this.layOutFigures();
    this.layOutControls();
    this.active ??= payload.controls[0]?.name ?? "";
    if (!(this.active in payload.tracks)) this.active = payload.controls[0]?.name ?? "";
    this.fit();
    this.draw();
    if (this.spoken.textContent) this.spoken.textContent = this.sentence.textContent;
  }

  layOutTiles() {
    this.tiles.hidden = this.payload.tiles.length === 0;
    this.values = this.payload.tiles.map(() => element("dd"));
    this.tiles.replaceChildren(
      ...this.payload.tiles.map((label, index) => {
        const style = `--bnl-room: calc(1.3ch * ${this.longest(`tiles.${index}`).length})`; // dd's letters: 1.3em
        return element("div", { style }, element("dt", {}, label), this.values[index]);
      }),
    );
  }

  // The longest text that a drag can bring: room for it is kept, so that nothing below moves while dragging.
  longest(name) {
    const lines = Object.values(this.payload.texts).flatMap((named) => named[name] ?? []);
    return lines.reduce((longest, line) => (line.length > longest.length ? line : longest), "");
  }

  keepRoomForSentence() {
    const said = [...this.sentence.childNodes];
    this.sentence.style.minHeight = "";
    setSentence(this.sentence, this.longest("sentence"));
    this.sentence.style.minHeight = `${this.sentence.offsetHeight}px`;
    this.sentence.replaceChildren(...said);
  }

  // What depends on the room there is: rows of marks, the sentence's height, and whether the panel stays in view.
  fit() {
    if (!this.payload) return;
    this.keepRoomForSentence();
    for (const marks of this.controls.querySelectorAll(".bnl-marks")) stagger(marks);
    const stays = this.payload.controls.length > 0 && this.panel.offsetHeight <= STAYS * window.innerHeight;
    this.panel.classList.toggle("bnl-stays", stays);
  }

  layOutFigures() {
    const { figures, dark, scale } = this.payload;
    this.specs = figures.map((figure) => scaled(JSON.parse(inTheme(figure.spec, dark, this.dark)), scale));
    placeFigures(this.figures, figures, this.specs);
  }

  layOutControls() {
    const { controls } = this.payload;
    this.controls.hidden = controls.length === 0;
    this.panel.classList.toggle("bnl-many", controls.length > 2);
    const kept = new Map([...this.controls.children].map((node) => [node.dataset.name, node]));
    const nodes = controls.map((control) => kept.get(control.name) ?? this.newControl(control.name));
    // Moving a node that is already in place would end a drag in progress.
    if (nodes.some((node, index) => node !== this.controls.children[index]) || kept.size !== nodes.length) {
      this.controls.replaceChildren(...nodes);
    }
    controls.forEach((control, index) => this.furnish(nodes[index], control));
  }

  newControl(name) {
    const id = `bnl-${name.replace(/\W/g, "-")}`;
    const input = element("input", { type: "range", id, min: 0, step: 1 });
    const node = element(
      "div",
      { class: "bnl-control" },
      element("div", { class: "bnl-head" }, element("label", { for: id }), element("output", { for: id })),
      input,
      element("div", { class: "bnl-marks" }),
    );
    node.dataset.name = name;
    input.addEventListener("pointerdown", () => {
      this.held = name;
      this.byKey = false;
    });
    input.addEventListener("pointerup", () => (this.held = null));
    input.addEventListener("pointercancel", () => (this.held = null));
    input.addEventListener("keydown", () => (this.byKey = true));
    input.addEventListener("input", () => this.moved(name));
    input.addEventListener("change", () => this.letGo(name));
    input.addEventListener("dblclick", () => this.goTo(name, this.control(name).reset));
    return node;
  }

  furnish(node, control) {
    const input = node.querySelector("input");
    node.querySelector("label").textContent = control.label;
    input.max = control.shown.length - 1;
    const busy = this.held === control.name || this.pending?.name === control.name;
    if (!busy) input.value = control.start;
    const last = control.shown.length - 1;
    node.querySelector(".bnl-marks").replaceChildren(
      ...Object.entries(control.marks).map(([step, text]) => {
        const mark = element("button", { type: "button", style: `--bnl-at: ${step / last}; --bnl-shift: ${markShift(step, last)}` }, text);
        mark.addEventListener("click", () => this.goTo(control.name, Number(step)));
        return mark;
      }),
    );
    this.showValue(control.name);
  }

  control(name) {
    return this.payload.controls.find((control) => control.name === name);
  }

  input(name) {
    return this.controls.querySelector(`[data-name="${name}"] input`);
  }

  showValue(name) {
    const input = this.input(name);
    const shown = this.control(name).shown[input.value];
    input.setAttribute("aria-valuetext", shown);
    input.style.setProperty("--bnl-at", input.max > 0 ? input.value / input.max : 0);
    input.closest(".bnl-control").querySelector("output").textContent = shown;
  }

  moved(name) {
    this.active = name;
    this.showValue(name);
    this.scheduleDraw();
  }

  goTo(name, step) {
    const input = this.input(name);
    const from = Number(input.value);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frames = calm ? 1 : Math.min(18, Math.abs(step - from));
    let frame = 0;
    const glide = () => {
      frame += 1;
      input.value = Math.round(from + (step - from) * Math.min(1, frame / Math.max(1, frames)));
      this.moved(name);
      if (frame < frames) requestAnimationFrame(glide);
      else this.letGo(name);
    };
    glide();
  }

  // Arrow keys and double clicks change the value several times; Python hears once, when they rest.
  letGo(name) {
    if (this.pending && this.pending.name !== name) this.report();
    clearTimeout(this.timer);
    this.pending = { name, step: Number(this.input(name).value) };
    this.timer = setTimeout(() => this.report(), this.byKey ? 400 : 150);
  }

  report() {
    clearTimeout(this.timer);
    const { name, step } = this.pending;
    this.pending = null;
    this.spoken.textContent = this.sentence.textContent;
    const control = this.control(name);
    if (control && step !== control.start) this.release({ name, step });
  }

  scheduleDraw() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  step() {
    return this.active ? Number(this.input(this.active).value) : 0;
  }

  draw() {
    const step = this.step();
    const { tracks, texts, numbers, plotly, scale } = this.payload;
    for (const track of tracks[this.active] ?? []) {
      setPath(this.specs[track.figure], track.parts, inView(valueAt(track, step, numbers), track.parts, scale));
    }
    const words = texts[this.active] ?? {};
    this.sentence.hidden = !words.sentence;
    this.panel.hidden = this.sentence.hidden && this.controls.hidden;
    setSentence(this.sentence, words.sentence?.[step] ?? "");
    this.values.forEach((node, index) => (node.textContent = words[`tiles.${index}`]?.[step] ?? "–"));
    return loadPlotly(plotly)
      .then((Plotly) => this.specs.map((spec, index) => drawFigure(Plotly, this.figures.children[index], spec)))
      .then((drawing) => Promise.all(drawing))
      .then(() => {
        this.draws += 1;
        this.root.dataset.draws = this.draws;
        this.root.dataset.ready = "true";
      })
      .catch((error) => this.tellInWords(error));
  }

  tellInWords(error) {
    this.root.dataset.ready = "words";
    this.payload.figures.forEach((figure, index) => {
      const rows = Object.entries(figure.numbers).map(([label, path]) => {
        const place = pathParts(path).reduce((value, part) => value?.[part], this.specs[index]);
        const told = plainNumbers(place).flat().filter(Number.isFinite).map((value) => Number(value.toPrecision(4)));
        return element("p", {}, element("strong", {}, `${label}: `), told.join("  "));
      });
      const why = element("p", { role: "alert" }, `${this.payload.missing} (${error.message})`);
      this.figures.children[index].replaceChildren(...(index ? [] : [why]), element("p", {}, figure.alt), ...rows);
    });
  }

  close() {
    clearTimeout(this.timer);
    this.sizes.disconnect();
    window.removeEventListener("resize", this.fitted);
    placeFigures(this.figures, [], []);
  }
}

function prepared(bytes) {
  const payload = unpack(bytes);
  for (const list of Object.values(payload.tracks)) {
    for (const track of list) track.parts = pathParts(track.path);
  }
  return payload;
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".bnl-scrub");
  root.scrub ??= new Scrub(root);
  root.scrub.update(prepared(data), (released) => setStateValue("released", released));
  return () => {
    root.scrub?.close();
    delete root.scrub;
  };
}
