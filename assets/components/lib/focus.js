// Two places where Streamlit loses the focus. A popover is drawn at the end of the page, many tabs from its button:
// here the Tab key leads into it and out again. And a pressed button may be removed: what replaces it gets the focus.

const REACHED = "a[href], button, input, select, textarea, summary, [tabindex]";
const BODY = "[data-testid=stPopoverBody]";

// While the focus is outside of a popover, the tabindex inside is stored away (FloatingPortal of floating-ui).
const placeOf = ({ dataset, tabIndex }) => ("tabindex" in dataset ? Number(dataset.tabindex) : tabIndex);

function reachedIn(node) {
  const all = [...node.querySelectorAll(REACHED)].filter(
    (one) => placeOf(one) >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }),
  );
  const stops = ({ type, name, checked }) =>
    type !== "radio" || checked || !all.some((other) => other.name === name && other.checked);
  return all.filter(stops); // only one of a group of radio buttons
}

const doorOf = () => document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]");

// From the button into the popover that it opened, and out again at either end, where the browser's own step follows.
function step(event) {
  const [door, body] = [doorOf(), document.querySelector(BODY)];
  if (!door || !body) return;
  const inside = reachedIn(body);
  const [first, last] = [inside[0], inside.at(-1)];
  if (event.target === door && !event.shiftKey) enter(event, inside);
  else if (event.target === first && event.shiftKey) enter(event, [door]);
  else if (event.target === last && !event.shiftKey) door.focus();
}

// Focus the first of them that accepts the focus.
function enter(event, nodes) {
  for (const node of nodes) {
    node.focus();
    if (document.activeElement !== node) continue;
    event.preventDefault();
    event.stopPropagation();
    return;
  }
}

document.addEventListener(
  "keydown", (event) => event.key === "Tab" && !(event.ctrlKey || event.altKey || event.metaKey) && step(event), true,
);

// If a run of the page removes the pressed button, focus what replaces it: the main button there or, in live training,
// among question, figures and controls, if there is one.
function handOn({ target, detail }) {
  const pressed = detail === 0 && target.closest?.("[data-testid=stMain] .stButton button");
  if (!pressed) return; // pressed with a mouse, or something else
  const [app, around] = [document.querySelector("[data-testid=stApp]"), ancestorsOf(pressed)];
  const seen = new MutationObserver(() => {
    if (app.dataset.testScriptState !== "notRunning" || pressed.isConnected) return;
    seen.disconnect();
    if (document.activeElement !== document.body) return;
    const near = around.find((node) => node.isConnected);
    const main = reachedIn(near.closest(".st-key-lab") ?? near).find((node) => node.matches("[kind=primary]"));
    (main ?? reachedIn(near)[0])?.focus();
  });
  seen.observe(app, { attributes: true, childList: true, subtree: true, attributeFilter: ["data-test-script-state"] });
  setTimeout(() => seen.disconnect(), 5000);
}

const ancestorsOf = ({ parentElement }) => (parentElement ? [parentElement, ...ancestorsOf(parentElement)] : []);

document.addEventListener("click", handOn, true);
