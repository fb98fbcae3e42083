// Slow motion: what one training step did, in numbered stages, with the numbers of one unit from the snapshot looked at.

const STAGES = ["batch", "forward", "statistics", "normalize", "scale", "loss", "backward", "update", "running"];

// The numbers that the stages' templates name; "–" where a lane has none.
function numbersOf(course, look, lane, unit, run) {
  const snapshot = course.snapshot(look.step);
  const account = layerOf(snapshot, lane, look.layer);
  if (!account) return null;
  const at = (field) => unitsOf(account, field)[unit] ?? null;
  const before = layerOf(course.snapshots.findLast((one) => one.step === snapshot.step - 1), lane, look.layer);
  const point = course.index(snapshot.step - 1);
  const [mean, variance] = [at("batch_mean"), at("batch_var")];
  const deviation = variance === null ? null : Math.sqrt(variance + look.epsilon);
  const [first] = account.example?.[unit] !== undefined ? [account.example[unit]] : [mean === null ? null : mean + deviation];
  const normalized = deviation ? (first - mean) / deviation : null;
  const [gamma, beta] = [at("gamma"), at("beta")];
  const values = {
    ...{ mean, variance, deviation, x: first, normalized, gamma, beta, epsilon: look.epsilon },
    ...{ y: gamma === null ? null : gamma * normalized + beta, loss: point < 0 ? null : course.loss[lane]?.[point] },
    ...{ accuracy: point < 0 ? null : course.accuracy[lane]?.[point], norm: account.gradient_norm, ratio: account.update_ratio },
    ...{ weights: account.weight_norm, momentum: run.momentum, rest: 1 - run.momentum, rate: run.learning_rate },
    ...{ running: at("running_mean"), running_before: before ? unitsOf(before, "running_mean")[unit] : null },
    ...{ dead: account.dead, low: account.pre?.low, high: account.pre?.high, effective: account.effective_rate },
  };
  const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, precisely(value)]));
  const rank = { step: snapshot.step, size: run.batch_size, unit: unit + 1, layer: look.layer + 1 };
  return { ...shown, ...rank, accuracy: percent(values.accuracy), dead: percent(values.dead), plain: mean === null };
}

class SlowMotion {
  constructor(texts, again) {
    Object.assign(this, { texts, again, stage: 0, lane: null, unit: 0 });
    this.list = element("ol", { class: "bns-stages" });
    this.unitBox = element("input", { type: "number", min: 1, max: 1, value: 1, "aria-label": texts.unit });
    this.unitBox.addEventListener("input", () => {
      this.unit = Math.max(0, Number(this.unitBox.value) - 1 || 0);
      again();
    });
    this.lanes = element("span", {});
    this.former = textButton(texts["stage back"], () => this.turn(-1));
    this.next = textButton(texts["stage on"], () => this.turn(1));
    const unit = element("label", { class: "bns-select" }, texts.unit, this.unitBox);
    this.node = element("div", {}, element("div", { class: "bns-toggles" }, this.former, this.next, this.lanes, unit), this.list);
  }

  turn(by) {
    this.stage = (this.stage + by + STAGES.length) % STAGES.length;
    this.again();
    this.list.children[this.stage]?.scrollIntoView({ block: "nearest" });
  }

  offer(lanes) {
    if (this.offered === JSON.stringify(lanes)) return;
    this.offered = JSON.stringify(lanes);
    this.lane ??= Math.max(0, lanes.findIndex(({ statistics }) => statistics));
    const pick = (lane) => {
      this.lane = Number(lane);
      this.again();
    };
    this.lanes.replaceChildren(selectOf(this.texts.lane, lanes.map(({ name }, lane) => [lane, name]), pick, this.lane));
  }

  draw(course, look, lanes, run) {
    this.offer(lanes);
    const lane = Math.min(this.lane, lanes.length - 1);
    const units = unitsOf(layerOf(course.snapshot(look.step), lane, look.layer), "batch_mean").length;
    this.unitBox.max = Math.max(1, units);
    const numbers = numbersOf(course, look, lane, Math.min(this.unit, Math.max(0, units - 1)), run);
    if (!numbers) {
      this.list.replaceChildren(element("li", {}, this.texts["no snapshot"]));
      return;
    }
    this.list.replaceChildren(...STAGES.map((stage, index) => this.card(stage, index, numbers)));
  }

  card(stage, index, numbers) {
    const plain = numbers.plain && this.texts[`stage.${stage}.plain`] ? `stage.${stage}.plain` : `stage.${stage}`;
    const text = element("p", {});
    setSentence(text, filled(this.texts[plain], numbers));
    const current = index === this.stage ? { "aria-current": "step" } : {};
    return element("li", current, element("strong", {}, this.texts[`stage.${stage}.title`]), text);
  }
}
