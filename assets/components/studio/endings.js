// The words at the ends of a chart's lines: each line's name, and its value at the reader's step.

import { isEarly, valueAtCursor } from "./cursor.js";
import { SHOWN, spread } from "./numbers.js";

export const LETTER = 0.6; // of a text's size: the width of a letter
const SIZE = 14; // px, of these words
const NARROW = 376; // px of a chart's width, below which its words are wrapped
const WRAPPED = 10; // letters of the longest value, "2.30 batch"

function endingsOf({ spec: { layout } }) {
  return (layout.annotations ?? []).filter((word) => word.name && word.name !== "mark");
}

// A narrow chart keeps its width for the curves: its words take two lines each, if there is room for these.
export function giveRoom(chart) {
  const { margin } = chart.spec.layout;
  const words = endingsOf(chart);
  const room = chart.inner > 2.4 * words.length * chart.lineHeight;
  const { scale } = chart.look;
  chart.wraps = chart.meta.over === "step" && !chart.full && room && chart.plot.clientWidth < NARROW * scale;
  const letters = Math.max(WRAPPED, ...words.map((word) => (word.words ??= word.text).length));
  margin.r = chart.wraps ? Math.min(chart.right, LETTER * SIZE * scale * letters) : chart.right;
}

function textOf(chart, { words }, trace, value) {
  if (trace.meta.source === "guide") return words;
  const lost = chart.lostBy(trace.meta);
  const shown = lost ? chart.texts["diverged label"] : SHOWN[chart.meta.digits](value);
  const unit = !lost && isEarly(chart, trace) ? ` ${chart.texts["early label"]}` : "";
  return `<b>${words}</b>${chart.wraps ? "<br>" : " "}${shown}${unit}`;
}

// Those that would overlap are moved apart.
export function placeWords(chart) {
  const { data, layout } = chart.spec;
  const log = layout.yaxis.type === "log";
  const words = endingsOf(chart);
  for (const word of words) {
    const trace = data[Number(word.name)];
    const value = trace.meta.source === "guide" ? trace.y[0] : valueAtCursor(chart, trace);
    word.visible = value !== null && !(log && value <= 0);
    if (!word.visible) continue;
    word.text = textOf(chart, word, trace, value);
    word.y = log ? Math.log10(value) : value;
  }
  const [low, high] = layout.yaxis.range ?? [0, 1];
  const gap = ((chart.wraps ? 2 : 1) * chart.lineHeight * (high - low)) / chart.inner;
  spread(words.filter((word) => word.visible), [low, high], gap);
  layout.annotations = words;
}
