// Where a lesson's stage stands and which table shows it: settings, the picture that is asked for, the table near the
// hand, the one that is drawn from. No page and no server in here, so that an answer that comes late can be tested.

export class Position {
  constructor(defaults) {
    this.names = Object.keys(defaults);
    this.defaults = defaults;
    this.values = { ...defaults }; // as they are set
    this.good = { ...defaults }; // as the server has answered for them: these stand in the address
    this.asked = 0;
    this.pending = false; // whether a picture is on its way
    this.near = null; // the table along the handle where the hand is: {name, wanted, table, failed}
    this.along = null; // the table along a handle that is drawn from; null: the picture is
    this.moving = null; // the handle that the hand moves
  }

  adopt(entries) {
    this.values = { ...this.defaults, ...Object.fromEntries(entries) };
  }

  // The settings that are not the default, in one order for everybody.
  query(values = this.values, without = null) {
    const names = [...this.names].sort().filter((name) => name !== without);
    return names.flatMap((name) => (values[name] === this.defaults[name] ? [] : [[name, values[name]]]));
  }

  // Whether the state is the lesson's own, but for those names.
  isUsual(aside) {
    return this.names.every((name) => aside(name) || this.good[name] === this.defaults[name]);
  }

  // A picture of the present settings is asked for; the number tells whether it is still wanted when it comes.
  ask() {
    this.pending = true;
    this.asked += 1;
    return this.asked;
  }

  wants(asked) {
    return asked === this.asked;
  }

  take() {
    this.pending = false;
    this.along = null;
    this.good = { ...this.values };
    if (this.near && !this.fits(this.near)) this.near = null;
  }

  // Fall back to what was answered for last; the names of what was set since.
  undo(name) {
    this.pending = false;
    this.values[name] = this.good[name];
  }

  wanted(name) {
    return JSON.stringify([name, this.query(this.values, name)]);
  }

  fits(near) {
    return near.wanted === this.wanted(near.name);
  }

  // The hand comes to a handle: the table near it, and whether it is still to be asked for.
  approach(name, again) {
    const fits = this.near?.name === name && this.fits(this.near);
    if (fits && !(this.near.failed && again)) return { near: this.near, fresh: false };
    this.near = { name, wanted: this.wanted(name), table: null, failed: false };
    return { near: this.near, fresh: true };
  }

  // Draw from the table near the moving handle, if it is here and fits the settings and the figures that it fills.
  follow() {
    const ready = !this.pending && this.near?.table && this.near.name === this.moving && this.fits(this.near);
    if (ready) this.along = this.near;
    return Boolean(ready);
  }

  // A handle is let go at a value: "nothing" moved, the new state is "shown" already, or a picture must be "fetched".
  letGo(name, value) {
    if (this.moving === name) this.moving = null;
    if (this.values[name] === value) return "nothing";
    this.values[name] = this.good[name] = value;
    return this.along?.name === name && !this.pending && this.fits(this.along) ? "shown" : "fetched";
  }

  close() {
    this.asked += 1;
    this.moving = null;
  }
}
