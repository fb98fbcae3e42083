// Two small forms that make another run from the one on screen, at the reader's step: with a setting changed from there
// on, or with a third lane that leaves there.

import { element } from "../lib/dom.js";
import { overlay } from "../lib/overlay.js";
import { selectOf } from "./inputs.js";
import { filled } from "./numbers.js";

// The input of a field; `able` says what it may hold: {name, label, options} or {name, label, low, high, whole}.
function inputOf(able, value) {
  if (!able.options) {
    return element("input", {
      type: "number", min: able.low, max: able.high, step: "any", value, required: "", "aria-label": able.label,
    });
  }
  const select = element("select", { "aria-label": able.label });
  select.append(...able.options.map((option) => element("option", { value: option }, option)));
  select.value = value;
  return select;
}

// A first value that differs from the present one, so that sending the form unchanged makes a difference.
function otherThan(value, { options, low, high, whole }) {
  if (options) return options[(options.indexOf(value) + 1) % options.length];
  const third = value ? value / 3 : high / 10;
  const within = Math.max(low, whole ? Math.round(third) : Number(third.toPrecision(2)));
  return within === value ? Math.min(high, 3 * value || high) : within;
}

class Panel {
  constructor(title, submit, texts, onSubmit, onOpen) {
    Object.assign(this, { same: texts["no change"], now: texts.now });
    this.fields = element("select", { "aria-label": title });
    this.place = element("span", {});
    this.extra = element("span", {});
    this.present = element("span", { class: "bns-now" });
    this.hint = element("p", { class: "bns-hint" });
    this.send = element("button", { type: "submit", class: "bns-button bns-primary" }, submit);
    this.form = element("form", {}, this.extra, this.fields, this.place, this.present, this.send);
    const content = element("div", {}, this.form, this.hint);
    this.node = overlay(element("details", { class: "bns-panel" }, element("summary", {}, title), content));
    this.fields.addEventListener("change", () => this.offer());
    this.place.addEventListener("input", () => this.judge());
    this.node.addEventListener("toggle", () => this.node.open && onOpen());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.node.open = false;
      this.node.firstChild.focus();
      onSubmit(this.able.name, this.value());
    });
  }

  set(editable, values) {
    if (!editable.length || JSON.stringify([editable, values]) === this.kept) return;
    this.kept = JSON.stringify([editable, values]);
    const chosen = this.fields.value;
    [this.editable, this.values] = [editable, values];
    this.fields.replaceChildren(...editable.map(({ name, label }) => element("option", { value: name }, label)));
    if (editable.some(({ name }) => name === chosen)) this.fields.value = chosen;
    this.offer();
  }

  offer() {
    this.able = this.editable.find(({ name }) => name === this.fields.value);
    this.input = inputOf(this.able, otherThan(this.values[this.able.name], this.able));
    this.place.replaceChildren(this.input);
    this.present.textContent = filled(this.now, { value: this.values[this.able.name] });
    this.judge();
  }

  value() {
    return this.able.options ? this.input.value : Number(this.input.value);
  }

  // What the form would do at this step; or, with `why`, why nothing can be sent.
  bar(why, hint) {
    Object.assign(this, { why, hintText: hint });
    this.judge();
  }

  // A change without effect is not sent: it would train a copy.
  judge() {
    const why = this.why || (this.able && this.value() === this.values[this.able.name] ? this.same : "");
    this.send.disabled = Boolean(why);
    this.hint.textContent = why || this.hintText;
  }
}

export class Forms {
  constructor(studio) {
    this.studio = studio;
    const { texts } = studio.data;
    const still = () => studio.does.pause();
    this.changing = new Panel(
      texts.change, texts["change now"], texts,
      (field, value) => studio.rerun.ask("change", { step: studio.player.step, field, value }), still,
    );
    this.forking = new Panel(
      texts.fork, texts["fork here"], texts, (field, value) => this.fork(field, value), still,
    );
    this.nodes = [this.changing.node, this.forking.node];
  }

  fork(field, value) {
    const { rerun, player } = this.studio;
    rerun.ask("fork", { lane: Number(this.origin.lastChild.value), step: player.step, field, value });
  }

  // A fork can leave any lane that has numbers at this step, except a fork.
  setOrigins(history) {
    const { data, player } = this.studio;
    const alive = (lane) => (history.diverged[lane] ?? Infinity) > player.step;
    const origins = data.lanes.flatMap(({ name, fork_of }, lane) =>
      fork_of === null && alive(lane) ? [[lane + 1, name]] : [],
    );
    if (this.origins === JSON.stringify(origins)) return;
    this.origins = JSON.stringify(origins);
    this.origin = selectOf(data.texts.lane, origins, () => this.show(), origins[0]?.[0]);
    this.forking.extra.replaceChildren(this.origin);
  }

  show() {
    const { data, player, run } = this.studio;
    const { editable, texts } = data;
    this.changing.node.hidden = !editable.change.length;
    this.forking.node.hidden = !editable.fork.length;
    for (const node of this.nodes) node.classList.toggle("bns-later", !run.job); // invisible, but its room is kept
    if (player.mode === "playing") return; // opening a form pauses the film
    const values = { step: player.step };
    const end = player.step >= (player.over ? player.known : (player.total ?? Infinity)) ? texts["fork end"] : "";
    this.setOrigins(run.history);
    this.changing.set(editable.change, this.inForce(player.step));
    this.forking.set(editable.fork, this.inForce(player.step, data.lanes[this.origin.lastChild.value - 1]));
    this.changing.bar(end, filled(texts["change hint"], values));
    this.forking.bar(end || (this.origins === "[]" ? texts["fork lost"] : ""), filled(texts["fork hint"], values));
  }

  // The settings in the step after `step`: a lane's own values, and those of all lanes.
  inForce(step, lane = {}) {
    const { data, run } = this.studio;
    const valued = (name) =>
      lane.own?.includes(name) ? lane[name] : run.history.setting(name, data.run[name], step + 1);
    return Object.fromEntries(Object.keys(data.run).map((name) => [name, valued(name)]));
  }
}
