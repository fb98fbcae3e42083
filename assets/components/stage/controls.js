// A stage's controls: handles that redraw the figures while they are dragged, other fields, and their places.

import { element } from "../lib/dom.js";
import { fieldOf } from "./fields.js";
import { HandleControl } from "./handles.js";
import { textAt } from "./tables.js";

export class Controls {
  // does: `approach`, `moved` and `letGo` for handles, `setField` for fields; each is called with the name.
  constructor(data, does) {
    Object.assign(this, { data, does, handles: new Map(), fields: new Map() });
    this.node = element("div", { class: "bnl-controls" }); // beside the figure
    this.further = element("div", { class: "bnl-further" }); // in the set-up, among the fields
    this.others = element("div", { class: "bnl-fields" });
    if (!data.picture) this.layOutFields();
  }

  layOutFields() {
    const { fields, rows, more, texts } = this.data;
    const nodeOf = (name) => {
      const made = fieldOf(fields.find((field) => field.name === name), (text) => this.does.setField(name, text));
      this.fields.set(name, made);
      return made.node;
    };
    const columns = rows.map((names) => element("div", { class: "bnl-column" }, ...names.map(nodeOf)));
    const folded = element("details", { class: "bnl-more" }, element("summary", {}, texts.more), ...more.map(nodeOf));
    this.others.replaceChildren(...columns, ...(more.length ? [folded] : []));
  }

  setFields(values) {
    for (const [name, field] of this.fields) if (name in values) field.set(values[name]);
  }

  // Take over the handles and notes of a picture for these values.
  take({ handles, notes }, values) {
    this.layOutHandles(handles);
    for (const [name, field] of this.fields) field.agreed?.(values[name], notes[name] ?? "");
  }

  layOutHandles(handles) {
    const { picture, slow } = this.data;
    this.shown = picture ? handles.filter((handle) => this.carries(handle)) : handles;
    for (const { name } of this.shown) {
      if (!this.handles.has(name)) this.handles.set(name, new HandleControl(name, this.does, slow.includes(name)));
    }
    this.place();
    for (const handle of this.shown) this.handles.get(handle.name).furnish(handle);
  }

  carries({ name }) {
    return this.data.carrying.includes(name);
  }

  // Beside the figure, or in the set-up; one: whether there is room for a single one beside the figure.
  place(one = this.one) {
    this.one = one;
    const beside = this.shown.filter((handle) => this.carries(handle)).slice(0, one ? 1 : Infinity);
    this.fill(this.node, beside);
    this.fill(this.further, this.shown.filter((handle) => !beside.includes(handle)));
  }

  // Moving a node that is in place already would end a drag in progress.
  fill(box, handles) {
    const nodes = handles.map(({ name }) => this.handles.get(name).node);
    const inPlace = nodes.length === box.children.length && nodes.every((node, index) => node === box.children[index]);
    if (!inPlace) box.replaceChildren(...nodes);
  }

  // Show a table's texts for the handles' values, except for the one that is moving.
  showAs(texts, step, moving) {
    for (const [name, control] of this.handles) {
      control.showAs(name === moving ? "" : textAt(texts, `shown.${name}`, step));
    }
  }

  settle() {
    for (const control of this.handles.values()) control.settle();
  }

  // Whether a hand is at a handle, or its value has not been sent yet.
  get busy() {
    const moves = ({ node, held, gliding, rest }) => node.isConnected && (held || gliding || rest.waits);
    return [...this.handles.values()].some(moves);
  }

  get lines() {
    return [...this.handles.values()].map(({ handle, step }) => `${handle.label}: ${handle.shown[step]}`);
  }
}
