// Sliders for the settings of a training; after a rest they tell Python where they were let go.

import { HandleControl } from "./handles.js";

class Sliders {
  constructor(root) {
    this.root = root;
    this.controls = new Map();
    root.classList.add("bnl-controls");
    const nothing = Promise.resolve();
    this.does = { approach: () => nothing, moved: () => {}, letGo: (name) => this.letGo(name) };
  }

  update({ handles }, tell) {
    this.tell = tell;
    for (const { name } of handles)
      if (!this.controls.has(name)) this.controls.set(name, new HandleControl(name, this.does, false));
    const nodes = handles.map(({ name }) => this.controls.get(name).node);
    if (nodes.some((node, index) => node !== this.root.children[index])) this.root.replaceChildren(...nodes);
    for (const handle of handles) this.controls.get(handle.name).furnish(handle);
  }

  letGo(name) {
    const { step, handle } = this.controls.get(name);
    if (step !== handle.at) this.tell({ name, step });
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".bnl-sliders");
  root.sliders ??= new Sliders(root);
  root.sliders.update(data, (released) => setStateValue("released", released));
  return () => delete root.sliders;
}
