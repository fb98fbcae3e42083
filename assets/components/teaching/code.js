// The link to this page's state and its QR code, as large as the screen allows, for asking a class a question.

import { appUrl, button, copyButton, element, outerUrl } from "../lib/dom.js";
import { linkTo, stateHere } from "../lib/lecture.js";

const BASE = "bnl-base"; // where the address that the reader gave for this server is stored

export class CodeDialog {
  constructor({ texts, network }) {
    Object.assign(this, { texts, network });
    this.image = element("img", { alt: texts.code, width: 320, height: 320 });
    this.none = element("p", { hidden: "" }, texts["code.none"]);
    this.image.addEventListener("error", () => this.tell(false));
    this.image.addEventListener("load", () => this.tell(true));
    this.link = element("p", { class: "bnl-code-link" });
    const title = element("h2", { id: "bnl-code-title" }, texts.code);
    this.copy = copyButton(texts, () => this.address);
    const close = button(texts.close, () => this.dialog.close());
    this.dialog = element(
      "dialog", { class: "bnl-dialog", "aria-labelledby": "bnl-code-title" }, title, this.image, this.none, this.link,
      element("p", {}, texts["code.hint"]), element("p", {}, this.copy, " ", close),
    );
  }

  tell(readable) {
    this.image.hidden = !readable;
    this.none.hidden = readable;
  }

  open() {
    const { guess, ...state } = stateHere("", "", 0); // whoever opens it is asked first
    const base = (sessionStorage.getItem(BASE) || outerUrl("", this.network)).replace(/\/*$/, "/");
    const link = base + linkTo(state).slice(appUrl("").length);
    this.address = link;
    this.copy.textContent = this.texts.copy;
    this.link.textContent = decodeURI(link);
    this.image.src = appUrl(`api/qr?link=${encodeURIComponent(link)}`);
    this.dialog.showModal();
  }
}
