// The transport bar: play and pause, a step forward or back, speed, reset, and the scrubber over everything told so far.

const ICONS = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  step: "M5 4l9 8-9 8zM16 4h3v16h-3z",
  back: "M19 4l-9 8 9 8zM5 4h3v16H5z",
  reset: "M12 5V1L6 6l6 5V7a6 6 0 11-6 6H4a8 8 0 108-8z",
};
const CAN = {
  toggle: ["running", "queued", "paused", "stopped", "failed", "finished"],
  step: ["paused", "stopped", "failed"],
  step_back: ["paused", "stopped", "failed", "finished"],
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
  const button = element("button", { type: "button", class: "bns-button", title: text, "aria-label": text }, iconOf(icon));
  button.addEventListener("click", act);
  return button;
}

function textButton(text, act, kind = "bns-button") {
  const button = element("button", { type: "button", class: kind }, text);
  button.addEventListener("click", act);
  return button;
}

class Transport {
  constructor(texts, does) {
    this.texts = texts;
    this.does = does;
    this.toggle = iconButton("play", texts.play, () => does.toggle());
    this.back = iconButton("back", texts["step back"], () => does.stepBy(-1));
    this.step = iconButton("step", texts.step, () => does.stepBy(1));
    this.reset = iconButton("reset", texts.reset, () => does.trigger("reset"));
    this.scrubber = element("input", { type: "range", min: 0, max: 1, value: 0, step: 1, "aria-label": texts.scrubber });
    this.clock = element("span", { class: "bns-clock" });
    this.now = textButton(texts.now, () => does.follow());
    this.speed = selectOf(texts.speed, [["slow", texts["speed.slow"]], ["fast", texts["speed.fast"]]], (pace) => does.pace(pace));
    this.node = element(
      "div",
      { class: "bns-transport", role: "group", "aria-label": texts.transport },
      element("div", { class: "bns-keys" }, this.back, this.toggle, this.step),
      this.scrubber,
      element("div", { class: "bns-keys" }, this.clock, this.now, this.speed, this.reset),
    );
    this.scrubber.addEventListener("input", () => does.look(Number(this.scrubber.value)));
    this.scrubber.addEventListener("change", () => does.looked());
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.key !== " " || !["INPUT", "DIV"].includes(event.target.tagName)) return;
    event.preventDefault();
    this.does.toggle();
  }

  show(state) {
    const { status, known, look, facts } = state;
    const running = status === "running" || status === "queued" || state.replaying;
    const words = running ? "pause" : status === "finished" ? "replay" : "play";
    this.toggle.replaceChildren(iconOf(running ? "pause" : "play"));
    for (const name of ["title", "aria-label"]) this.toggle.setAttribute(name, this.texts[words]);
    this.toggle.disabled = !CAN.toggle.includes(status);
    this.step.disabled = look.following ? !CAN.step.includes(status) : look.step >= known;
    this.back.disabled = look.step === 0 || (look.following && !CAN.step_back.includes(status));
    this.reset.disabled = status === "empty";
    this.scrubber.disabled = !known;
    this.scrubber.max = Math.max(1, known, facts.steps ?? 0);
    this.scrubber.value = look.step;
    this.node.style.setProperty("--bns-known", facts.steps ? known / facts.steps : 0);
    this.now.classList.toggle("bns-absent", look.following);
    this.clock.textContent = known || status !== "empty" ? filled(this.texts.clock, { step: look.step, steps: facts.steps ?? "…", epoch: facts.steps_per_epoch ? state.epoch.toFixed(1) : "–" }) : "";
    this.scrubber.setAttribute("aria-valuetext", this.clock.textContent);
    if (document.activeElement !== this.speed.querySelector("select")) this.speed.querySelector("select").value = state.pace;
  }
}

let selects = 0;
function selectOf(label, options, act, value) {
  selects += 1;
  const select = element("select", { id: `bns-select-${selects}` });
  select.append(...options.map(([name, text]) => element("option", { value: name }, text)));
  if (value !== undefined) select.value = value;
  select.addEventListener("change", () => act(select.value));
  return element("span", { class: "bns-select" }, element("label", { for: select.id }, label), select);
}

function checkOf(label, checked, act) {
  const box = element("input", { type: "checkbox", ...(checked ? { checked: "" } : {}) });
  box.addEventListener("change", () => act(box.checked));
  return element("label", { class: "bns-check" }, box, label);
}
