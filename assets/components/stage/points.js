// The values of a batch can be dragged: the one that is taken is chosen, and its control follows the hand.

import { element } from "../lib/dom.js";

export class Points {
  // choose, drag: the controls that choose a value and that move it. trace: where the values are drawn; each is `each`
  // points: the value, followed by what it becomes.
  constructor(figure, [choose, drag, trace, each], stage) {
    Object.assign(this, { figure, choose, drag, trace, each, stage, nodes: [] });
    this.hint = figure.hint;
  }

  put() {
    const { x, y } = this.figure.spec.data[this.trace];
    const count = Math.floor((x?.length ?? 0) / this.each);
    for (const node of this.nodes.splice(count)) node.remove();
    while (this.nodes.length < count) this.nodes.push(this.point(this.nodes.length));
    const { xaxis, yaxis } = this.figure.axesOf(this.trace);
    this.nodes.forEach((node, index) => {
      node.style.left = `${xaxis._offset + xaxis.d2p(x[index * this.each])}px`;
      node.style.top = `${yaxis._offset + yaxis.d2p(y[index * this.each])}px`;
    });
  }

  point(index) {
    const node = element("div", { class: "bnl-grip bnl-point", title: this.hint });
    node.addEventListener("pointerdown", (event) => this.taken(event, node, index));
    node.addEventListener("pointermove", (event) => {
      if (this.from)
        this.control.moveTo(this.from.value + this.figure.across(event.clientX - this.from.x, [this.trace]));
    });
    for (const over of ["pointerup", "pointercancel"]) node.addEventListener(over, () => this.letGo());
    this.figure.node.append(node);
    return node;
  }

  get control() {
    return this.stage.controls.handles.get(this.drag);
  }

  taken(event, node, index) {
    if (event.button || !this.control) return;
    event.preventDefault();
    node.setPointerCapture(event.pointerId);
    this.stage.hand.choose(this.choose, index + 1);
    this.control.take();
    this.from = {
      x: event.clientX, step: this.control.step, value: Number(this.control.handle.values[this.control.step]),
    };
  }

  letGo() {
    if (!this.from) return;
    const moved = this.control.step !== this.from.step;
    this.from = null;
    this.control.release();
    if (!moved) this.stage.show(); // the value was only chosen
  }

  close() {
    for (const node of this.nodes.splice(0)) node.remove();
  }
}
