// The hand at a stage's controls: it sets a field, comes near a handle, moves it, lets it go.

export class Hand {
  constructor(stage) {
    this.stage = stage;
  }

  // A handle's last move is finished first.
  setField(name, text) {
    const { at, controls } = this.stage;
    controls.settle();
    this.typing = name;
    this.stage.aside = null;
    at.values[name] = text;
    return this.stage.show();
  }

  // The hand is near: the table along that handle may be needed soon. A failed request is only repeated with `again`.
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
    const { at, controls, going, painter } = this.stage;
    at.moving = name;
    const own = !controls.handles.get(name).gliding;
    if (own || !going) this.stage.aside = null;
    if (own) this.stage.moves += 1;
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
    } else this.stage.show(); // the table has not come yet: the picture comes sooner
  }

  // Another control's value changes, without a hand at it: the picture is fetched when that control is let go.
  choose(name, value) {
    const { at, controls } = this.stage;
    at.values[name] = at.good[name] = controls.handles.get(name).put(value);
    this.stage.aside = null;
  }
}
