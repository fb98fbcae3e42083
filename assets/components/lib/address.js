// Back leaves a page in one press, and a page's settings never appear in the address of another page.

// Streamlit adds a history entry for each query that Python writes (#13853), even into the address of another page that
// is shown by then. Here only another page adds an entry, and settings "slug.…" stay with the page "slug".
function ofItsPage(url) {
  const page = url.pathname.replace(/\/+$/, "").split("/").at(-1);
  const named = [...url.searchParams.keys()].filter((name) => name.includes("."));
  const strange = named.filter((name) => !name.startsWith(`${page}.`));
  const late = url.pathname === window.location.pathname && strange.length && strange.length === named.length;
  if (late) url.search = window.location.search; // the whole query is of a page that was left
  else for (const name of strange) url.searchParams.delete(name);
  return url;
}

if (!window.history.replacing) {
  const { pushState, replaceState } = window.history;
  window.history.replacing = true;
  const announce = () => window.dispatchEvent(new Event("bnl-address"));
  window.history.replaceState = (state, title, to) => {
    replaceState.call(window.history, state, title, ofItsPage(new URL(to ?? "", window.location.href)));
    announce();
  };
  window.history.pushState = (state, title, to) => {
    const url = ofItsPage(new URL(to ?? "", window.location.href));
    const write = url.pathname === window.location.pathname ? replaceState : pushState;
    write.call(window.history, state, title, url);
    announce();
  };

  // The switch of the projector view knows `view=true` alone: Streamlit would take `view=teach` out of the address.
  const asked = window.location.search.replace(/([?&]view=)teach(?=&|$)/, "$1true") + window.location.hash;
  if (!asked.startsWith(window.location.search)) window.history.replaceState(window.history.state, "", asked);
}
