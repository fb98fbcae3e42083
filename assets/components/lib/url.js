// What the browser itself writes into the address: it replaces the history's entry, so that Back leaves the page.

// change: what is to be done to the address's entries (URLSearchParams).
export function rewriteAddress(change) {
  const url = new URL(window.location.href);
  change(url.searchParams);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url.href);
}
