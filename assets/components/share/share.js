// The link to the state on screen, for a class: which parts it shows, the line that embeds it, and its QR code.

import { CURTAIN, listed, PARTS } from "../lib/curtain.js";
import { appUrl, copyButton, element, outerUrl } from "../lib/dom.js";
import { ADDRESS, entriesOf, readable } from "../lib/url.js";
import { Code } from "./code.js";

const BASE = "bnl-base"; // where the address that the reader gave for this server is stored
const EMBEDDED = 640; // px of an embedded page, enough for its stage

export class Share {
  constructor(root, data) {
    Object.assign(this, { root, data, texts: data.texts, student: false });
    [this.curtain, this.hide] = [listed("curtain"), listed("hide")];
    this.lines = ["share", "embed"].map((name) => this.line(name));
    this.code = new Code(data.texts);
    const text = element(
      "div", {}, ...this.lines.map(({ node }) => node), this.base(), ...(data.student ? [] : [this.choices()]),
      this.paper(),
    );
    root.replaceChildren(element("div", { class: "bnl-share-parts" }, text, this.code.node));
    this.watch = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting; // only the last of several entries counts
      this.show();
    });
    this.watch.observe(root);
    this.changed = () => this.show();
    for (const event of [ADDRESS, CURTAIN]) window.addEventListener(event, this.changed);
  }

  line(name) {
    const code = element("code", {});
    const copy = copyButton(this.texts, () => code.textContent);
    const node = element(
      "div", {}, element("p", {}, this.texts[name]), element("div", { class: "bnl-line" }, code, copy),
    );
    return { code, copy, node };
  }

  // The worksheet of this state and, except for students, its key.
  paper() {
    const names = this.data.paper ? ["worksheet", ...(this.data.student ? [] : ["key"])] : [];
    this.sheets = names.map((name) => [name, element("a", { target: "_blank", rel: "noopener" }, this.texts[name])]);
    return element("p", { class: "bnl-paper-links" }, ...this.sheets.map(([, link]) => link));
  }

  // The address of this server for phones: if the reader uses "localhost", its address in the network.
  base() {
    this.address = element("input", {
      type: "url", class: "bnl-input", value: sessionStorage.getItem(BASE) ?? outerUrl("", this.data.network),
      spellcheck: "false",
    });
    this.address.addEventListener("input", () => {
      sessionStorage.setItem(BASE, this.address.value);
      this.show();
    });
    return element("label", { class: "bnl-base" }, element("span", {}, this.texts.base), this.address);
  }

  choices() {
    const { texts, data } = this;
    const student = this.box(texts.student, false, (on) => (this.student = on));
    const parts = PARTS.filter((part) => part !== "screen").map((part) =>
      this.listBox(this.curtain, part, texts[`curtain.${part}`]),
    );
    const areas = data.areas.map((area) => this.listBox(this.hide, area, texts[`area.${area}`]));
    const controls = data.controls.map(({ name, label }) => this.listBox(this.hide, name, label));
    const group = (name, boxes) => element("fieldset", {}, element("legend", {}, texts[name]), ...boxes);
    return element(
      "details", { class: "bnl-for-class" }, element("summary", {}, texts["for class"]), student,
      group("covered", parts), group("left out", [...areas, ...controls]),
    );
  }

  listBox(list, word, label) {
    return this.box(label, list.includes(word), (on) => (on ? list.push(word) : list.splice(list.indexOf(word), 1)));
  }

  box(label, checked, change) {
    const input = element("input", { type: "checkbox" });
    input.checked = checked;
    input.addEventListener("change", () => {
      change(input.checked);
      this.show();
    });
    return element("label", { class: "bnl-check" }, input, label);
  }

  update(data) {
    this.data = data;
    this.show();
  }

  // A link to this state: the changed settings, and what a class sees. It opens with the question.
  link(base) {
    const { slug, query } = this.data;
    const own = query ? Object.entries(query) : entriesOf(slug).map(([name, text]) => [`${slug}.${name}`, text]);
    const entries = new URLSearchParams(own.filter(([name]) => name !== `${slug}.guess`));
    if (this.curtain.length) entries.set("curtain", this.curtain.join(","));
    if (this.hide.length) entries.set("hide", this.hide.join(","));
    if (this.student) entries.set("role", "student");
    const text = readable(entries.toString());
    return `${base}${slug}${text ? `?${text}` : ""}`;
  }

  sheet(name) {
    const { slug, student } = this.data;
    const settings = entriesOf(slug)
      .filter(([field]) => field !== "guess")
      .map(([field, text]) => [`${slug}.${field}`, text]);
    const more = { ...(name === "key" && { key: "true" }), ...(student && { role: "student" }) };
    return appUrl(`worksheet?${new URLSearchParams([["lesson", slug], ...Object.entries(more), ...settings])}`);
  }

  show() {
    if (!this.seen) return;
    const [link, embed] = this.lines;
    const here = appUrl("");
    const base = this.address.validity.valid && this.address.value ? this.address.value.replace(/\/*$/, "/") : here;
    link.code.textContent = this.link(base);
    const source = `${this.link(base)}${this.link(base).includes("?") ? "&" : "?"}embed=true`;
    embed.code.textContent = element("iframe", {
      src: source, title: this.data.title, width: "100%", height: EMBEDDED, loading: "lazy",
    }).outerHTML;
    for (const [name, link] of this.sheets) link.href = this.sheet(name);
    for (const { copy } of this.lines) copy.textContent = this.texts.copy;
    this.code.show(this.link(base));
  }

  close() {
    this.watch.disconnect();
    for (const event of [ADDRESS, CURTAIN]) window.removeEventListener(event, this.changed);
  }
}
