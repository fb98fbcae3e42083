// The digits that a lane gets wrong at the reader's step: the image, its label, the prediction and its probability.

import { element } from "../lib/dom.js";
import { filled, percent } from "./numbers.js";

function digitOf(pixels, row, side, ink) {
  const canvas = element("canvas", { width: side, height: side, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  for (let place = 0; place < side * side; place += 1) {
    context.globalAlpha = pixels[row * side * side + place] / 16;
    context.fillStyle = ink;
    context.fillRect(place % side, Math.floor(place / side), 1, 1);
  }
  return canvas;
}

export function mistakesOf(history, look, texts, lanes, digits) {
  const snapshot = history.snapshot(look.step);
  const pixels = (digits.decoded ??= Uint8Array.from(atob(digits.pixels), (letter) => letter.charCodeAt(0)));
  return lanes.map(({ name, color }, lane) => {
    const { mistakes, wrong } = snapshot?.lanes[lane] ?? {};
    const all = pixels.length / digits.side ** 2;
    const counted = wrong ? filled(texts["mistakes of"], { shown: mistakes.length, wrong, all }) : "";
    const title = element("h2", { style: `color: ${color}` }, [name, counted].filter(Boolean).join(": "));
    const none = element("p", {}, mistakes ? texts["no mistakes"] : texts["no snapshot"]);
    const cards = (mistakes ?? []).map(({ row, truth, predicted, p }) =>
      element(
        "figure",
        { class: "bns-digit" },
        digitOf(pixels, row, digits.side, look.ink),
        element("figcaption", {}, filled(texts.mistake, { truth, predicted, p: percent(p) })),
      ),
    );
    return element(
      "section", {}, title, ...(cards.length ? [element("div", { class: "bns-digits" }, ...cards)] : [none]),
    );
  });
}
