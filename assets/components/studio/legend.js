// The legend: lines as they are drawn, and the switches for kinds of curves.

import { element } from "../lib/dom.js";
import { checkOf, selectOf } from "./inputs.js";

export function lineSample(color, dash, width = 2.5, symbol = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 44 12");
  svg.setAttribute("aria-hidden", "true");
  const pattern = { solid: "", dash: "9 6", dot: "2 5", dashdot: "9 4 2 4", longdash: "16 6" }[dash] ?? "";
  const parts = [
    `<line x1="1" y1="6" x2="43" y2="6" stroke="${color}" stroke-width="${width}" stroke-dasharray="${pattern}"/>`,
  ];
  if (symbol === "pale")
    parts.push(`<path d="M1 8l6-5 6 7 6-8 6 7 6-5 6 6 6-6" fill="none" stroke="${color}" opacity="0.3"/>`);
  if (symbol === "circle") parts.push(`<circle cx="22" cy="6" r="4" fill="${color}"/>`);
  if (symbol === "diamond")
    parts.push(`<path d="M22 1l5 5-5 5-5-5z" fill="none" stroke="${color}" stroke-width="1.5"/>`);
  svg.innerHTML = parts.join("");
  return svg;
}

// By kind of curve its symbol, and its line's width in px.
const PART_SYMBOLS = { batch: ["pale", 1.5], inference: ["diamond", 1.5], validation: ["circle", 2.5] };

// The kinds of curves that are drawn, in few words.
export function kindsDrawn({ texts }, { parts, ink }) {
  return Object.entries(PART_SYMBOLS)
    .filter(([part]) => parts[part])
    .map(([part, [symbol, width]]) =>
      element("li", {}, lineSample(ink, "solid", width, symbol), texts[`kind.${part}`]),
    );
}

// Which curves there are, how they are drawn and over what; few: only what a beginner needs to know of them.
export function toggles({ texts, few }, look, act) {
  const offered = Object.entries(PART_SYMBOLS).filter(([part]) => !few || look.parts[part]);
  const parts = offered.map(([part, [symbol, width]]) => {
    const box = checkOf(texts[`part.${part}`], look.parts[part], (on) =>
      act(() => ({ parts: { ...look.parts, [part]: on } })),
    );
    box.insertBefore(lineSample(look.ink, "solid", width, symbol), box.lastChild);
    return box;
  });
  const log = checkOf(texts.log, look.log, (log) => act(() => ({ log })));
  const smooth = checkOf(texts.smooth, look.smooth, (smooth) => act(() => ({ smooth })));
  if (few) return element("div", { class: "bns-toggles" }, ...parts, log);
  const axes = ["step", "epoch", "seconds"].map((axis) => [axis, texts[`over.${axis}`]]);
  const over = selectOf(texts.over, axes, (axis) => act(() => ({ axis })), look.axis);
  return element("div", { class: "bns-toggles" }, ...parts, log, smooth, over);
}
