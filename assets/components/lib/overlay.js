// A `details` over the page, which Escape, a press elsewhere, or the focus moving elsewhere closes.

export function overlay(details) {
  const away = ({ target }) => {
    if (!details.contains(target)) details.open = false;
  };
  details.addEventListener("toggle", () => {
    if (details.open) document.addEventListener("pointerdown", away);
    else document.removeEventListener("pointerdown", away);
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  details.addEventListener("focusout", (event) => event.relatedTarget && away({ target: event.relatedTarget }));
  return details;
}
