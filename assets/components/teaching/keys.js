// The teacher's keys, and a list of them. They do nothing while something is typed, and can be switched off.

import { button, element } from "../lib/dom.js";

const OFF = "bnl-keys-off";
const PARTS = { s: "sentence", g: "goal", v: "readings", b: "screen" };
const LETTERS = { t: "projector", a: "add", p: "presenter" };
const REMOTE = { PageDown: 1, PageUp: -1 };
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const TYPED =
  "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true], [role=combobox]";
const OWN_ARROWS = "[type=radio], [role=radiogroup], [role=tab], .bns-transport"; // a slider has ↑ and ↓ besides

function on() {
  try {
    return !localStorage.getItem(OFF);
  } catch {
    return true; // a private window stores nothing
  }
}

export class Keys {
  constructor(texts, does, steps) {
    Object.assign(this, { texts, does, steps });
    this.dialog = this.list();
    this.pressed = (event) => this.press(event);
  }

  listen() {
    window.addEventListener("keydown", this.pressed, true); // before a slider uses a remote's PageDown
  }

  list() {
    const { texts } = this;
    const hides = (part) => texts["hide or show"].replace("{part}", texts[`curtain.${part}`].toLowerCase());
    const rows = [
      [["?"], texts.keys], ...Object.entries(PARTS).map(([key, part]) => [[key], hides(part)]),
      [["1", "2", "3"], hides("lane")],
    ];
    rows.push(...Object.entries(LETTERS).map(([key, name]) => [[key], texts[name]]));
    rows.push([["Page ↓", "→"], texts.next], [["Page ↑", "←"], texts.back]);
    const row = ([keys, meaning]) => {
      const shown = keys.map((key) => element("kbd", {}, key.length === 1 ? key.toUpperCase() : key));
      return element("div", {}, element("dt", {}, ...shown), element("dd", {}, meaning));
    };
    const box = element("input", { type: "checkbox" });
    box.checked = on();
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
    const dialog = element("dialog", { class: "bnl-dialog", "aria-labelledby": "bnl-keys-title" });
    const close = button(texts.close, () => dialog.close());
    const title = element("h2", { id: "bnl-keys-title" }, texts.keys);
    dialog.append(
      title, element("dl", {}, ...rows.map(row)), element("p", {}, texts["left out"]),
      element("label", {}, box, texts["keys.on"]), element("p", {}, close),
    );
    return dialog;
  }

  press(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]"))
      return;
    if (target.closest?.(TYPED)) return;
    const act = key === "?" ? () => this.dialog.showModal() : on() && this.actOf(key, target);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  actOf(key, target) {
    const { does, steps } = this;
    const low = key.toLowerCase();
    if (key.length === 1 && PARTS[low]) return () => does.curtain(PARTS[low]);
    if (key.length === 1 && LETTERS[low]) return does[LETTERS[low]];
    if (/^[1-3]$/.test(key)) return () => does.lane(Number(key));
    if (!steps.running) return null;
    if (REMOTE[key]) return () => does.turn(REMOTE[key]);
    const taken = target.closest?.(OWN_ARROWS);
    return ARROWS[key] && steps.projected && !taken ? () => does.turn(ARROWS[key]) : null;
  }

  close() {
    window.removeEventListener("keydown", this.pressed, true);
  }
}
