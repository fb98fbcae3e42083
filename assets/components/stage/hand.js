// What the reader's hand does at a stage's controls: sets a field, comes near a handle, moves it, lets it go.

export class Hand {
  constructor(stage) {
    this.stage = stage;
  }

  // What a handle was moved to a moment ago comes first.
  setField(name, text) {
    const { at, controls } = this.stage;
    controls.settle();
    this.typing = name;
    this.stage.aside = "";
    at.values[name] = text;
    return this.stage.show();
  }

  // The hand is near: the table along that handle may be needed at once. Only `again` asks for one that did not come.
  approach(name, again = true) {
    const arrived = (table) => this.arrived(name, table);
    return this.stage.requests.along(name, again, arrived, (error) => this.stage.sayTrouble(error));
  }

  arrived(name, { handle }) {
    const { at, closed, controls, painter } = this.stage;
    if (closed) return;
    const control = controls.handles.get(name);
    if (handle && control) {
      control.furnish({ ...handle, at: control.step });
      this.stage.fit();
    }
    if (at.follow()) painter.schedule();
  }

  moved(name) {
    const { at, painter } = this.stage;
    at.moving = name;
    this.stage.aside = "";
    this.approach(name, false);
    if (at.follow()) painter.schedule();
  }

  letGo(name) {
    const { at, board, closed, controls, data, painter, spoken } = this.stage;
    const control = controls.handles.get(name);
    const then = at.letGo(name, control.handle.values[control.step]);
    if (closed || then === "nothing") return;
    spoken.textContent = board.sentence.textContent;
    this.stage.keepAddress();
    if (then === "shown" && !data.folds.includes(name)) {
      painter.schedule();
      this.stage.announce();
    } else this.stage.show(); // the table is still on its way: the picture comes sooner
  }

  // Another control's value, without a hand at it: the picture is asked for when that one is let go.
  choose(name, value) {
    const { at, controls } = this.stage;
    at.values[name] = at.good[name] = controls.handles.get(name).put(value);
    this.stage.aside = "";
  }
}
