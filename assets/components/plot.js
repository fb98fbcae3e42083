// Shared by every component that draws: plotly.js loaded once, figures in the present theme and view.
// This text is put in front of the component's own script, so it exports nothing.

const plotlyLoading = {};

function loadPlotly(path) {
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

// Pages live one level below the app's root, wherever that root is mounted.
function appUrl(path) {
  return new URL(path, document.baseURI.replace(/[?#].*$/, "").replace(/[^/]*$/, "")).href;
}

function isDark(element) {
  const probe = document.createElement("span");
  probe.style.color = "var(--st-background-color, #fff)";
  element.appendChild(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

// Figures come in the light colours; `dark` maps each to its dark twin.
function inTheme(text, dark, isDarkNow) {
  if (!isDarkNow) return text;
  return text.replace(/#[0-9a-f]{6}\b/gi, (colour) => dark[colour.toLowerCase()] ?? colour);
}

// The teaching view: larger letters and thicker lines, in figures no taller: they must fit above their control.
function scaled(value, factor, key = "", parent = "") {
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

function pathParts(path) {
  return path.match(/\w+/g).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function setPath(object, parts, value) {
  let place = object;
  for (const part of parts.slice(0, -1)) place = place[part];
  place[parts.at(-1)] = value;
}

const PLOT_CONFIG = { displayModeBar: false, responsive: true, doubleClick: false };

// The same layout object may have been changed in place; a fresh revision makes plotly look again.
let revision = 0;
function drawFigure(Plotly, element, spec) {
  revision += 1;
  return Plotly.react(
    element,
    spec.data.map((trace) => ({ ...trace })),
    { ...structuredClone(spec.layout), autosize: true, datarevision: revision, uirevision: "kept" },
    PLOT_CONFIG,
  );
}

// A place in `box` for each figure {alt, width} and its spec, of the right height before it is drawn; no others.
function placeFigures(box, figures, specs) {
  while (box.children.length > figures.length) {
    window.Plotly?.purge(box.lastChild);
    box.lastChild.remove();
  }
  figures.forEach((figure, index) => {
    const node = box.children[index] ?? box.appendChild(element("div", { role: "img" }));
    node.setAttribute("aria-label", figure.alt);
    node.className = "bnl-figure";
    node.style.setProperty("--bnl-share", figure.width);
    node.style.minHeight = `${specs[index].layout.height}px`;
  });
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The little Markdown a live sentence may hold: **bold**; everything else is plain text.
function setSentence(node, text) {
  node.replaceChildren(
    ...text.split("**").map((part, index) => (index % 2 ? element("strong", {}, part) : part)),
  );
}
