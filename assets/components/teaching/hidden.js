// Controls that a link removes from the page, so that a class looks at the others.

const AREAS = { setup: ".bnl-door", presets: ".bnl-presets, .st-key-studio-small-presets", deeper: ".st-key-depth" };

// The node of a control: on a stage by its name, among Streamlit's widgets by their key.
function placesOf(slug, name) {
  const widget = `st-key-${slug}-${name}`;
  return (
    AREAS[name] ??
    `[data-name="${name}"], [data-field="${name}"], [data-name="${slug}.${name}"], .${widget}, [class*="${widget}-"]`
  );
}

export function hideControls(slug, names) {
  const style =
    document.getElementById("bnl-hide") ??
    document.head.appendChild(Object.assign(document.createElement("style"), { id: "bnl-hide" }));
  const rules = names.map((name) => `${placesOf(slug, name)} { display: none !important; }`).join("\n");
  if (style.textContent !== rules) style.textContent = rules;
}

// The number of lanes in a training on this page.
export function lanes() {
  return document.querySelectorAll(".bns-legend li").length;
}
