// What a curve is worth at the reader's step.

import { lastOf, placeOf } from "./numbers.js";

// Before the first epoch is over, the only validation is that of the untrained networks: then it is the batch's value.
export function valueAtCursor(chart, trace) {
  if (chart.meta.over !== "step" || !trace.x.length) return lastOf(trace.y);
  const { look } = chart;
  const cursor = chart.across(look.step);
  if (isEarly(chart, trace)) {
    const { x, y } = batchOf(chart, trace);
    return y[placeOf(x, cursor)] ?? null;
  }
  return look.following ? lastOf(trace.y) : trace.y[placeOf(trace.x, cursor)] ?? null;
}

// Whether the batch's value is shown in place of the untrained networks' validation.
export function isEarly(chart, trace) {
  if (chart.meta.over !== "step" || trace.meta.source !== "validation" || !trace.x.length) return false;
  const cursor = chart.across(chart.look.step);
  const place = chart.look.following ? trace.x.length - 1 : placeOf(trace.x, cursor);
  return place === 0 && cursor > trace.x[0] && Boolean(batchOf(chart, trace)?.x.length);
}

function batchOf(chart, { meta: { field, lane } }) {
  return chart.spec.data.find(({ meta }) => meta?.source === "batch" && meta.field === field && meta.lane === lane);
}
