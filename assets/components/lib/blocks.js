// A network as a row of blocks, each a button with its name above the distribution of its outputs.

import { element } from "./dom.js";

const [WIDE, HIGH] = [100, 40]; // of a block's drawing, which is stretched over the block
const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// A block of that kind, which leads to `href` or does what its owner lets it; `facts` go into its data attributes.
export function block(kind, name, facts = {}, href = "") {
  const about = { class: "bnl-block", "data-kind": kind, tabindex: -1 };
  const node = href ? element("a", { ...about, href }) : element("button", { ...about, type: "button" });
  Object.assign(node.dataset, facts);
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(drawn("path", { class: "bnl-zero" }), drawn("path", { class: "bnl-values" }));
  node.append(svg, element("span", {}, name));
  return node;
}

const SIZES = [1, 0.93, 0.86, 0.8, 0.74]; // of the names' usual size

function fits({ offsetLeft, offsetTop, offsetWidth, offsetHeight, parentNode: { clientWidth, clientHeight } }) {
  return offsetLeft + offsetWidth <= clientWidth && offsetTop + offsetHeight <= clientHeight + 2;
}

// Names as large as fits all blocks in the node; a block without room for its name has its brief one, data-brief.
export function fitNames(node) {
  if (!node.clientWidth) return;
  const take = (size) => node.style.setProperty("--bnl-names", size);
  const blocks = [...node.querySelectorAll(".bnl-block")];
  for (const one of blocks) one.removeAttribute("data-short");
  const names = blocks.map((one) => one.lastChild).filter((name) => getComputedStyle(name).clipPath === "none");
  take(SIZES.at(-1));
  const able = names.filter(fits);
  take(SIZES.find((size) => (take(size), able.every(fits))));
  for (const name of names) if (!able.includes(name)) name.parentNode.dataset.short = "";
}

// What a part does, as a sign: every input to every unit, or the curve of an activation over an axis.
const SIGNS = {
  dense: "M14 9H86L14 31H86L14 9",
  relu: "M10 31H90M10 31H48L82 7",
  tanh: "M10 20H90M10 33C58 33 42 7 90 7",
  sigmoid: "M10 33H90M10 32C58 32 42 7 90 7",
};

// The sign of that name into a block, where there is one: for blocks without values.
export function sign(node, name) {
  if (SIGNS[name]) node.querySelector("svg").append(drawn("path", { class: "bnl-sign", d: SIGNS[name] }));
}

// The outline of the shares, as high as there is room; zero: where 0 lies between the ends, from 0 to 1, if it does.
export function fillBlock(node, shares, zero = null) {
  const [mark, values] = node.querySelectorAll("path");
  mark.setAttribute("d", zero > 0 && zero < 1 ? `M${zero * WIDE} 0V${HIGH}` : "");
  const most = Math.max(0, ...shares);
  const step = WIDE / shares.length;
  const top = (share) => (HIGH * (1 - share / most)).toFixed(2);
  const outline = shares.map((share, index) => `V${top(share)}H${((index + 1) * step).toFixed(2)}`).join("");
  values.setAttribute("d", most > 0 ? `M0 ${HIGH}${outline}V${HIGH}Z` : "");
}

// The block in another row for the same part, or else one in the same layer.
function like({ dataset: { layer, kind } }, row = []) {
  const same = row.filter(({ dataset }) => dataset.layer === layer);
  return same.find(({ dataset }) => dataset.kind === kind) ?? same[0] ?? row.at(-1);
}

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

// All blocks together are one stop of the Tab key; the arrow keys lead to the next block in a row, and to the matching
// one in the next row. rows: a function that returns the rows, each a list of blocks.
export function arrowKeys(node, rows) {
  const all = () => rows().flat();
  const enter = (chosen) => all().forEach((one) => (one.tabIndex = one === chosen ? 0 : -1));
  node.addEventListener("focusin", ({ target }) => all().includes(target) && enter(target));
  node.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const row = rows().findIndex((one) => one.includes(event.target));
    if (!step || row < 0) return;
    event.preventDefault();
    const [from, to] = [rows()[row], rows()[row + step[0]]];
    const next = step[0] ? like(event.target, to) : from[from.indexOf(event.target) + step[1]];
    next?.focus();
  });
  return () => all().some((one) => one.tabIndex === 0) || (all()[0] && (all()[0].tabIndex = 0));
}
