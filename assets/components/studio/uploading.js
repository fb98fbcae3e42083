// A file being uploaded. A popover that closes would forget it, so the popover stays open until the upload is done. For
// a file that the server refuses, Streamlit shows that it failed, and this shows why.

import { element } from "../lib/dom.js";

const COMING = "[data-testid=stPopoverBody] [data-testid=stFileChipIconSpinner]";

function stay(event) {
  const popover = document.querySelector(COMING)?.closest("[data-testid=stPopoverBody]");
  const closes = event.type === "keydown" ? event.key === "Escape" : !popover?.contains(event.target);
  if (popover && closes) event.stopImmediatePropagation();
}

for (const what of ["keydown", "pointerdown", "mousedown", "click"]) window.addEventListener(what, stay, true);

const UPLOADS = "/_stcore/upload_file/";
const { open } = XMLHttpRequest.prototype;

XMLHttpRequest.prototype.open = function (method, address, ...rest) {
  if (method === "PUT" && String(address).includes(UPLOADS)) this.addEventListener("load", answered);
  return open.call(this, method, address, ...rest);
};

function answered({ target: { status, responseText } }) {
  document.querySelector(".bns-refused")?.remove();
  if (status < 400) return;
  const why = wordsOf(responseText);
  const uploader = document.querySelector("[data-testid=stFileUploader]");
  if (why) uploader?.append(element("p", { class: "bns-refused", role: "alert" }, why));
}

// Refusals of Streamlit itself or of a proxy are not JSON: they contain nothing that Streamlit does not show.
function wordsOf(answer) {
  try {
    return JSON.parse(answer).error;
  } catch {
    return null;
  }
}
