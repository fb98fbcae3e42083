// The QR code of a link: small beside it, or as large as the screen for a class.

import { appUrl, button, element } from "../lib/dom.js";

export class Code {
  constructor(texts) {
    this.texts = texts;
    this.small = element("img", { alt: texts.qr, width: 220, height: 220 });
    this.large = element("img", { alt: texts.qr });
    this.address = element("p", {});
    this.open = button(texts["qr large"], () => this.dialog.showModal());
    const close = button(texts.close, () => this.dialog.close());
    this.dialog = element("dialog", { class: "bnl-qr", "aria-label": texts.qr }, this.large, this.address, close);
    this.none = element("p", { hidden: "" }, texts["qr none"]);
    this.whole = element("div", {}, this.small, element("figcaption", {}, texts.qr), this.open);
    this.node = element("figure", {}, this.whole, this.none, this.dialog);
    this.small.addEventListener("error", () => this.tell(false));
    this.small.addEventListener("load", () => this.tell(true));
  }

  tell(there) {
    this.none.hidden = there;
    this.whole.hidden = !there;
  }

  show(link) {
    if (link === this.shown) return;
    this.shown = link;
    this.address.textContent = decodeURI(link);
    for (const picture of [this.small, this.large]) picture.src = appUrl(`api/qr?link=${encodeURIComponent(link)}`);
  }
}
