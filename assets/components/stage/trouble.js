// Error messages on the stage: settings that are not allowed, or an answer that did not come.

import { element, setSentence } from "../lib/dom.js";

export class Trouble {
  constructor(texts, again) {
    Object.assign(this, { texts, again });
    this.notice = element("p", { class: "bnl-notice", role: "status", hidden: "" });
    this.node = element("p", { class: "bnl-trouble", role: "alert", hidden: "" });
  }

  correct(text) {
    this.notice.hidden = false;
    setSentence(this.notice, text);
  }

  say(error) {
    const again = element("button", { type: "button", class: "bnl-button" }, this.texts.again);
    again.addEventListener("click", this.again);
    const lost = error instanceof TypeError; // no connection, which browsers do not describe any further
    const why = lost ? "" : ` (${error.message})`;
    this.node.replaceChildren(`${this.texts.trouble}${why} `, again);
    this.node.hidden = false;
  }
}
