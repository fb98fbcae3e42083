// A state of a page in words: the page's name, and the settings as the page itself spells them.

import { appUrl } from "./dom.js";

const answers = new Map(); // by address

// The controls of a lesson in that state, from the head of its table (lessons/packing.py).
async function fetched(address) {
  const answer = await fetch(appUrl(address));
  const bytes = await answer.arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))).handles;
}

function handlesOf({ page, settings }, version) {
  const address = `api/tables/${page}?${new URLSearchParams({ ...settings, v: version })}`;
  if (!answers.has(address)) answers.set(address, fetched(address).catch(() => []));
  return answers.get(address);
}

// A switch that is on needs no value.
function named(label, text) {
  return text === "true" ? label : `${label}: ${text}`;
}

// Fill the node; spelling: as ui/page/for_teachers/spelling.py tells it. Values of sliders come from the server.
export function tellState(node, state, { pages, version }, more = []) {
  const { label = state.page, controls = {}, options = {}, staged } = pages[state.page] ?? {};
  const tell = (handles) => {
    const settings = Object.entries(state.settings).map(([name, text]) => {
      const handle = handles.find((one) => one.name === name);
      if (handle) return named(handle.label, handle.shown[handle.at]);
      return named(controls[name] ?? name, options[text] ?? text);
    });
    node.textContent = [label, ...settings, ...more].filter(Boolean).join(" · ");
  };
  node.state = state;
  tell([]);
  if (staged && Object.keys(state.settings).length)
    handlesOf(state, version).then((handles) => node.state === state && tell(handles));
}
