// The script for the stage's present state, fetched only while it can be seen.

import { button, copyButton, element, saveText } from "../lib/dom.js";
import { stages } from "./shared.js";

class Code {
  constructor(root) {
    Object.assign(this, { root, seen: false });
    this.watch = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting; // only the last of several entries counts
      this.show();
    });
    this.watch.observe(root);
    this.listener = () => this.show();
  }

  update(data) {
    if (this.data?.slug !== data.slug) {
      if (this.data) window.removeEventListener(`bnl-stage-${this.data.slug}`, this.listener);
      window.addEventListener(`bnl-stage-${data.slug}`, this.listener);
    }
    this.data = data;
    this.show();
  }

  show() {
    const state = stages[this.data.slug];
    if (!this.seen || !state || state === this.drawn) return;
    this.drawn = state;
    this.draw(state);
  }

  async draw(state) {
    const { texts, file, notebook } = this.data;
    const made = await state.tables.code(state.query).catch((error) => ({ failed: error.message }));
    if (this.drawn !== state) return; // another state is wanted by now
    if (made.failed) {
      const again = button(texts.again, () => this.again());
      this.root.replaceChildren(element("p", { role: "alert" }, `${texts.trouble} (${made.failed}) `, again));
      return;
    }
    const code = element("code", {});
    code.innerHTML = made.html; // from our server, with every character of the script escaped
    const saves = [button(texts.download, () => saveText(file, made.text, "text/x-python"))];
    saves.push(button(texts.notebook, () => saveText(notebook, made.notebook, "application/x-ipynb+json")));
    const tools = element("div", { class: "bnl-tools" }, copyButton(texts, () => made.text), ...saves);
    this.root.replaceChildren(tools, element("pre", { class: "bnl-code", tabindex: 0 }, code));
  }

  again() {
    this.drawn = null;
    this.show();
  }

  close() {
    this.watch.disconnect();
    window.removeEventListener(`bnl-stage-${this.data.slug}`, this.listener);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-code-panel");
  root.code ??= new Code(root);
  root.code.update(data);
  return () => {
    root.code?.close();
    delete root.code;
  };
}
