// A stage's controls: handles that redraw the figures while they are dragged, fields that are set, and their places.

import { element } from "../lib/dom.js";
import { fieldOf } from "./fields.js";
import { HandleControl } from "./handles.js";
import { textAt } from "./tables.js";

export class Controls {
  // does: `approach`, `moved` and `letGo` of a handle, `setField` of a field; each with its name.
  constructor(data, does) {
    Object.assign(this, { data, does, handles: new Map(), fields: new Map() });
    this.node = element("div", { class: "bnl-controls" }); // beside the figure
    this.further = element("div", { class: "bnl-further" }); // in the set-up, as the fields
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

  // The handles and the notes of a picture that came for these values.
  take({ handles, notes }, values) {
    this.layOutHandles(handles);
    for (const [name, field] of this.fields) field.agreed?.(values[name], notes[name] ?? "");
  }

  layOutHandles(handles) {
    const { carrying, picture, slow } = this.data;
    const carries = ({ name }) => carrying.includes(name);
    const shown = picture ? handles.filter(carries) : handles;
    for (const { name } of shown) {
      if (!this.handles.has(name)) this.handles.set(name, new HandleControl(name, this.does, slow.includes(name)));
    }
    this.fill(this.node, shown.filter(carries));
    this.fill(this.further, shown.filter((handle) => !carries(handle)));
    for (const handle of shown) this.handles.get(handle.name).furnish(handle);
  }

  // Moving a node that is already in place would end a drag in progress.
  fill(box, handles) {
    const nodes = handles.map(({ name }) => this.handles.get(name).node);
    const inPlace = nodes.length === box.children.length && nodes.every((node, index) => node === box.children[index]);
    if (!inPlace) box.replaceChildren(...nodes);
  }

  // What a table says of the handles' values, but for the one that moves.
  showAs(texts, step, moving) {
    for (const [name, control] of this.handles) {
      control.showAs(name === moving ? "" : textAt(texts, `shown.${name}`, step));
    }
  }

  settle() {
    for (const control of this.handles.values()) control.settle();
  }

  // Whether a hand is at one, or its value still on its way.
  get busy() {
    const moves = ({ node, held, gliding, rest }) => node.isConnected && (held || gliding || rest.waits);
    return [...this.handles.values()].some(moves);
  }

  get lines() {
    return [...this.handles.values()].map(({ handle, step }) => `${handle.label}: ${handle.shown[step]}`);
  }
}
