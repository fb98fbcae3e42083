// The parts of a stage that show a table: the figures, the tiles, the live sentence and the texts below.

import { element, setSentence } from "../lib/dom.js";
import { loadPlotly, pathParts, scaled } from "../lib/plot.js";
import { Figure } from "./figure.js";
import { reckoning, textAt, valueAt } from "./tables.js";

const FIGURE_TEXT = 14; // px of the letters in a figure (figures/theme.py)
const ALL = [0, 0, 1, 1];

export class Board {
  constructor(data) {
    this.data = data;
    this.tiles = element("dl", { class: "bnl-tiles", hidden: "" });
    this.boxes = element("div", { class: "bnl-figures", "data-waiting": data.texts.waiting });
    this.sentence = element("p", { class: "bnl-sentence" });
    this.below = element("div", { class: "bnl-below" });
    this.values = [];
    this.figures = [];
  }

  layOutTiles(labels) {
    if (this.data.picture || JSON.stringify(labels) === this.labels) return;
    this.labels = JSON.stringify(labels);
    this.values = labels.map(() => element("dd"));
    const tile = (label, index) => {
      const style = `--bnl-room: calc(1.2ch * ${this.data.rooms[index]})`; // dd's letters: 1.2em
      return element("div", { style }, element("dt", {}, label), this.values[index]);
    };
    this.tiles.replaceChildren(...labels.map(tile));
    this.tiles.hidden = false;
  }

  // The empty figures, in the present theme and view.
  layOutFigures(blank, dark) {
    const { figures } = this.data;
    const shown = figures ?? blank.map((_, index) => index);
    const scale = this.scale;
    if (this.blank !== blank || this.laidOutFor !== scale) {
      for (const one of this.figures.splice(shown.length)) one.close();
      while (this.figures.length < shown.length) this.add(this.figure(this.figures.length));
      const placeOf = ({ place, teach }) => (figures ? ALL : scale > 1 ? teach : place);
      shown.forEach((index, place) => this.take(this.figures[place], blank[index], placeOf(blank[index])));
    }
    this.laidOutFor = scale;
    this.blank = blank;
    this.shown = shown;
    for (const one of this.figures) one.dress(this.data.dark, dark, scale);
    this.filledFrom = null;
  }

  // The factor on the size of letters and lines: on a projector the same as the page's.
  get scale() {
    if (this.data.scale === 1) return 1;
    return Math.max(1.2, parseFloat(getComputedStyle(document.documentElement).fontSize) / FIGURE_TEXT);
  }

  figure(index) {
    return new Figure(index, `${this.data.slug}-${index + 1}`, this.data.texts, () => this.captionOf());
  }

  add(figure) {
    this.figures.push(figure);
    this.boxes.append(figure.node);
  }

  take(figure, blank, place) {
    figure.take(blank, place);
    this.gripped?.(figure);
  }

  size(narrow) {
    return this.figures.map((one) => one.size(narrow)).some(Boolean);
  }

  // Tracks that are the same at every step are put in place once per table.
  fill(table, step) {
    const fresh = this.filledFrom !== table;
    this.filledFrom = table;
    for (const track of table.tracks) {
      const figure = this.figures[this.shown.indexOf(track.figure)];
      const moves = track.strings ? track.strings.length > 1 : track.shape[0] > 1;
      if (!figure || !(moves || fresh)) continue;
      figure.set(track.parts, inView(plainIn(track.parts, valueAt(track, step)), track.parts, this.laidOutFor));
    }
  }

  draw() {
    return loadPlotly(this.data.plotly).then((Plotly) => Promise.all(this.figures.map((one) => one.draw(Plotly))));
  }

  // `aside`: a text in place of the live sentence until the next move. `asking`: hide everything that tells the answer.
  say(texts, step, { caption, guess, aside, asking }) {
    setSentence(this.sentence, asking ? "" : aside || textAt(texts, "sentence", step));
    this.values.forEach((node, index) => (node.textContent = (!asking && textAt(texts, `tile.${index}`, step)) || "–"));
    if (this.data.picture) return;
    const lines = [...(asking ? [] : this.further(texts, step, guess, aside)), caption].filter(Boolean);
    if (this.lines === lines.join("\n")) return;
    this.lines = lines.join("\n");
    this.below.replaceChildren(...lines.map((line) => paragraphOf(line, line === caption ? "bnl-caption" : "")));
  }

  // What stands beside the figures is not told again below; a projector shows the guess there until the next move.
  further(texts, step, guess, aside) {
    const told = reckoning(texts, step);
    const answer = told === aside ? [] : [this.data.scale > 1 && guess, told];
    return [answer.filter(Boolean).join(" "), textAt(texts, "hint", step)];
  }

  // The description of each figure, except of what the reader is still to predict.
  describe(texts, step, veil) {
    this.figures.forEach((figure, place) => {
      const label = figure.tells && veil ? veil : textAt(texts, `alt.${this.shown[place]}`, step);
      figure.plot.setAttribute("aria-label", label);
      figure.veiled(veil);
      figure.network?.describe(Boolean(veil));
    });
  }

  // Room for the longest sentence that a drag can produce, if something is below it.
  keepRoom(longest) {
    const now = [...this.sentence.childNodes];
    this.sentence.style.minHeight = "";
    if (!longest) return;
    setSentence(this.sentence, longest);
    this.sentence.style.minHeight = `${this.sentence.offsetHeight}px`;
    this.sentence.replaceChildren(...now);
  }

  // The numbers as text, if the drawing library did not load.
  tellInWords(error, texts, step) {
    this.figures.forEach((figure, place) => {
      const rows = Object.entries(figure.numbers).map(([label, path]) => {
        const values = pathParts(path).reduce((value, part) => value?.[part], figure.spec);
        const numbers = [...(values ?? [])].filter(Number.isFinite).map((value) => Number(value.toPrecision(4)));
        return element("p", {}, element("strong", {}, `${label}: `), numbers.join("  "));
      });
      const why = element("p", { role: "alert" }, `${this.data.texts.missing} (${error.message})`);
      const alt = element("p", {}, textAt(texts, `alt.${this.shown[place]}`, step));
      figure.plot.replaceChildren(...(place ? [] : [why]), alt, ...rows);
    });
  }

  close() {
    for (const one of this.figures.splice(0)) one.close();
  }
}

function paragraphOf(line, kind) {
  const paragraph = element("p", kind ? { class: kind } : {});
  setSentence(paragraph, line);
  return paragraph;
}

// plotly.js accepts typed arrays in data, but not in a layout.
function plainIn(parts, value) {
  return parts[0] === "layout" && ArrayBuffer.isView(value) ? [...value] : value;
}

// In the teaching view, sizes that change grow as much as fixed ones.
function inView(value, parts, scale) {
  if (scale === 1 || !["size", "width"].includes(parts.at(-1))) return value;
  return scaled(ArrayBuffer.isView(value) ? [...value] : value, scale, parts.at(-1), parts.at(-2));
}
