// A lecture as a link: it is behind the # of the page's address, which browsers do not send to a server.

export const MOST = 8000; // characters of a link that mail and browsers transmit unharmed
const NAME = "#lecture=";

export async function packed(text) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const signs = btoa(String.fromCharCode(...bytes));
  return NAME + signs.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The lecture's text in an address; "" where there is none. Fails where it was cut short.
export async function unpacked(hash) {
  if (!hash.startsWith(NAME)) return "";
  const signs = atob(hash.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(signs, (sign) => sign.charCodeAt(0));
  return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
}

async function through(bytes, stream) {
  const out = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(out).arrayBuffer());
}
