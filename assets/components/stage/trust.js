// Beside a lesson: the difference between its numbers, for the state on screen, and Keras's. Keras runs only on
// request; the result is cached with the tables.

import { element, filledWith, setSentence, superscript } from "../lib/dom.js";
import { stages } from "./shared.js";

class Trust {
  constructor(root, { slug, texts }) {
    Object.assign(this, { slug, texts });
    this.button = element("button", { type: "button", class: "bnl-link" }, texts.trust);
    this.button.addEventListener("click", () => this.compare());
    this.status = element("span", { role: "status" });
    root.replaceChildren(element("p", { class: "bnl-trust" }, this.button, " ", this.status));
    this.moved = () => this.offer(); // the present status is of another state
    window.addEventListener(`bnl-stage-${slug}`, this.moved);
  }

  offer(text = "") {
    this.button.hidden = this.button.disabled = false;
    this.status.textContent = text;
  }

  async compare() {
    const state = stages[this.slug];
    if (!state) return;
    this.button.disabled = true;
    this.status.textContent = this.texts["trust.asked"];
    const asked = state.tables.get("trust", state.query, (answer) => answer.json());
    const found = await asked.catch((error) => ({ failed: error.message }));
    if (state !== stages[this.slug]) return;
    if (found.failed) return this.offer(`${this.texts.trouble} (${found.failed})`);
    this.button.hidden = true;
    setSentence(
      this.status, filledWith(this.texts["trust.result"], { ...found, difference: written(found.difference) }),
    );
  }

  close() {
    window.removeEventListener(`bnl-stage-${this.slug}`, this.moved);
  }
}

// 2.2e-16 as 2.2 × 10⁻¹⁶.
function written(number) {
  const [digits, power] = number.toExponential(1).split("e");
  return number ? `${digits} × 10${superscript(power)}` : "0";
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-trust-part");
  root.trust ??= new Trust(root, data);
  return () => {
    root.trust?.close();
    delete root.trust;
  };
}
