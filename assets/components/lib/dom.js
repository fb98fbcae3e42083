// Nodes of the page, and addresses below the app's root.

// Pages live one level below the app's root, wherever that root is mounted.
export function appUrl(path) {
  return new URL(path, document.baseURI.replace(/[?#].*$/, "").replace(/[^/]*$/, "")).href;
}

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The little Markdown a live sentence may hold: **bold** and `code`; everything else is plain text.
export function setSentence(node, text) {
  const coded = (part) => part.split("`").map((bit, index) => (index % 2 ? element("code", {}, bit) : bit));
  node.replaceChildren(
    ...text.split("**").flatMap((part, index) => (index % 2 ? element("strong", {}, ...coded(part)) : coded(part))),
  );
}
