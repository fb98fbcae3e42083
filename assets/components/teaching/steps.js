// Presenting a lecture, state by state, in this window or the presenter's; and adding a state to it.

import { CURTAIN, hiddenParts, toggle } from "../lib/curtain.js";
import { appUrl, button, element } from "../lib/dom.js";
import {
  began, CHANGED, CHANNEL, keep, lecture, linkTo, position, setPosition, stateHere, STEP
} from "../lib/lecture.js";
import { rewriteAddress } from "../lib/url.js";
import { AddDialog } from "./add.js";
import { lanes } from "./hidden.js";

const KEPT = ["view", "role", "embed"]; // the way in which the page is shown stays
const SAID = 6000; // ms for which the message about an added state stays

export class Steps {
  constructor(data) {
    Object.assign(this, { data, texts: data.texts });
    this.place = element("span", {});
    const back = button("◀", () => this.turn(-1), "bnl-button");
    const next = button("▶", () => this.turn(1), "bnl-button");
    const end = button("✕", () => this.end(), "bnl-button");
    for (const [name, node] of Object.entries({ back, next, end })) {
      for (const as of ["title", "aria-label"]) node.setAttribute(as, data.texts[name]);
    }
    this.status = element("span", { role: "status" });
    this.bar = element(
      "nav", { class: "bnl-lecture-bar", "aria-label": data.texts.lecture, hidden: "" }, back, this.place, next, end,
      this.status,
    );
    this.adding = new AddDialog(data.texts, (state) => this.add(state));
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.addEventListener("message", ({ data: order }) => this.obey(order));
    this.onChange = () => this.tell();
    for (const event of [CURTAIN, CHANGED]) window.addEventListener(event, this.onChange);
    this.begin();
    this.tell();
  }

  get dialog() {
    return this.adding.dialog;
  }

  get running() {
    return !this.data.student && position() !== null;
  }

  get projected() {
    return new URLSearchParams(location.search).has("view");
  }

  // An address with `lecture=3` presents the lecture in this window, from its third state on.
  begin() {
    const start = new URLSearchParams(location.search).get("lecture");
    if (start === null) return;
    setPosition(Math.max(1, Number.parseInt(start, 10) || 1) - 1);
    rewriteAddress((entries) => entries.delete("lecture"));
  }

  turn(by) {
    const at = position();
    if (at !== null) this.goTo(at + by);
  }

  goTo(at) {
    const state = lecture().states[at];
    if (!state) return;
    setPosition(at);
    this.visit(new URL(linkTo(state)));
    this.show();
    this.tell();
  }

  visit(url) {
    const now = new URLSearchParams(location.search);
    for (const name of KEPT) if (now.has(name)) url.searchParams.set(name, now.get(name));
    const here = url.pathname === location.pathname;
    if (here && this.data.scripted) return location.assign(url); // the script reads its address when the page opens
    history[here ? "replaceState" : "pushState"](here ? history.state : {}, "", url);
    window.dispatchEvent(new CustomEvent(STEP, { detail: { here } }));
    if (!here) window.dispatchEvent(new PopStateEvent("popstate")); // Streamlit goes there without loading itself anew
    return undefined;
  }

  end() {
    setPosition(null);
    this.show();
    this.tell();
  }

  present() {
    window.open(appUrl("presenter"), "bnl-presenter", "popup,width=1000,height=680");
  }

  // Requests of the presenter's window.
  obey({ step, part, asked }) {
    if (!this.running) return;
    if (Number.isInteger(step)) this.goTo(step);
    if (part) toggle(part);
    if (asked) this.tell();
  }

  tell() {
    if (this.running)
      this.channel.postMessage({ at: position(), began: began(), curtain: hiddenParts(), lanes: lanes() });
    else this.channel.postMessage({ at: null });
  }

  ask() {
    this.adding.open(document.querySelector("h1")?.textContent ?? "");
  }

  add({ title, note, minutes }) {
    const { states, ...rest } = lecture();
    keep({ ...rest, states: [...states, stateHere(title, note, minutes)] });
    const open = element("a", { href: appUrl("lecture") }, this.texts["open lecture"]);
    this.status.replaceChildren(`${this.texts.added.replace("{count}", states.length + 1)} `, open);
    this.show();
    setTimeout(() => (this.status.replaceChildren(), this.show()), SAID);
  }

  show() {
    const at = this.running ? position() : null;
    const { states } = lecture();
    this.place.textContent = at === null ? "" : `${at + 1} / ${states.length}`;
    for (const node of this.bar.children) if (node !== this.status) node.hidden = at === null;
    this.bar.hidden = at === null && !this.status.hasChildNodes();
  }

  close() {
    for (const event of [CURTAIN, CHANGED]) window.removeEventListener(event, this.onChange);
    this.channel.close();
  }
}
