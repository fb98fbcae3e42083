// What every page offers beside its view: its link, and for teachers the curtain, the lecture, and the keys for both.

import { CURTAIN, hiddenParts, listed, onPage, toggle } from "../lib/curtain.js";
import { button, element } from "../lib/dom.js";
import { ADDRESS } from "../lib/url.js";
import { CodeDialog } from "./code.js";
import { hideControls, lanes } from "./hidden.js";
import { Keys } from "./keys.js";
import { Steps } from "./steps.js";

export class Teaching {
  constructor(root, data) {
    const { texts } = data;
    Object.assign(this, { root, data, texts });
    this.steps = new Steps(data);
    this.does = {
      curtain: (part) => onPage().includes(part) && toggle(part),
      lane: (number) => number <= lanes() && toggle(`lane-${number}`),
      projector: () => document.querySelector(".st-key-view input")?.click(),
      add: () => this.steps.ask(),
      presenter: () => this.steps.present(),
      turn: (by) => this.steps.turn(by),
    };
    this.keys = new Keys(texts, this.does, this.steps);
    this.code = new CodeDialog(data);
    this.curtain = element("div", { class: "bnl-hidden-parts" });
    const forTeachers = [this.menu(), this.keys.dialog, this.steps.dialog];
    const link = button(texts.link, () => this.code.open());
    root.replaceChildren(this.steps.bar, link, this.code.dialog, ...(data.student ? [] : forTeachers));
    const says = data.texts[data.student ? "screen.student" : "screen"];
    document.documentElement.style.setProperty("--bnl-curtain-says", JSON.stringify(says));
    this.changed = () => this.show();
    for (const event of [CURTAIN, ADDRESS, "popstate"]) window.addEventListener(event, this.changed);
    if (!data.student) this.keys.listen();
    this.show();
  }

  menu() {
    const { texts, does } = this;
    const menu = element(
      "details", { class: "bnl-teach-menu" }, element("summary", { class: "bnl-button" }, texts.teach),
    );
    const choices = [
      ["add", does.add],
      ["presenter", does.presenter],
      ["keys", () => this.keys.dialog.showModal()],
    ];
    const act = (does) => () => {
      menu.open = false;
      does();
    };
    const buttons = choices.map(([name, does]) => button(texts[name], act(does), "bnl-entry"));
    menu.append(element("div", { class: "bnl-teach-list" }, ...buttons, element("p", {}, texts.curtain), this.curtain));
    menu.addEventListener("toggle", () => this.showChoices()); // the page may have got its parts since
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    return menu;
  }

  update(data) {
    this.data = data;
    this.show();
  }

  show() {
    document.documentElement.dataset.curtain = listed("curtain").join(" ");
    this.showLeftOut(listed("shown").join(" "));
    hideControls(this.data.slug, listed("hide"));
    this.showChoices();
    this.steps.show();
  }

  // The figures make room for it.
  showLeftOut(shown) {
    const { dataset } = document.documentElement;
    if ((dataset.shown ?? "") === shown) return;
    dataset.shown = shown;
    window.dispatchEvent(new Event("resize"));
  }

  showChoices() {
    const hidden = hiddenParts();
    const parts = [...onPage(), ...Array.from({ length: lanes() }, (_, index) => `lane-${index + 1}`)];
    if (this.curtain.dataset.parts !== parts.join())
      this.curtain.replaceChildren(...parts.map((part) => this.choice(part)));
    this.curtain.dataset.parts = parts.join();
    for (const input of this.curtain.querySelectorAll("input")) input.checked = hidden.includes(input.name);
  }

  choice(part) {
    const box = element("input", { type: "checkbox", name: part });
    box.addEventListener("change", () => toggle(part));
    const lane = part.startsWith("lane-") ? part.slice(5) : "";
    return element("label", {}, box, lane ? `${this.texts["curtain.lane"]} ${lane}` : this.texts[`curtain.${part}`]);
  }

  close() {
    for (const event of [CURTAIN, ADDRESS, "popstate"]) window.removeEventListener(event, this.changed);
    this.keys.close();
    this.steps.close();
    for (const list of ["curtain", "shown"]) delete document.documentElement.dataset[list];
    hideControls("", []);
  }
}
