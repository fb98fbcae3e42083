// The height of the curves, so that they end above the transport bar at the foot of the first screen.

const LEAST = 200; // px: a lower figure's axes would be illegible
const PHONE = 0.42; // of the window's height: no flatter than that where they are narrow
const EDGE = 6; // px kept free at the window's lower edge

// Side by side, no higher than wide; one below the other, only the first must be seen whole, and it is flatter.
export function heightOf({ root, grid, transport }) {
  const { top, width } = grid.main.getBoundingClientRect();
  const scroller = root.closest("[data-testid=stMain]");
  const foot = transport.node.offsetHeight + parseFloat(getComputedStyle(transport.node).bottom) + EDGE;
  const left = window.innerHeight - (top + (scroller?.scrollTop ?? window.scrollY)) - foot;
  const beside = grid.main.children.length < 2 || grid.main.children[1].getBoundingClientRect().top < top + 1;
  const most = beside ? width / 2 : Math.max(0.8 * width, PHONE * window.innerHeight);
  return Math.round(Math.max(LEAST, Math.min(left, most)));
}

// Call `act` whenever something above the curves, the window, or the bar below them changes its size.
export function onNewRoom({ root, transport }, act) {
  const sizes = new ResizeObserver(act);
  for (const node of [root.closest("[data-testid=stMainBlockContainer]") ?? root, transport.node]) sizes.observe(node);
  window.addEventListener("resize", act);
  return () => {
    sizes.disconnect();
    window.removeEventListener("resize", act);
  };
}
