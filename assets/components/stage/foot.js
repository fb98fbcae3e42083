// The row under the figure: states worth seeing, and the button that opens the other settings.

import { element } from "../lib/dom.js";

export function footOf(setup, presets, again) {
  return element("div", { class: "bnl-foot" }, presets, element("div", { class: "bnl-doors" }, again, setup.door));
}

// Fields and further handles, in a drawer over what is beside the figure, so that the figure stays in view.
export class Setup {
  constructor({ texts }, ...content) {
    this.door = element(
      "button", { type: "button", class: "bnl-button bnl-door", "aria-expanded": "false" }, texts.setup,
    );
    const close = element("button", { type: "button", class: "bnl-button" }, texts.close);
    const head = element("div", { class: "bnl-head" }, element("h2", {}, texts.setup), close);
    this.node = element("section", { class: "bnl-setup", hidden: "" }, head, ...content);
    this.door.addEventListener("click", () => this.open(this.node.hidden));
    close.addEventListener("click", () => this.open(false));
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
  }

  open(wanted) {
    this.node.hidden = !wanted;
    this.door.setAttribute("aria-expanded", String(wanted));
    (wanted ? this.node.querySelector("button") : this.door).focus({ preventScroll: true });
    this.opened?.();
  }
}
