// What the browser itself writes into the address: it replaces the history's entry, so that Back leaves the page.

export const ADDRESS = "bnl-address"; // the event: something was written into it, by whomever (address.js)

// change: what is to be done to the address's entries (URLSearchParams).
export function rewriteAddress(change) {
  const url = new URL(window.location.href);
  change(url.searchParams);
  url.search = readable(url.search);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url.href);
}

// Commas may stand in a query as they are: a link that people read is not to be full of percent signs.
export function readable(query) {
  return query.replaceAll("%2C", ",");
}

// What belongs to the page "slug": [name, text] of its entries.
export function entriesOf(slug, search = window.location.search) {
  const own = `${slug}.`;
  return [...new URLSearchParams(search)].flatMap(([key, text]) =>
    key.startsWith(own) ? [[key.slice(own.length), text]] : [],
  );
}

// The page that is shown: its name in the address, "" for the start page.
export function pageName() {
  return window.location.pathname.split("/").at(-1);
}
