// States worth seeing, and the way there: choices are set at once, dragged controls glide.

import { element } from "../lib/dom.js";
import { calm, MOMENT } from "../lib/motion.js";

// A button for each; it stays pressed as long as all that it has set stays.
export class Presets {
  constructor({ presets, texts }, show) {
    this.buttons = new Map(
      presets.map((preset) => [preset, element("button", { type: "button", class: "bnl-button" }, preset.label)]),
    );
    for (const [preset, button] of this.buttons) button.addEventListener("click", () => show(preset));
    const label = element("span", {}, texts["show me"]);
    this.node = element("div", { class: "bnl-presets" }, ...(presets.length ? [label, ...this.buttons.values()] : []));
  }

  mark(stage) {
    if (this.shown && !holds(stage, this.shown)) this.shown = null;
    for (const [preset, button] of this.buttons) button.setAttribute("aria-pressed", String(preset === this.shown));
  }
}

function holds({ at, controls: { handles } }, { settings }) {
  return Object.entries(settings).every(([name, text]) => {
    const control = handles.get(name);
    return control?.node.isConnected ? control.step === control.nearest(text) : at.values[name] === text;
  });
}

// Who moves a control on the way has left it: nothing is said of a state that is not on screen.
export async function goTo(stage, preset) {
  const { moves } = stage;
  stage.going += 1;
  stage.led = Boolean(preset.look);
  stage.fit();
  comeIntoSight(stage);
  await go(stage, preset).finally(() => (stage.going -= 1));
  if (stage.moves !== moves) return;
  stage.presets.shown = preset;
  stage.aside = preset.tells ?? (() => preset.look);
  stage.painter.schedule();
  await stage.painter.unfold();
}

// On a phone figure and sentence may be far above the button.
function comeIntoSight({ narrow, root }) {
  if (!narrow || root.getBoundingClientRect().top >= 0) return;
  root.scrollIntoView({ behavior: calm() ? "instant" : "smooth", block: "start" });
}

async function go(stage, { settings }) {
  const { at } = stage;
  const { fields, handles } = stage.controls;
  const target = { ...at.defaults, ...settings };
  const chosen = at.names.filter((name) => !handles.get(name)?.node.isConnected && at.values[name] !== target[name]);
  for (const name of chosen) {
    at.values[name] = target[name];
    fields.get(name)?.set(target[name]);
  }
  if (chosen.length) await stage.show();
  const away = [...handles].filter(
    ([name, control]) => control.node.isConnected && control.nearest(target[name]) !== control.step,
  );
  for (const [name, control] of away) await control.glideTo(control.nearest(target[name]), MOMENT / away.length);
}
