// What a page that trains has around its figures, like every lesson: a question from an earlier lesson while its own
// prediction is open, and explanations of the field's words where they first appear.

import { Glossary } from "./glossary.js";
import { Review } from "./review.js";

// Text that must not be changed, because Streamlit must find it again.
const STANDING = ".st-key-lesson > div:not(:has(.st-key-lab)) p, .st-key-lab-ask p, .stTabs [data-testid=stMarkdown] p";
const DRAWN = 300; // ms after which the rest of the same run of the page is there, too

class Frame {
  constructor(root, data) {
    this.review = new Review(data);
    this.glossary = new Glossary(data.glossary, root);
    root.replaceChildren(this.review.node);
  }

  update(root, { asking }) {
    if (this.asking && !asking) this.review.passed();
    this.asking = asking;
    root.classList.toggle("bnl-asking", asking);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.glossary.mark([...document.querySelectorAll(STANDING)]), DRAWN);
  }

  close() {
    clearTimeout(this.timer);
    if (this.asking) this.review.passed();
    this.glossary.close();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-frame");
  root.frame ??= new Frame(root, data);
  root.frame.update(root, data);
  return () => {
    root.frame?.close();
    delete root.frame;
  };
}
