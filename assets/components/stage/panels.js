// The parts of a lesson's page that show the stage's present state, made only while they can be seen.

import { appUrl, element } from "../lib/dom.js";
import { guessKey } from "./address.js";
import { stages } from "./shared.js";

class Panel {
  constructor(root, draw) {
    Object.assign(this, { root, draw, seen: false });
    this.watch = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting; // of several at once the last one holds
      this.show();
    });
    this.watch.observe(root);
    this.heard = () => this.show();
  }

  update(data) {
    if (this.data?.slug !== data.slug) {
      if (this.data) window.removeEventListener(`bnl-stage-${this.data.slug}`, this.heard);
      window.addEventListener(`bnl-stage-${data.slug}`, this.heard);
    }
    this.data = data;
    this.show();
  }

  show() {
    const state = stages[this.data.slug];
    if (!this.seen || !state || state === this.drawn) return;
    this.drawn = state;
    this.draw(this.root, this.data, state, () => this.drawn === state, () => this.again());
  }

  again() {
    this.drawn = null;
    this.show();
  }

  close() {
    this.watch.disconnect();
    window.removeEventListener(`bnl-stage-${this.data.slug}`, this.heard);
  }
}

const DRAWINGS = { code: drawCode, share: drawShare };

// `wanted` tells whether that state is still the one to show when its script has come.
async function drawCode(root, { texts, file }, state, wanted, again) {
  const made = await state.tables.code(state.query).catch((error) => ({ text: "", failed: error.message }));
  if (!wanted()) return;
  if (made.failed) {
    const button = element("button", { type: "button", class: "bnl-button" }, texts.again);
    button.addEventListener("click", again);
    root.replaceChildren(element("p", { role: "alert" }, `${texts.trouble} (${made.failed}) `, button));
    return;
  }
  const code = element("code", {});
  code.innerHTML = made.html; // the server's own, every sign of the script escaped
  const pre = element("pre", { class: "bnl-code", tabindex: 0 }, code);
  root.replaceChildren(element("div", { class: "bnl-tools" }, copyButton(texts, made.text), downloadLink(texts.download, file, made.text)), pre);
}

function drawShare(root, { texts, slug, title }, state) {
  const link = (entries) => {
    const url = new URL(location.pathname, location.origin);
    for (const [name, text] of entries) url.searchParams.append(name, text);
    return url.href;
  };
  const settings = state.query.map(([name, text]) => [`${slug}.${name}`, text]);
  const here = link(state.guess ? [[guessKey(slug), state.guess], ...settings] : settings);
  const embedded = element("iframe", { src: `${here}${here.includes("?") ? "&" : "?"}embed=true`, title, width: "100%", height: "900", loading: "lazy" });
  const text = element(
    "div",
    {},
    ...[texts.share, lineOf(texts, here), texts.embed, lineOf(texts, embedded.outerHTML)].map((part) => (typeof part === "string" ? element("p", {}, part) : part)),
  );
  const unasked = link(settings); // who scans it is asked first
  const picture = element("img", { src: appUrl(`api/qr?link=${encodeURIComponent(unasked)}`), alt: texts.qr, width: 220, height: 220 });
  const figure = element("figure", {}, picture, element("figcaption", {}, texts.qr));
  picture.addEventListener("error", () => figure.replaceChildren(texts["qr too long"]));
  root.replaceChildren(element("div", { class: "bnl-share" }, text, figure));
}

function lineOf(texts, line) {
  return element("div", { class: "bnl-line" }, element("code", {}, line), copyButton(texts, line));
}

function copyButton(texts, text) {
  const button = element("button", { type: "button", class: "bnl-button" }, texts.copy);
  button.addEventListener("click", async () => {
    await copied(text);
    button.textContent = texts.copied;
  });
  return button;
}

// A page that comes without TLS, as from a lecturer's machine, may not use the clipboard's own interface.
function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const line = document.body.appendChild(element("textarea", {}, text));
  line.select();
  document.execCommand("copy");
  line.remove();
  return Promise.resolve();
}

function downloadLink(label, file, text) {
  const button = element("button", { type: "button", class: "bnl-button" }, label);
  button.addEventListener("click", () => {
    const href = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
    element("a", { download: file, href }).click();
    setTimeout(() => URL.revokeObjectURL(href));
  });
  return button;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-panel-part");
  root.panel ??= new Panel(root, DRAWINGS[data.kind]);
  root.panel.update(data);
  return () => {
    root.panel?.close();
    delete root.panel;
  };
}
