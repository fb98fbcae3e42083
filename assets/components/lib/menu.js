// The small menu under each chart: full screen, save as picture, save numbers. Nothing leaves the machine.

import { element } from "./dom.js";
import { overlay } from "./overlay.js";

// Each menu has its own name; `of` names its chart.
export function nameMenu(menu, texts, of) {
  menu.firstChild.setAttribute("aria-label", `${texts["menu"]}: ${of}`);
}

export function menuOf(chart, texts) {
  const choices = [
    ["full screen", () => chart.node.requestFullscreen()],
    ["png", () => savePicture(chart, "png")],
    ["svg", () => savePicture(chart, "svg")],
    ["csv", () => saveNumbers(chart)],
  ];
  const summary = element("summary", { "aria-label": texts.menu, title: texts.menu }, "⋯");
  const menu = overlay(element("details", { class: "bns-menu" }, summary));
  const list = element("div", {});
  for (const [name, act] of choices) {
    const button = element("button", { type: "button", class: "bnl-entry" }, texts[`menu.${name}`]);
    button.addEventListener("click", () => {
      menu.open = false;
      act();
    });
    list.append(button);
  }
  menu.append(list);
  return menu;
}

function save(name, address) {
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

const SIZE = { width: 960, height: 540 };
const KEY = 13; // px of a key's letters, even on a projector with its larger text
const LINE = 20; // px of a line of a picture's caption

function saveNumbers(chart) {
  const blob = new Blob([csvOf(chart.onScreen ?? chart.spec)], { type: "text/csv" });
  save(`${chart.meta.name}.csv`, URL.createObjectURL(blob));
}

// With the page's background and a key or a caption, because the picture is seen without the page.
async function savePicture(chart, format) {
  const paper = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor;
  const layout = {
    ...structuredClone(chart.spec.layout), paper_bgcolor: paper, plot_bgcolor: paper, autosize: false, ...SIZE,
  };
  chart.network?.drawInto(layout);
  if (chart.caption) addCaption(layout, chart.caption);
  else Object.assign(layout, { showlegend: true, legend: { orientation: "h", y: -0.25, font: { size: KEY } } });
  const data = chart.spec.data.filter((trace) => trace.name !== "grips" && [trace.x, trace.y, trace.z].some(holds));
  const address = await window.Plotly.toImage({ data: structuredClone(data), layout }, { format, ...SIZE, scale: 2 });
  save(`${chart.meta.name}.${format}`, address);
}

// Whether a list has entries; it may be packed by plotly.
function holds(list) {
  return Boolean(list?.length || list?.bdata);
}

function addCaption(layout, [title, ...lines]) {
  const { l = 0, r = 0, t = 0, b = 0 } = layout.margin;
  const text = lines.join("<br>");
  const place = {
    xref: "paper", yref: "paper", x: 0, y: 0, xanchor: "left", yanchor: "top", yshift: -b - LINE, align: "left",
    showarrow: false,
  };
  const own = layout.title?.text;
  const heading = own ? `${title}<br><span style="font-size: 0.8em">${own}</span>` : title;
  const pad = { t: own ? 12 + LINE : 12 }; // a second line pushes the first one up
  layout.title = { text: heading, x: 0, xref: "paper", y: 1, yref: "container", yanchor: "top", pad };
  // The letters in an image have another font, and are wider.
  layout.margin = { l: l + LINE, r: r + LINE, t: t + 2 * LINE, b: b + LINE * (lines.length + 1) };
  layout.annotations = [...(layout.annotations ?? []), { ...place, text, font: { size: 12 } }];
}

// One row per drawn point: the line's name, then its coordinates with the axes' names. For a surface also the number at
// each place, from `customdata` if another one is drawn, and the text, if the layout's meta names a column for it.
export function csvOf(spec) {
  const { xaxis, yaxis, title, meta = {} } = spec.layout;
  const several = "xaxis2" in spec.layout || "yaxis2" in spec.layout; // then each line uses its own axes' names
  const across = (!several && xaxis.title?.text) || "x";
  const up = (!several && (yaxis.title?.text || title?.text)) || "y";
  const more = spec.data.some((trace) => trace.z) ? [meta.value ?? "value", ...(meta.text ? [meta.text] : [])] : [];
  const rows = [["line", across, up, ...more]];
  for (const trace of spec.data) {
    if (trace.type === "contour" || ["gap", "sign"].includes(trace.meta?.source)) continue;
    if (trace.z) rows.push(...placesOf(trace, meta));
    else pointsOf(trace).forEach(([x, y]) => rows.push([trace.name, x, y]));
  }
  const cell = (value) => {
    // A reader's own names are escaped for plotly, which draws them as HTML.
    const text = String(value ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\n");
}

// A line without its own x counts from x0.
function pointsOf({ x, y, x0, dx }) {
  return Array.from(x ?? y ?? [], (_, index) => [x ? x[index] : x0 + index * dx, y?.[index]]);
}

function placesOf({ name, x, y, z, customdata, text }, meta) {
  const cell = (i, j) => [(customdata ?? z)[i][j], ...(meta.text ? [text[i][j]] : [])];
  return z.flatMap((row, i) => Array.from(row, (_, j) => [name, x[j], y[i], ...cell(i, j)]));
}
