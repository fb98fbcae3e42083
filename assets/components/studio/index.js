// The function that Streamlit calls whenever the page's data change; the studio itself stays.

import { freeFigure } from "../lib/plot.js";
import { Studio } from "./studio.js";
import "./uploading.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".bnl-studio");
  root.studio ??= new Studio(root, data);
  root.studio.update(data, (asked) => setTriggerValue("asked", asked));
  return () => {
    root.studio?.run.stream.end();
    root.studio?.unhook();
    for (const node of root.querySelectorAll(".bnl-figure")) freeFigure(node);
    delete root.studio;
  };
}
