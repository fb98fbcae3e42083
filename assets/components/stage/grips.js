// Marks in a figure that are dragged: each moves its control's value as far as the hand moves along the axis. And
// points that are touched, or passed with the button down: each sets its control to its own step.

import { Network } from "./network.js";
import { Points } from "./points.js";

// All that can be taken hold of in a figure that was laid out.
export function grip(figure, stage) {
  for (const bind of [follow, touch]) bind(figure, (name) => stage.controls.handles.get(name));
  if (figure.picks) figure.points = new Points(figure, figure.picks, stage);
  if (figure.net) figure.network = new Network(figure, stage);
}

// `controlOf` finds a control by its name; the control then acts as if its slider had been moved.
function follow(figure, controlOf) {
  for (const { name, node, mark } of figure.grips) {
    let from = null;
    node.addEventListener("pointerenter", () => controlOf(name)?.does.approach(name));
    node.addEventListener("pointerdown", (event) => {
      const control = controlOf(name);
      if (!control) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      control.take();
      from = { x: event.clientX, value: Number(control.handle.values[control.step]) };
    });
    node.addEventListener("pointermove", (event) => {
      if (from) controlOf(name)?.moveTo(from.value + figure.across(event.clientX - from.x, mark));
    });
    for (const over of ["pointerup", "pointercancel"]) {
      node.addEventListener(over, () => {
        if (from) controlOf(name)?.release();
        from = null;
      });
    }
  }
}

function touch(figure, controlOf) {
  for (const { name, trace, node } of figure.touched) {
    let held = false;
    const here = (event) => controlOf(name)?.jumpTo(figure.pointAt(event, trace));
    node.addEventListener("pointerenter", () => controlOf(name)?.does.approach(name));
    node.addEventListener("pointerdown", (event) => {
      if (!controlOf(name)) return;
      held = true;
      controlOf(name).take();
      here(event);
    });
    node.addEventListener("pointermove", (event) => held && here(event));
    for (const over of ["pointerup", "pointercancel", "pointerleave"]) {
      node.addEventListener(over, () => {
        if (held) controlOf(name)?.release();
        held = false;
      });
    }
  }
}
