// A lesson on paper: the question, the figure with room for the prediction in place of its answer, the goal, and three
// questions; or its key, with the answers.

import { appUrl, button, element, outerUrl, setSentence } from "../lib/dom.js";
import { entriesOf } from "../lib/url.js";
import { Boxes, Order, sentence } from "./paper.js";
import { Stage } from "./stage.js";
import { Tables, textAt } from "./tables.js";

const LINES = 3; // per answer
const [PAGE, HIGHEST] = [1000, 380]; // px: of a key on A4 between its margins, with some to spare; of figures

// The lesson's figures, arranged as on a wide screen, in a box of the paper's width.
class Paper extends Stage {
  get asking() {
    return !this.data.answers;
  }

  fit() {
    if (this.picture && this.board.size(false) && this.root.dataset.ready === "true") this.painter.schedule();
  }

  // On paper nothing can be touched, and what a box covers is named in it where its title is under the box, too.
  drawn(table, step) {
    for (const { cover, spec, veil } of this.board.figures)
      if (veil?.[1] < 0 && !cover.hidden) cover.textContent ||= nameOf(spec.layout);
    const touched = this.board.blank.flatMap(({ touch }) => Object.keys(touch));
    const set = this.data.dragged.filter((name) => !touched.includes(name));
    const truth = table.truth?.[table.truth.length === 1 ? 0 : step];
    this.tell(table.texts, step, setOf(this.picture.handles, set), truth);
  }

  // There is only room to draw where the question asks for a drawing.
  described() {
    const { kind, figure: asked } = this.data.ask;
    for (const one of this.board.figures) {
      const { cover, index, veil } = one;
      one.still = true;
      const wanted = kind === "choice" || index === asked;
      const open = index === asked && !veil && this.asking; // the thin lines that are there already stay in view
      cover.classList.toggle("bnl-open", open);
      if (open) cover.hidden = false;
      cover.textContent = wanted ? this.data.texts.veiled : "";
    }
  }
}

// A figure's title without its numbers.
function nameOf({ title, annotations }) {
  return (title?.text || annotations?.[0]?.text || "").split(":")[0].replace(/<[^>]*>/g, "");
}

// The texts of the controls with these names.
function setOf(handles, names) {
  return handles
    .filter(({ name }) => names.includes(name))
    .map(({ label, shown, at }) => `${label}: ${shown[at]}`)
    .join(" · ");
}

class Worksheet {
  constructor(root, data) {
    Object.assign(this, { data, texts: data.texts });
    this.answer = element("div", { class: "bnl-model" });
    this.set = element("p", {});
    this.reached = element("p", { class: "bnl-model", role: "status" });
    root.classList.toggle("bnl-key", Boolean(data.answers));
    const stage = element("div", { class: "bnl-stage bnl-paper" });
    root.replaceChildren(
      this.tools(),
      element("main", {}, this.head(), this.predict(), stage, this.answer, this.goal(), this.questions(), this.foot()),
    );
    if (data.table) this.showTable(stage);
    else this.showStage(stage);
  }

  showStage(stage) {
    const { data } = this;
    const paper = (this.paper = new Paper(stage, data));
    paper.tell = (...told) => this.tell(...told);
    const asked = data.answers ? data.ask.at : {}; // what surrounds the answer there would tell it
    const picture = { ...asked, ...Object.fromEntries(entriesOf(data.slug)) };
    paper.update({ ...data, picture, dragged: data.carrying, carrying: [] });
    if (data.answers) this.reach();
  }

  // What was measured before, or room for what is expected, instead of figures.
  showTable(stage) {
    const { answers, model, reached, right, set, table } = this.data;
    stage.append(tableOf(table), ...table.says.map((text) => sentence("p", text)));
    stage.dataset.ready = "true";
    this.set.textContent = set;
    if (!answers) return;
    this.choices.answer([right]);
    this.answer.replaceChildren(...model.map((text) => sentence("p", text)));
    setSentence(this.reached, reached);
  }

  // The changed settings, as in an address, after `sign`.
  state(sign) {
    return location.search.replace(/[?&](lesson|key)=[^&]*/g, "").replace(/^[?&]/, sign);
  }

  tools() {
    const { texts, data } = this;
    const link = (address, text) => element("a", { href: appUrl(address), class: "bnl-button" }, text);
    const state = this.state("&");
    const other = data.answers
      ? link(`worksheet?lesson=${data.slug}${state}`, texts.worksheet)
      : link(`worksheet?lesson=${data.slug}&key=true${state}`, texts.key);
    const back = link(`${data.slug}${this.state("?")}`, texts.lesson);
    return element(
      "nav", { class: "bnl-tools" }, button(texts.print, () => window.print()), ...(data.student ? [] : [other]), back,
    );
  }

  head() {
    const name = this.data.answers
      ? element("strong", {}, this.texts.key)
      : element("span", {}, this.texts.name, " ", element("i", { class: "bnl-blank" }));
    return element(
      "header", {}, element("h1", {}, this.data.title), element("p", {}, name), sentence("p", this.data.lead),
    );
  }

  predict() {
    const { ask, texts } = this.data;
    this.choices = new (ask.kind === "order" ? Order : Boxes)(ask, texts);
    return this.part(
      1, texts.predict, sentence("p", ask.question), this.set, this.choices.node,
      ...(this.data.answers ? [] : [element("p", {}, this.texts.why), lines(2)]),
    );
  }

  // The figures of a key take what room its one page has left.
  grow() {
    if (!this.data.answers || !this.paper) return;
    const { boxes } = this.paper.board;
    const left = PAGE - boxes.closest("main").scrollHeight;
    boxes.style.height = `${Math.min(HIGHEST, Math.max(0, boxes.offsetHeight + left))}px`;
    this.paper.fit();
  }

  // The model's answer to the question, only on the key.
  tell(texts, step, set, truth) {
    this.set.textContent = set;
    if (this.data.answers) {
      this.choices.answer(truth);
      this.answer.replaceChildren(
        sentence("p", textAt(texts, "reckoning", step)), sentence("p", textAt(texts, "sentence", step)),
      );
      if (this.reached.textContent) this.grow();
    } else this.answer.textContent = this.texts["into figure"];
  }

  goal() {
    const { answers, goal } = this.data;
    return this.part(2, this.texts.goal, sentence("p", goal), answers ? this.reached : lines(2));
  }

  // One way to reach the goal, and the model's answer then.
  async reach() {
    const { slug, version, reaching, texts } = this.data;
    try {
      const table = await new Tables(slug, version).table(Object.entries(reaching));
      setSentence(
        this.reached,
        [setOf(table.handles, Object.keys(reaching)), textAt(table.texts, "check", 0)].filter(Boolean).join(". "),
      );
      if (this.answer.textContent) this.grow();
    } catch (error) {
      this.reached.textContent = `${texts.trouble} (${error.message})`;
    }
  }

  questions() {
    const { questions, answers } = this.data;
    const list = questions.map((question, index) =>
      element("li", {}, sentence("p", question), answers ? sentence("p", answers[index], "bnl-model") : lines(LINES)),
    );
    return this.part(3, this.texts.questions, element("ol", { type: "a" }, ...list));
  }

  part(number, title, ...content) {
    return element("section", {}, element("h2", {}, `${number}. ${title}`), ...content);
  }

  foot() {
    const link = outerUrl(`${this.data.slug}${this.state("?")}`, this.data.network);
    return element(
      "footer", {}, element("img", { src: appUrl(`api/qr?link=${encodeURIComponent(link)}`), alt: "" }),
      element("span", {}, link),
    );
  }
}

function tableOf({ corner, columns, rows }) {
  const head = element("tr", {}, ...[corner, ...columns].map((text) => element("th", { scope: "col" }, text)));
  const cell = (texts) => element("td", {}, ...texts.map((text) => element("span", {}, text)));
  const row = ({ name, cells }) => element("tr", {}, element("th", { scope: "row" }, name), ...cells.map(cell));
  return element("table", { class: "bnl-map" }, head, ...rows.map(row));
}

function lines(count) {
  return element("div", { class: "bnl-lines" }, ...Array.from({ length: count }, () => element("i", {})));
}

new Worksheet(document.body, JSON.parse(document.getElementById("given").textContent));
