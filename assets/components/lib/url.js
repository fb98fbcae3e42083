// Writes the browser's own settings into the address, in place of the history's entry, so that Back leaves the page.

export const ADDRESS = "bnl-address"; // the event: the address was changed, by anyone (address.js)

// change: a function that changes the address's entries (URLSearchParams).
export function rewriteAddress(change) {
  const url = new URL(window.location.href);
  change(url.searchParams);
  url.search = readable(url.search);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url.href);
}

// Commas are left as they are in a query: a link that people read should not be full of percent signs.
export function readable(query) {
  return query.replaceAll("%2C", ",");
}

// The entries of the page "slug": [name, text] each.
export function entriesOf(slug, search = window.location.search) {
  const own = `${slug}.`;
  return [...new URLSearchParams(search)].flatMap(([key, text]) =>
    key.startsWith(own) ? [[key.slice(own.length), text]] : [],
  );
}

// The name of the page on screen in the address; "" for the start page.
export function pageName() {
  return window.location.pathname.split("/").at(-1);
}
