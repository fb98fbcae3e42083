// Back leaves a page in one press, and what one page writes never stands in the address of another.

// Streamlit pushes an entry for each query that Python writes (#13853); one for another page stays one. It writes it
// into the address of the page that is shown by then. What is called "slug.…" belongs to the page "slug" alone.
function ofItsPage(url) {
  const page = url.pathname.replace(/\/+$/, "").split("/").at(-1);
  const named = [...url.searchParams.keys()].filter((name) => name.includes("."));
  const strange = named.filter((name) => !name.startsWith(`${page}.`));
  const late = url.pathname === window.location.pathname && strange.length && strange.length === named.length;
  if (late) url.search = window.location.search; // all of it is of a page that was left
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
}
