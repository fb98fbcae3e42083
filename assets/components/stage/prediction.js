// The reader's prediction: where it comes from, whether it is still open, and the truth for its state.

import { note } from "../lib/progress.js";
import { readGuess } from "./address.js";
import { Ask } from "./ask.js";

const ASKING = "bnl-asking"; // class of the page while deeper parts would tell the answer

export class Prediction {
  // does: `commit` to a prediction, or ("") ask again; `drawn`: a mark was drawn anew, or the truth came.
  constructor(root, data, tables, does) {
    Object.assign(this, { root, data, tables, does });
    this.ask = new Ask(data, { ...does, askAgain: () => does.commit("") });
  }

  get open() {
    return !this.data.picture && !this.guess;
  }

  read() {
    this.guess = readGuess(this.data.slug, (text) => this.ask.valid(text));
  }

  // The truth is that of the state of the question, wherever the model is moved later.
  take(choice, table, step) {
    this.guess = choice;
    this.truth = choice && table ? table.truth?.[table.truth.length === 1 ? 0 : step] : null;
    if (choice) note(this.data.slug, { guess: choice });
  }

  show() {
    this.ask.set(this.guess);
    for (const node of [this.root, document.documentElement]) node.classList.toggle(ASKING, this.open);
    if (this.guess) note(this.data.slug, { seen: Date.now() });
    if (this.guess && !this.data.picture && !this.truth) this.recall();
  }

  // For a prediction made in an earlier visit: its question was about the lesson's default state.
  async recall() {
    const { truth } = await this.tables.table([]).catch(() => ({}));
    this.truth ??= truth?.[0];
    this.does.drawn();
  }

  comparison() {
    return this.ask.comparison(this.guess, this.truth);
  }

  close() {
    document.documentElement.classList.remove(ASKING);
  }
}
