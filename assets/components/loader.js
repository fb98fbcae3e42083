// The script that Streamlit sends for a component: it loads the modules and styles, and reports where that fails.
// ui/components/component.py puts COMPONENT in front: { root, entry, modules, styles, texts, waits }.

const { root, entry, modules, styles, texts, waits } = COMPONENT;

// Pages live one level below the app's root, wherever that root is mounted.
const here = (path) => new URL(path, document.baseURI.replace(/[?#].*$/, "").replace(/[^/]*$/, "")).href;

async function insist(get, path) {
  for (const wait of [...waits, null]) {
    try {
      return await get(here(path));
    } catch (error) {
      if (wait === null) throw error;
      await new Promise((ready) => setTimeout(ready, wait * (0.5 + Math.random())));
    }
  }
}

// All modules are fetched first, side by side, so that the import finds them in the browser's cache. A failed fetch can
// be repeated, while a failed import may be remembered as failed for good.
async function fetched(href) {
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(`${answer.status} for ${href}`);
  await answer.arrayBuffer();
}

function dress(href) {
  const worn = document.head.querySelector(`link[href="${href}"]`);
  if (worn) return worn.loaded;
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  style.loaded = new Promise((ready, fail) => {
    style.onload = ready;
    style.onerror = () => (style.remove(), fail(new Error(`no ${href}`)));
  });
  // Shared styles are loaded first, whichever component loads them, so that the components' own rules win.
  document.head[href.includes("/lib/") ? "prepend" : "append"](style);
  return style.loaded;
}

async function start() {
  const styled = styles.map((path) => insist(dress, path).catch(() => null)); // without it the component looks plain
  await Promise.all([...modules.map((path) => insist(fetched, path)), ...styled]);
  return (await insist((href) => import(href), entry)).default;
}

let load = start();
const failed = new Set();

function sayMissing(node) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: texts.again });
  button.addEventListener("click", () => {
    load = start();
    for (const each of [...failed]) each();
  });
  const note = Object.assign(document.createElement("p"), { className: "bnl-missing" });
  note.setAttribute("role", "status");
  button.style.font = "inherit";
  note.append(`${texts.missing} `, button);
  node.replaceChildren(note);
}

export default function (given) {
  let close = null;
  let gone = false;
  async function begin() {
    failed.delete(begin);
    try {
      const draw = await load;
      if (gone) return;
      given.parentElement.querySelector(".bnl-missing")?.remove();
      close = draw(given);
    } catch (error) {
      if (await load.catch(() => null)) throw error; // a mistake in the component itself
      if (gone) return;
      failed.add(begin);
      sayMissing(given.parentElement.querySelector(root));
    }
  }
  begin();
  return () => {
    gone = true;
    failed.delete(begin);
    close?.();
  };
}
