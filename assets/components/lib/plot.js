// Shared by components that draw: plotly.js loaded once, and figures in the present theme and view.

import { appUrl } from "./dom.js";

const plotlyLoading = {};

export function loadPlotly(path) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  plotlyLoading[path] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = appUrl(path);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      delete plotlyLoading[path];
      script.remove();
      reject(new Error(`could not load ${path}`));
    };
    document.head.appendChild(script);
  });
  return plotlyLoading[path];
}

export function isDark(element) {
  const probe = document.createElement("span");
  probe.style.color = "var(--st-background-color, #fff)";
  element.appendChild(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

// Figures come in the light colors; `dark` maps each to its dark twin.
export function inTheme(text, dark, isDarkNow) {
  if (!isDarkNow) return text;
  return text.replace(/#[0-9a-f]{6}\b/gi, (color) => dark[color.toLowerCase()] ?? color);
}

// The teaching view has larger letters and thicker lines, but figures of the same height, to fit above their control.
export function scaled(value, factor, key = "", parent = "") {
  if (factor === 1 || value === null) return value;
  if (typeof value === "number") {
    const grows =
      (key === "size" && (/font$/i.test(parent) || parent === "marker")) ||
      (key === "width" && parent === "line") ||
      parent === "margin";
    return grows ? value * factor : value;
  }
  if (Array.isArray(value)) return value.map((entry) => scaled(entry, factor, key, parent));
  if (typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, name === "bdata" ? entry : scaled(entry, factor, name, key)]),
  );
}

export function pathParts(path) {
  return path.match(/\w+/g).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

export function setPath(object, parts, value) {
  let place = object;
  for (const part of parts.slice(0, -1)) place = place[part];
  place[parts.at(-1)] = value;
}

const PLOT_CONFIG = { displayModeBar: false, responsive: true, doubleClick: false };

// The same layout object may have been changed in place; a fresh revision makes plotly look again.
let revision = 0;
const drawings = new WeakMap();
export function drawFigure(Plotly, element, spec) {
  revision += 1;
  const drawing = Plotly.react(
    element,
    spec.data.map((trace) => ({ ...trace })),
    { ...structuredClone(spec.layout), autosize: true, datarevision: revision, uirevision: "kept" },
    PLOT_CONFIG,
  );
  drawings.set(element, drawing);
  return drawing;
}

// Frees what plotly holds for an element, once its drawing is over: plotly fails on an element purged meanwhile.
export function freeFigure(element) {
  return Promise.allSettled([drawings.get(element)]).then(() => window.Plotly?.purge(element));
}
