// A question from an earlier lesson, the one not seen for longest, while this lesson's prediction is open. If the
// reader skips it, another lesson asks next time.

import { appUrl, element, filledWith, setSentence } from "../lib/dom.js";
import { note, progress } from "../lib/progress.js";
import { Tables } from "./tables.js";

// Of the lessons seen in this browser, the one neither open nor asked about for longest, answered or not.
export function due(reviews, done) {
  const last = ({ slug }) => Math.max(...["seen", "reviewed", "offered"].map((when) => done[slug][when] ?? 0));
  return reviews.filter(({ slug }) => done[slug]?.guess).sort((one, other) => last(one) - last(other))[0];
}

export class Review {
  constructor({ reviews, texts, version }) {
    Object.assign(this, { texts, version });
    this.node = element("details", { class: "bnl-review", hidden: "" });
    this.one = due(reviews, progress());
    if (this.one) this.build();
  }

  build() {
    const { question, choices, menu } = this.one;
    const asked = element("p", { id: "bnl-review" });
    setSentence(asked, question);
    this.cards = choices.map((choice) => this.card(choice));
    const group = element("div", { role: "group", "aria-labelledby": asked.id, class: "bnl-cards" }, ...this.cards);
    this.answer = element("p", { class: "bnl-answer", role: "status" });
    this.node.append(
      element("summary", {}, filledWith(this.texts.review, { lesson: menu })), asked, group, this.answer,
    );
    this.node.addEventListener("toggle", () => this.node.open && this.node.scrollIntoView({ block: "nearest" }));
    this.node.hidden = false;
  }

  card(choice) {
    const card = element("button", { type: "button", class: "bnl-card" });
    setSentence(card, choice);
    card.addEventListener("click", () => this.judge(this.cards.indexOf(card)));
    return card;
  }

  // The right answer comes from that lesson's own model, in its default state.
  async judge(given) {
    const { slug, choices } = this.one;
    const { right } = await new Tables(slug, this.version).table([]).catch(() => ({}));
    if (right === undefined) return this.say(this.texts.trouble);
    this.judged = true;
    note(slug, { reviewed: Date.now(), recalled: given === right });
    this.cards.forEach((card, index) => {
      card.disabled = true;
      card.classList.toggle("bnl-right", index === right);
    });
    const text = this.texts[given === right ? "review.right" : "review.wrong"];
    this.say(filledWith(text, { choice: choices[right].replace(/[.?]$/, "") }));
    this.answer.append(" ", element("a", { href: appUrl(slug) }, this.texts["review.back"]));
    return undefined;
  }

  // The reader goes on, with this lesson or to another page.
  passed() {
    if (this.one && !this.judged) note(this.one.slug, { offered: Date.now() });
  }

  say(text) {
    setSentence(this.answer, text);
  }
}
