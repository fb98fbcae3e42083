// Nodes of the page, and addresses below the app's root.

// Pages live one level below the app's root, wherever that root is mounted.
export function appUrl(path) {
  return new URL(path, document.baseURI.replace(/[?#].*$/, "").replace(/[^/]*$/, "")).href;
}

const HERE_ALONE = ["localhost", "127.0.0.1", "[::1]"];

// The same address as others reach it; network: this server's address in the network, if the reader uses localhost.
export function outerUrl(path, network) {
  const url = new URL(appUrl(path));
  if (HERE_ALONE.includes(url.hostname) && network) url.hostname = network;
  return url.href;
}

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function button(text, act, kind = "bnl-button") {
  const node = element("button", { type: "button", class: kind }, text);
  node.addEventListener("click", act);
  return node;
}

// Let the reader save a file with that text.
export function saveText(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  element("a", { download: name, href }).click();
  setTimeout(() => URL.revokeObjectURL(href));
}

// On a page without TLS, as from a lecturer's machine, the clipboard's own interface is not available.
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const line = document.body.appendChild(element("textarea", {}, text));
  line.select();
  document.execCommand("copy");
  return line.remove();
}

// A button that copies text() and says so.
export function copyButton(texts, text) {
  const copy = button(texts.copy, async () => {
    await copyText(text());
    copy.textContent = texts.copied;
    copy.blur();
  });
  return copy;
}

// The template with values filled in for each {name}.
export function filledWith(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// The Markdown allowed in a live sentence: **bold** and `code`; everything else is plain text.
export function setSentence(node, text) {
  const coded = (part) => part.split("`").map((bit, index) => (index % 2 ? element("code", {}, bit) : bit));
  node.replaceChildren(
    ...text.split("**").flatMap((part, index) => (index % 2 ? element("strong", {}, ...coded(part)) : coded(part))),
  );
}

// The exponent in a text, "-16" or "+3", as ⁻¹⁶, ³.
export function superscript(power) {
  return [...String(Number(power))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
}
