// The state of a lesson's stage and the table that shows it: settings, the requested picture, the table near the hand,
// the table to draw from. It knows no page and no server, so that late answers can be tested.

export class Position {
  constructor(defaults) {
    this.names = Object.keys(defaults);
    this.defaults = defaults;
    this.values = { ...defaults }; // the present settings
    this.good = { ...defaults }; // the last settings with an answer of the server: these are in the address
    this.asked = 0;
    this.pending = false; // whether a picture has been requested
    this.near = null; // the table along the handle near the hand: {name, wanted, table, failed}
    this.along = null; // the table along a handle to draw from; null: draw from the picture
    this.moving = null; // the handle being moved
  }

  adopt(entries) {
    this.values = { ...this.defaults, ...Object.fromEntries(entries) };
  }

  // The present settings with these changed, but as they are if the reader, or a link, has set one of them.
  with(changed) {
    const free = Object.keys(changed).every((name) => this.values[name] === this.defaults[name]);
    return free ? { ...this.values, ...changed } : this.values;
  }

  // The settings that are not the default, in the same order for all.
  query(values = this.values, without = null) {
    const names = [...this.names].sort().filter((name) => name !== without);
    return names.flatMap((name) => (values[name] === this.defaults[name] ? [] : [[name, values[name]]]));
  }

  // Whether all settings are the lesson's own, except those with these names.
  isUsual(aside) {
    return this.names.every((name) => aside(name) || this.good[name] === this.defaults[name]);
  }

  // A picture of the present settings is requested; the number later tells whether it is still wanted.
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

  // Return to the last settings with an answer; returns the names of those changed since.
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

  // The hand comes to a handle: returns its table, and whether it must be requested.
  approach(name, again) {
    const fits = this.near?.name === name && this.fits(this.near);
    if (fits && !(this.near.failed && again)) return { near: this.near, fresh: false };
    this.near = { name, wanted: this.wanted(name), table: null, failed: false };
    return { near: this.near, fresh: true };
  }

  // Draw from the table near the moving handle, if it has come and fits the settings and the figures.
  follow() {
    const ready = !this.pending && this.near?.table && this.near.name === this.moving && this.fits(this.near);
    if (ready) this.along = this.near;
    return Boolean(ready);
  }

  // A handle is let go: "nothing" has moved, the new state is "shown" already, or a picture must be "fetched".
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
