// A popover that closes forgets the file that is on its way to the server. Until that is there, it stays open.

const COMING = "[data-testid=stPopoverBody] [data-testid=stFileChipIconSpinner]";

function stay(event) {
  const popover = document.querySelector(COMING)?.closest("[data-testid=stPopoverBody]");
  const closes = event.type === "keydown" ? event.key === "Escape" : !popover?.contains(event.target);
  if (popover && closes) event.stopImmediatePropagation();
}

for (const what of ["keydown", "pointerdown", "mousedown", "click"]) window.addEventListener(what, stay, true);
