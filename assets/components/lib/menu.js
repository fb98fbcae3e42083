// The small menu under each chart: full screen, picture and numbers of what is drawn. Nothing leaves the machine.

import { element } from "./dom.js";

export function menuOf(chart, texts) {
  const choices = [
    ["full screen", () => chart.node.requestFullscreen()],
    ["png", () => savePicture(chart, "png")],
    ["svg", () => savePicture(chart, "svg")],
    ["csv", () => save(`${chart.meta.name}.csv`, URL.createObjectURL(new Blob([csvOf(chart.spec)], { type: "text/csv" })))],
  ];
  const menu = element("details", { class: "bns-menu" }, element("summary", { "aria-label": texts["menu"], title: texts["menu"] }, "⋯"));
  const list = element("div", {});
  for (const [name, act] of choices) {
    const button = element("button", { type: "button" }, texts[`menu.${name}`]);
    button.addEventListener("click", () => {
      menu.open = false;
      act();
    });
    list.append(button);
  }
  menu.append(list);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

function save(name, address) {
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// With a legend and the page's background, because a picture travels without the page.
async function savePicture(chart, format) {
  const paper = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor;
  const layout = {
    ...structuredClone(chart.spec.layout),
    ...{ paper_bgcolor: paper, plot_bgcolor: paper, showlegend: true, legend: { orientation: "h", y: -0.25 } },
    ...{ autosize: false, width: 900, height: 540 },
  };
  const data = chart.spec.data.filter((trace) => trace.x?.length || trace.z?.length);
  const address = await window.Plotly.toImage({ data: structuredClone(data), layout }, { format, width: 900, height: 540, scale: 2 });
  save(`${chart.meta.name}.${format}`, address);
}

// One row per drawn point: the line's name, then its coordinates as the axes call them. Of a surface also the number at
// each place, in `customdata` where the one drawn is another, and, where the layout's meta names a column for it, the text.
export function csvOf(spec) {
  const { xaxis, yaxis, title, meta = {} } = spec.layout;
  const across = xaxis.title?.text || "x";
  const up = yaxis.title?.text || title?.text || "y";
  const more = spec.data.some((trace) => trace.z) ? [meta.value ?? "value", ...(meta.text ? [meta.text] : [])] : [];
  const rows = [["line", across, up, ...more]];
  for (const trace of spec.data) {
    if (trace.type === "contour" || ["gap", "sign"].includes(trace.meta?.source)) continue;
    if (trace.z) rows.push(...placesOf(trace, meta));
    else trace.x?.forEach((x, index) => rows.push([trace.name, x, trace.y[index]]));
  }
  const cell = (value) => {
    // A reader's own names are escaped for plotly, which draws them as HTML.
    const text = String(value ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\n");
}

function placesOf({ name, x, y, z, customdata, text }, meta) {
  const told = (i, j) => [(customdata ?? z)[i][j], ...(meta.text ? [text[i][j]] : [])];
  return z.flatMap((row, i) => row.map((_, j) => [name, x[j], y[i], ...told(i, j)]));
}
