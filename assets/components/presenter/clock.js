// How long the lecture and the present state have lasted, beside the planned times.

import { button, element } from "../lib/dom.js";
import { began, begin } from "../lib/lecture.js";

export class Clock {
  constructor(texts) {
    this.texts = texts;
    this.whole = element("span", { class: "bnl-time" });
    this.here = element("span", {});
    const again = button(texts.restart, () => this.restart(), "bnl-link");
    this.node = element("div", { class: "bnl-clock", role: "timer" }, this.whole, this.here, again);
    this.entered = this.now;
    this.begin(began() || this.now);
    setInterval(() => this.show(), 1000);
  }

  get now() {
    return Date.now() / 1000;
  }

  begin(seconds) {
    this.began = seconds;
    begin(seconds);
  }

  restart() {
    this.entered = this.now;
    this.begin(this.now);
    this.show();
  }

  enter() {
    this.entered = this.now;
  }

  plan(states, at) {
    const minutes = states.map((state) => state.minutes);
    const sum = (list) => list.reduce((all, one) => all + one, 0);
    this.planned = { whole: sum(minutes), here: minutes[at] ?? 0, due: sum(minutes.slice(0, at + 1)) };
    this.show();
  }

  show() {
    const { whole, here, due } = this.planned ?? { whole: 0, here: 0, due: 0 };
    const gone = this.now - this.began;
    this.whole.textContent = `${clockTime(gone)} / ${whole} min`;
    this.here.textContent = `${this.texts["this state"]} ${clockTime(this.now - this.entered)} / ${here} min`;
    this.node.classList.toggle("bnl-late", gone > 60 * due);
  }
}

function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
