// A lecture as a link: what stands behind the # of the page's address, which no server is sent.

export const MOST = 8000; // signs of a link that mail and browsers carry unharmed
const NAME = "#lecture=";

export async function packed(text) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const signs = btoa(String.fromCharCode(...bytes));
  return NAME + signs.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The lecture's text that an address holds; "" where it holds none. Fails where it was cut short.
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
