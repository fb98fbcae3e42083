// The transport bar: play and pause, a step back or forward, the scrubber, the end, the speed, reset.

import { element } from "../lib/dom.js";
import { selectOf, textButton } from "./inputs.js";
import { filled } from "./numbers.js";
import { SPEEDS } from "./player.js";

const ICONS = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  step: "M5 4l9 8-9 8zM16 4h3v16h-3z",
  back: "M19 4l-9 8 9 8zM5 4h3v16H5z",
  undo:
    "M12.5 8c-2.6 0-5 1-6.9 2.6L2 7v9h9l-3.6-3.6c1.4-1.2 3.1-1.9 5.1-1.9 3.5 0 6.5 2.3 7.6 5.5l2.4-.8C21.1 11 17.1 8 12.5 8z",
  reset: "M9 3h6l1 2h4v2H4V5h4zM5 8h14l-1 13H6z",
};

function iconOf(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function iconButton(icon, text, act) {
  const button = element(
    "button", { type: "button", class: "bns-button", title: text, "aria-label": text }, iconOf(icon),
  );
  button.addEventListener("click", act);
  return button;
}

export class Transport {
  constructor(texts, does) {
    this.texts = texts;
    this.does = does;
    this.toggle = iconButton("play", texts.play, () => does.toggle());
    this.back = iconButton("back", texts["step back"], () => does.stepBy(-1));
    this.step = iconButton("step", texts.step, () => does.stepBy(1));
    this.reset = iconButton("reset", texts.reset, () => does.reset());
    this.undo = iconButton("undo", texts.undo, () => does.undo());
    this.scrubber = element("input", {
      type: "range", min: 0, max: 1, value: 0, step: 1, "aria-label": texts.scrubber,
    });
    this.clock = element("span", { class: "bns-clock" });
    this.end = textButton(texts["show end"], () => does.showEnd(), "bns-button bns-end");
    const speeds = SPEEDS.map((seconds) => [seconds, texts[`speed.${seconds}`]]);
    this.speed = selectOf(texts.speed, speeds, (seconds) => does.speed(Number(seconds)));
    this.node = element(
      "div",
      { class: "bns-transport", role: "group", tabindex: -1, "aria-label": texts.transport },
      element("div", { class: "bns-keys" }, this.back, this.toggle, this.step),
      this.scrubber,
      this.clock,
      element("div", { class: "bns-keys" }, this.end, this.speed, this.undo, this.reset),
    );
    this.scrubber.addEventListener("input", () => does.seek(Number(this.scrubber.value)));
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  // The scrubber's keys also work on its neighbors; a button keeps the space bar, and a menu all its keys.
  key(event) {
    const { tagName } = event.target;
    const keys = {
      ArrowRight: () => this.does.stepBy(1),
      ArrowLeft: () => this.does.stepBy(-1),
      Home: () => this.does.seek(0),
      End: () => this.does.seek(Infinity),
    };
    const act = event.key === " " ? tagName !== "BUTTON" && this.does.toggle : keys[event.key];
    if (!act || tagName === "SELECT" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  }

  // Move the focus away from a button that no longer does anything.
  hold() {
    (this.toggle.disabled ? this.node : this.toggle).focus({ preventScroll: true });
  }

  // own: whether it is the reader's own run, which can be cleared; before: whether there was an earlier one.
  show(player, { epoch, own, before }) {
    const { mode, step, known, total, whole } = player;
    const held = document.activeElement;
    this.showToggle(mode === "playing" ? "pause" : player.atEnd ? "replay" : "play");
    this.toggle.disabled = this.end.disabled = mode === "empty";
    this.reset.disabled = !own;
    this.undo.disabled = !before;
    this.end.disabled ||= player.following || player.limit < Infinity;
    this.step.disabled = mode === "empty" || step >= known;
    this.back.disabled = step === 0;
    this.scrubber.disabled = !known;
    if (held?.disabled && this.node.contains(held)) this.hold();
    this.scrubber.max = whole;
    this.scrubber.value = step;
    this.node.style.setProperty("--bns-head", step / whole);
    this.node.style.setProperty("--bns-known", known / whole);
    const time = { step, steps: total ?? "…", epoch: epoch?.toFixed(1) ?? "–" };
    this.clock.textContent = mode === "empty" ? "" : filled(this.texts[own ? "clock" : "clock shipped"], time);
    this.scrubber.setAttribute("aria-valuetext", this.clock.textContent);
    if (document.activeElement !== this.speed.lastChild) this.speed.lastChild.value = player.speed;
  }

  showToggle(does) {
    if (this.shown === does) return;
    this.shown = does;
    this.toggle.replaceChildren(iconOf(does === "pause" ? "pause" : "play"));
    for (const name of ["title", "aria-label"]) this.toggle.setAttribute(name, this.texts[does]);
  }
}
