// Tables from the server: fetched once, unpacked once, the last few kept. lessons/packing.py describes their layout.

import { appUrl } from "../lib/dom.js";
import { pathParts } from "../lib/plot.js";

const KEPT_TABLES = 12;
const NAN_LEVEL = 8191; // one more than packing.py's LEVELS
const TRIES = 4;

export class BadSettings extends Error {
  constructor({ error, used = {}, problems = {} }) {
    super(error);
    Object.assign(this, { used, problems });
  }
}

export class Tables {
  constructor(lesson, version) {
    Object.assign(this, { lesson, version, kept: new Map() });
  }

  table(query, signal) {
    return this.get("tables", query, async (answer) => unpack(new Uint8Array(await answer.arrayBuffer())), signal);
  }

  figures(query) {
    return this.get("figures", query, (answer) => answer.json());
  }

  code(query) {
    return this.get("code", query, (answer) => answer.json());
  }

  // A promise of the resource; a failure is forgotten, so that the next request tries again.
  get(kind, query, read, signal) {
    const address = `api/${kind}/${this.lesson}?${new URLSearchParams([...query, ["v", this.version]])}`;
    const promise = this.kept.get(address) ?? fetched(address, signal).then(read);
    this.kept.delete(address);
    this.kept.set(address, promise);
    promise.catch(() => this.kept.delete(address));
    for (const old of [...this.kept.keys()].slice(0, -KEPT_TABLES)) this.kept.delete(old);
    return promise;
  }
}

// A server that is too busy says when to try again; browsers of a class try at different times.
async function fetched(address, signal, triesLeft = TRIES) {
  const answer = await fetch(appUrl(address), { signal });
  if (answer.ok) return answer;
  if ([429, 503].includes(answer.status) && triesLeft > 1) {
    await rest(1000 * (Number(answer.headers.get("Retry-After")) || 1) * (0.5 + Math.random()), signal);
    return fetched(address, signal, triesLeft - 1);
  }
  const refusal = await answer.json().catch(() => ({}));
  if (answer.status === 422) throw new BadSettings(refusal);
  throw new Error(refusal.error ?? `${answer.status} ${answer.statusText}`);
}

function rest(milliseconds, signal) {
  return new Promise((ready, stop) => {
    const timer = setTimeout(ready, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), stop(signal.reason)), { once: true });
  });
}

export function unpack(bytes) {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const tracks = head.tracks.map((track) => ({
    ...track, parts: pathParts(track.path), numbers: numbersOf(track, bytes, 4 + length),
  }));
  return { ...head, tracks };
}

function numbersOf({ strings, offset, shape, low, step, differences }, bytes, begin) {
  if (strings) return null;
  const size = shape.reduce((product, n) => product * n, 1);
  const from = begin + offset;
  if (step === undefined) return new Float32Array(bytes.buffer, from, size);
  const width = shape.length > 1 ? size / shape[0] : size;
  const levels = unzigzagged(bytes.subarray(from, from + 2 * size));
  if (differences > 1) for (let place = width; place < size; place += 1) levels[place] += levels[place - width];
  if (differences) for (let place = 0; place < size; place += 1) if (place % width) levels[place] += levels[place - 1];
  return Float32Array.from(levels, (level) => (level === NAN_LEVEL ? NaN : low + level * step));
}

// Zigzag-coded numbers of sixteen bits, all low bytes first.
function unzigzagged(bytes) {
  const size = bytes.length / 2;
  return Int16Array.from({ length: size }, (_, place) => {
    const coded = bytes[place] | (bytes[size + place] << 8);
    return (coded >>> 1) ^ -(coded & 1);
  });
}

// The track's value at a step; a track with one entry has it at every step.
export function valueAt({ strings, shape, numbers }, step) {
  if (strings) return strings[strings.length === 1 ? 0 : step];
  const [steps, ...inner] = shape;
  const size = inner.reduce((product, n) => product * n, 1);
  const begin = (steps === 1 ? 0 : step) * size;
  if (!inner.length) return Number.isNaN(numbers[begin]) ? null : numbers[begin];
  return numbers.subarray(begin, begin + size);
}

export function textAt(texts, place, step) {
  const lines = texts?.[place] ?? [];
  return lines[lines.length === 1 ? 0 : step] ?? "";
}

// The model's answer to the prediction.
export function reckoning(texts, step) {
  return textAt(texts, "reckoning", step);
}
