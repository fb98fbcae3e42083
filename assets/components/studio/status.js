// The sentence on the state of the run, the small print beside the bar, and the numbers if nothing can be drawn.

import { element } from "../lib/dom.js";
import { duration, filled, precisely } from "./numbers.js";

export const OPEN = ["asked", "queued", "running"];

// The sentence that fits, and its values. How the run ended is not told until the reader has come to its end. aside: a
// word for a problem with the connection; late: whether the reader has been waiting.
export function statusOf(player, { status, reason, place, wait, detail }, { aside, late }) {
  const values = { step: player.known, look: player.step, place, wait: duration(wait), detail: detail ?? "" };
  if (aside) return [aside, values];
  if (status === "shipped") return [status, values];
  if (status === "queued" && (player.waiting || !player.known))
    return [place > 0 && wait >= 1 ? "queued" : "next", values];
  if (OPEN.includes(status) && !player.known) return [status === "running" ? "starting" : status, values];
  if (player.mode === "playing") return [late ? "waiting" : "playing", values];
  if (player.mode === "paused") return ["paused", values];
  return [status !== "finished" && reason ? `${status}.${reason}` : status, values];
}

export function paceOf(texts, { point, facts }, status) {
  const recorded = facts.recorded ?? {};
  const values = { rate: Math.round(point?.rate ?? 0), left: duration(point?.left), every: facts.record_every };
  const bounds = { most: Math.round(facts.checkpoint_bytes / 1e6), snapshots: facts.most_snapshots };
  const stored = { checkpoints: recorded.checkpoints, megabytes: ((recorded.bytes ?? 0) / 1e6).toFixed(1), ...bounds };
  return [
    status === "running" && point?.rate ? filled(texts.pace, values) : "",
    facts.record_every > 1 ? filled(texts.thinned, values) : "",
    recorded.checkpoints ? filled(texts.recorded, stored) : "",
  ].filter(Boolean).join(" · ");
}

export function inWords(error, { lanes, texts }, history, look) {
  const index = history.index(look.step);
  return [
    element("p", { role: "alert" }, filled(texts["no plotly"], { why: error.message })),
    ...lanes.map(({ name }, lane) =>
      element("p", {}, element("strong", {}, `${name}: `), precisely(history.loss[lane]?.[index])),
    ),
  ];
}
