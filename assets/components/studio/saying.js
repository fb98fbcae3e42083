// The one sentence on how the training stands, the small print beside the bar, and the numbers where nothing can be drawn.

const OPEN = ["queued", "running", "paused"];

// Which of the words' sentences fits the news, and the values that it names.
function sayingOf({ status, reason, place, wait, end, steps, until, detail }, course, position) {
  const values = { step: end?.step ?? position, steps: steps ?? "…", place, wait: duration(wait), detail: detail ?? "" };
  if (status === "queued") return [place > 0 && wait >= 1 ? "queued" : "next", values];
  if (status !== "running") return [reason ? `${status}.${reason}` : status, values];
  if (typeof until === "number") return ["seeking", values];
  return [course.at.length > 1 ? "running" : "starting", values];
}

function paceOf(texts, { point, facts }, status) {
  const recorded = facts.recorded ?? {};
  const values = { rate: Math.round(point?.rate ?? 0), left: duration(point?.left), every: facts.record_every };
  const bounds = { most: Math.round(facts.keyframe_bytes / 1e6), snapshots: facts.most_snapshots };
  const stored = { keyframes: recorded.keyframes, megabytes: ((recorded.bytes ?? 0) / 1e6).toFixed(1), ...bounds };
  return [
    status === "running" && point?.rate ? filled(texts.pace, values) : "",
    facts.record_every > 1 ? filled(texts.thinned, values) : "",
    recorded.keyframes ? filled(texts.recorded, stored) : "",
  ].filter(Boolean).join(" · ");
}

function inWords(error, { lanes, texts }, course, look) {
  const index = course.index(look.step);
  return [
    element("p", { role: "alert" }, filled(texts["no plotly"], { why: error.message })),
    ...lanes.map(({ name }, lane) => element("p", {}, element("strong", {}, `${name}: `), precisely(course.loss[lane]?.[index]))),
  ];
}
