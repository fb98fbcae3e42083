// The reader's progress, by lesson: the prediction, whether the goal was reached, the times (in ms) when the lesson was
// last open (`seen`), asked about in another lesson (`reviewed`) or skipped there (`offered`), and whether that answer
// was right. Only this browser stores it.

const KEY = "bnl-progress";
export const CHANGED = "bnl-progress"; // the event

export function progress() {
  try {
    return checked(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {}; // unreadable, or not accessible
  }
}

export function note(slug, news) {
  const all = progress();
  const before = all[slug] ?? {};
  if (Object.entries(news).every(([name, value]) => before[name] === value)) return;
  keep({ ...all, [slug]: { ...before, ...news } });
}

export function keep(all) {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    return; // a private window stores nothing
  }
  window.dispatchEvent(new CustomEvent(CHANGED));
}

// The progress in a text. Throws where the text holds something else.
export function checked(text) {
  const all = JSON.parse(text);
  if (all === null || typeof all !== "object" || Array.isArray(all)) throw new TypeError("no progress");
  const entries = Object.entries(all).map(([slug, { guess, reached, seen, reviewed, offered, recalled }]) => {
    if (!["string", "undefined"].includes(typeof guess)) throw new TypeError(slug);
    const times = Object.entries({ seen, reviewed, offered }).filter(([, when]) => Number.isFinite(when));
    const facts = Object.entries({ reached, recalled }).filter(([, fact]) => typeof fact === "boolean");
    return [slug, { ...(guess && { guess }), ...Object.fromEntries([...facts, ...times]) }];
  });
  return Object.fromEntries(entries);
}
