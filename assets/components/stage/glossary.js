// The field's words, each explained where the page first uses it: on hover, tap and focus, without moving anything.

import { element, setSentence } from "../lib/dom.js";

const NOT_IN = "code, pre, a, button, summary, label, h1, h2, h3, .katex, .bnl-term, .bnl-gloss";
const LEAD_AND_DEPTH =
  ".st-key-lesson > div:not(:has(.bnl-stage)) p, .st-key-depth [data-testid=stMarkdown] p";
const EDGE = 8; // px kept free at a window's edge

export class Glossary {
  constructor(entries, root) {
    this.meanings = new Map(
      entries.flatMap(({ forms, meaning }) => forms.map((form) => [form.toLowerCase(), { term: forms[0], meaning }])),
    );
    const forms = [...this.meanings.keys()].sort((one, other) => other.length - one.length);
    this.pattern = new RegExp(`(?<![\\w-])(${forms.join("|")})(?![\\w-])`, "i");
    this.marked = new Map();
    this.root = root;
    this.tip = element("div", { class: "bnl-gloss", role: "tooltip", id: "bnl-gloss", hidden: "" });
    this.away = (event) => event.key === "Escape" && this.hide();
    document.addEventListener("keydown", this.away);
    this.scrolled = () => this.hide();
    document.addEventListener("scroll", this.scrolled, true);
  }

  // The texts that do not change: the lead, the question, the goal, the depth.
  markPage(question, goal) {
    const [lead, ...deeper] = document.querySelectorAll(LEAD_AND_DEPTH);
    this.mark([lead, question, goal, ...deeper]);
  }

  // Mark each term that is not marked yet, where it first appears in these parts of the page.
  mark(parts) {
    for (const [term, node] of this.marked) if (!node.isConnected) this.marked.delete(term);
    for (const part of parts.filter(Boolean)) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) texts.push(walker.currentNode);
      for (const text of texts) if (!text.parentElement.closest(NOT_IN)) this.markIn(text);
    }
    if (!this.tip.isConnected) this.root.append(this.tip);
  }

  markIn(text) {
    for (let rest = text; rest; ) {
      const found = this.pattern.exec(rest.data);
      if (!found) return;
      const word = rest.splitText(found.index);
      rest = word.splitText(found[0].length);
      const { term, meaning } = this.meanings.get(found[0].toLowerCase());
      if (!this.marked.has(term)) this.marked.set(term, this.button(word, meaning));
    }
  }

  button(word, meaning) {
    const button = element("span", { class: "bnl-term", role: "button", tabindex: 0, "aria-describedby": this.tip.id });
    word.replaceWith(button);
    button.append(word);
    for (const event of ["pointerenter", "focus", "click"])
      button.addEventListener(event, () => this.show(button, meaning));
    for (const event of ["pointerleave", "blur"])
      button.addEventListener(event, () => document.activeElement !== button && this.hide());
    button.addEventListener("blur", () => this.hide());
    button.addEventListener(
      "keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), this.show(button, meaning)),
    );
    return button;
  }

  show(button, meaning) {
    setSentence(this.tip, meaning);
    this.tip.hidden = false;
    const [word, tip] = [button.getBoundingClientRect(), this.tip.getBoundingClientRect()];
    const left = Math.max(EDGE, Math.min(word.left, window.innerWidth - tip.width - EDGE));
    const below = word.bottom + 6 + tip.height < window.innerHeight;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${below ? word.bottom + 6 : word.top - tip.height - 6}px`;
  }

  hide() {
    this.tip.hidden = true;
  }

  close() {
    document.removeEventListener("keydown", this.away);
    document.removeEventListener("scroll", this.scrolled, true);
    this.tip.remove();
  }
}
