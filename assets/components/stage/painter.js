// Draws a stage from its table, at most once a frame: the figures, and the texts for the step that they show.

import { note } from "../lib/progress.js";
import { play } from "../lib/motion.js";
import { reckoning, textAt } from "./tables.js";

export class Painter {
  constructor(stage) {
    Object.assign(this, { stage, draws: 0 });
  }

  schedule() {
    this.scheduled ??= requestAnimationFrame(() => this.draw());
  }

  async draw() {
    cancelAnimationFrame(this.scheduled);
    this.scheduled = null;
    const { board, controls, at, root, closed, source } = this.stage;
    if (closed) return;
    const [table, step] = source;
    board.fill(table, step);
    this.say(table, step);
    controls.showAs(table.texts, step, at.moving);
    try {
      await board.draw();
      this.draws += 1;
      root.dataset.draws = this.draws;
      root.dataset.ready = "true";
      this.stage.drawn?.(table, step); // on paper
    } catch (error) {
      if (window.Plotly) throw error;
      root.dataset.ready = "words";
      board.tellInWords(error, table.texts, step);
    }
  }

  say(table, step) {
    const { asking, aside, board, data, glossary, goal, picture, prediction, presets, rests } = this.stage;
    presets.mark(this.stage);
    this.stage.root.classList.toggle("bnl-answering", aside === reckoning); // until the next move
    const guess = prediction.comparison();
    board.say(table.texts, step, { caption: picture.notes.caption, guess, aside: aside?.(table.texts, step), asking });
    const reached = Boolean(table.reached[table.reached.length === 1 ? 0 : step]);
    if (goal.ask(textAt(table.texts, "goal", step))) glossary.mark([goal.node]);
    goal.set(textAt(table.texts, "check", step), reached);
    if (reached && prediction.guess && rests) note(data.slug, { reached });
  }

  describe() {
    const { asking, board, data, source } = this.stage;
    const [table, step] = source;
    board.describe(table.texts, step, asking ? data.texts.veiled : "");
    this.stage.described?.();
  }

  // Let the values unfold, one station after the other.
  unfold() {
    const one = this.stage.board.figures.find(({ unfolds }) => unfolds);
    return one && play((share) => ((one.gone = share), this.draw()));
  }

  // Widen an axis gradually, so that the reader sees it.
  rescale() {
    const moved = this.stage.board.figures.filter((one) => one.moved);
    return moved.length ? play((share) => (moved.forEach((one) => one.rescaled(share)), this.draw())) : this.draw();
  }
}
