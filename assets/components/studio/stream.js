// The training's news, sent by the server, with full snapshots of one layer.

import { appUrl } from "../lib/dom.js";

const COME_AGAIN = 5; // seconds until a refused stream is requested again, unless the server names a time

export class Stream {
  constructor(onNews, onBroken, onLost) {
    Object.assign(this, { onNews, onBroken, onLost, source: null });
  }

  get open() {
    return this.source !== null;
  }

  // since: the number of the last news that are known for that layer.
  listen(job, layer, since = 0) {
    this.close();
    if (this.ended) return;
    const address = (known) => appUrl(`api/jobs/${job}/events?layer=${layer}${known ? `&since=${known}` : ""}`);
    const source = new EventSource(address(since));
    let known = since;
    source.onmessage = (event) => {
      const news = JSON.parse(event.data);
      known = news.n;
      this.onNews(news);
    };
    // The browser tries again by itself, unless the server refused; only another request tells why it did.
    source.onerror = async () => {
      if (source.readyState !== EventSource.CLOSED) return this.onBroken();
      const { status, words, seconds } = await refusalOf(address(known));
      if (source !== this.source) return;
      if (status === 404) return this.onLost();
      this.onBroken(words);
      // Browsers that were refused at the same time try again at different times.
      this.again = setTimeout(() => this.listen(job, layer, known), 1000 * seconds * (1 + Math.random()));
    };
    this.source = source;
  }

  // For good: a late answer may still request news, which would keep a run alive that nobody sees.
  end() {
    this.close();
    this.ended = true;
  }

  close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }
}

// Why the server refuses a stream: the status, its words, and in how many seconds to try again.
async function refusalOf(address) {
  const abort = new AbortController();
  const answer = await fetch(address, { signal: abort.signal }).catch(() => null);
  const refusal = answer && !answer.ok ? await answer.json().catch(() => null) : null;
  abort.abort(); // if it is a stream by now
  const seconds = answer?.ok ? 0.1 : Number(answer?.headers.get("Retry-After")) || COME_AGAIN;
  return { status: answer?.status ?? 0, words: refusal?.error, seconds };
}

// The snapshots of a layer so far; null if they cannot be had.
export async function snapshotsOf(job, layer) {
  return (await jsonAt(`api/jobs/${job}/snapshots?layer=${layer}`))?.snapshots ?? null;
}

// The JSON at an address; null if it cannot be had.
export async function jsonAt(path) {
  const answer = await fetch(appUrl(path)).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}

// Send a command to the training; returns whether it was accepted.
export async function order(job, what) {
  const answer = await fetch(appUrl(`api/jobs/${job}/orders`), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(what),
  }).catch(() => null);
  return Boolean(answer?.ok);
}
