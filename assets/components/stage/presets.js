// To a state worth seeing: what is chosen is set at once, what is dragged glides there before the reader's eyes.

export async function goTo(stage, { settings, look }) {
  const { at, fields, handles } = stage;
  const target = { ...at.defaults, ...settings };
  const chosen = at.names.filter((name) => !handles.get(name)?.node.isConnected && at.values[name] !== target[name]);
  for (const name of chosen) {
    at.values[name] = target[name];
    fields.get(name)?.set(target[name]);
  }
  if (chosen.length) await stage.show();
  for (const [name, control] of handles) {
    const step = control.nearest(target[name]);
    if (control.node.isConnected && step !== control.step) await control.glideTo(step);
  }
  stage.aside = look;
  stage.scheduleDraw();
  await stage.unfold();
}
