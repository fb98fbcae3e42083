// The lesson's other controls: buttons, sliders, switches and typed lines; each reports its new text when it is set.

import { element, setSentence } from "../lib/dom.js";

export function fieldOf(field, tell) {
  const make = { choice: choiceField, number: numberField, flag: flagField, numbers: textField }[field.kind];
  const made = make(field, tell);
  made.node.dataset.field = field.name;
  return made;
}

function choiceField({ name, label, options }, tell) {
  const buttons = options.map((option, index) => {
    const input = element("input", { type: "radio", name: `bnl-${name}`, value: option, id: `bnl-${name}-${index}` });
    input.addEventListener("change", () => tell(option));
    return input;
  });
  const labeled = buttons.map((input) =>
    element("label", { for: input.id, class: "bnl-check" }, input, element("span", {}, input.value)),
  );
  const node = element(
    "fieldset", { class: "bnl-field bnl-choice" }, element("legend", {}, label), element("div", {}, ...labeled),
  );
  return { node, set: (text) => buttons.forEach((input) => (input.checked = input.value === text)) };
}

function numberField({ name, label, low, high, step }, tell) {
  const id = `bnl-${name}`;
  const input = element("input", { type: "range", id, min: low, max: high, step });
  const output = element("output", { for: id });
  const show = () => {
    const share = high > low ? (input.value - low) / (high - low) : 0;
    input.style.setProperty("--bnl-at", share);
    output.textContent = spelledOut(input.value);
  };
  input.addEventListener("input", show);
  whenRested(input, () => tell(input.value));
  const head = element("div", { class: "bnl-head" }, element("label", { for: id }, label), output);
  const set = (text) => {
    input.value = text;
    show();
    output.textContent = spelledOut(text);
  };
  return { node: element("div", { class: "bnl-field bnl-control" }, head, input), set };
}

function flagField({ name, label }, tell) {
  const input = element("input", { type: "checkbox", role: "switch", id: `bnl-${name}` });
  input.addEventListener("change", () => tell(String(input.checked)));
  const node = element(
    "div", { class: "bnl-field bnl-flag" },
    element("label", { for: input.id, class: "bnl-check" }, input, element("span", {}, label)),
  );
  return { node, set: (text) => (input.checked = text === "true") };
}

function textField({ name, label }, tell) {
  const input = element("input", {
    type: "text", class: "bnl-input", id: `bnl-${name}`, maxlength: 200, autocomplete: "off", spellcheck: "false",
  });
  const hint = element("p", { class: "bnl-field-note" });
  const wrong = element("p", { class: "bnl-wrong", role: "alert", hidden: "" });
  input.setAttribute("aria-describedby", (hint.id = `bnl-${name}-hint`));
  input.addEventListener("change", () => tell(input.value));
  const node = element(
    "div", { class: "bnl-field bnl-text" }, element("label", { for: input.id }, label), input, hint, wrong,
  );
  return {
    node,
    set: (text) => (input.value = text),
    // Take over what the server read in `text`; a line that the reader has changed since keeps its error.
    agreed(text, note) {
      hint.textContent = note;
      if (input.value === text) this.complain("");
    },
    complain(text) {
      wrong.hidden = !text;
      hint.hidden = Boolean(text);
      input.setAttribute("aria-invalid", String(Boolean(text)));
      setSentence(wrong, text);
    },
  };
}

function spelledOut(text) {
  return String(text).replace("-", "−");
}

// Arrow keys change a value several times: it is reported after a rest, or `now`, but not after the page was left.
export function whenRested(input, tell) {
  const rest = { waits: false, now: () => rest.waits && report() };
  let timer = null;
  let byKey = false;
  const report = () => {
    clearTimeout(timer);
    rest.waits = false;
    if (input.isConnected) tell();
  };
  input.addEventListener("pointerdown", () => (byKey = false));
  input.addEventListener("keydown", () => (byKey = true));
  input.addEventListener("change", () => {
    clearTimeout(timer);
    rest.waits = true;
    timer = setTimeout(report, byKey ? 400 : 0);
  });
  return rest;
}
