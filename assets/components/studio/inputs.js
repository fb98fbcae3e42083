// Buttons, menus and switches of the studio.

import { element } from "../lib/dom.js";

export function textButton(text, act, kind = "bns-button") {
  const button = element("button", { type: "button", class: kind }, text);
  button.addEventListener("click", act);
  return button;
}

let selects = 0;
export function selectOf(label, options, act, value) {
  selects += 1;
  const select = element("select", { id: `bns-select-${selects}` });
  select.append(...options.map(([name, text]) => element("option", { value: name }, text)));
  if (value !== undefined) select.value = value;
  select.addEventListener("change", () => act(select.value));
  return element("span", { class: "bns-select" }, element("label", { for: select.id }, label), select);
}

export function checkOf(label, checked, act) {
  const box = element("input", { type: "checkbox", ...(checked ? { checked: "" } : {}) });
  box.addEventListener("change", () => act(box.checked));
  return element("label", { class: "bns-check" }, box, label);
}
