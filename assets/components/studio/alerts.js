// What went wrong, each with what to look at and, where it helps, one click to mend it.

function alertOf(text, actions) {
  const said = element("p", {});
  setSentence(said, text);
  return element("div", { class: "bns-alert" }, said, element("p", { class: "bns-actions" }, ...actions));
}

// A lane that left the finite range, as its message tells: layer, step, learning rate and gradient norms.
function lossOf(lost, { texts, lanes, layers }, does) {
  const norms = (lost.gradient_norms ?? []).map(precisely).join(", ");
  const values = { lane: lanes[lost.lane]?.name ?? lost.lane + 1, layer: lost.layer < layers ? filled(texts["nth layer"], { n: lost.layer + 1 }) : texts["output layer"], step: lost.step };
  const numbers = { rate: precisely(lost.learning_rate), norms: norms || "–" };
  const text = filled(texts[`lost.${lost.where}`] ?? texts["lost.loss"], { ...values, ...numbers });
  return alertOf(text, [
    textButton(filled(texts.rewind, numbers), () => does.trigger("rewind", { lane: lost.lane, step: lost.step }), "bns-button bns-primary"),
    textButton(texts["look before"], () => does.lookAt(Math.max(0, lost.step - 1), lost.layer)),
  ]);
}

// What the server's diagnosis found: {text, view, layer?, step?}.
function findingOf({ text, view, layer, step }, { texts, views }, does) {
  const label = views.find(({ name }) => name === view)?.label;
  const look = () => does.lookAt(step ?? null, layer ?? null, view);
  return alertOf(text, label ? [textButton(filled(texts["look at"], { view: label }), look)] : []);
}
