// A stage's requests to the server: the picture of its settings, and the table along the control near the hand.

import { Tables } from "./tables.js";

const PATIENCE = 300; // ms until a wait is shown

export class Requests {
  // root: the node that shows a wait. shape: the settings that the empty figures depend on. at: the stage's Position.
  constructor(root, { slug, version, shape }, at) {
    Object.assign(this, { root, shape, at, waiting: 0, tables: new Tables(slug, version) });
  }

  // The picture of these settings and the empty figures for it, unless it is no longer wanted when it comes. `fold`
  // takes the settings with which the server replaces these, and returns all settings with them.
  async picture(entries, asked, fold) {
    const [picture, blank] = await this.waited(Promise.all([this.tables.table(entries), this.figures(entries)]));
    if (!picture.same || !this.at.wants(asked)) return [picture, blank];
    return [picture, await this.waited(this.figures(fold(picture.same)))];
  }

  figures(entries) {
    return this.tables.figures(entries.filter(([name]) => this.shape.includes(name)));
  }

  // The table along a handle. If still wanted, `arrived` is called, or `failed` if the handle is waiting for it.
  along(name, again, arrived, failed) {
    const before = this.at.near;
    const { near, fresh } = this.at.approach(name, again);
    if (!fresh) return near.promise;
    before?.gone.abort(); // nobody is waiting for the earlier table any more
    near.gone = new AbortController();
    const entries = [...this.at.query(this.at.values, name), ["along", name]];
    near.promise = this.waited(this.tables.table(entries, near.gone.signal)).then(
      (table) => {
        near.table = table;
        if (this.at.near === near) arrived(table);
      },
      (error) => {
        near.failed = true;
        if (this.at.near === near && this.at.moving === name) failed(error);
      },
    );
    return near.promise;
  }

  waited(promise) {
    this.waiting += 1;
    const timer = setTimeout(() => this.root.setAttribute("aria-busy", "true"), PATIENCE);
    const over = () => {
      clearTimeout(timer);
      this.waiting -= 1;
      if (!this.waiting) this.root.removeAttribute("aria-busy");
    };
    promise.then(over, over);
    return promise;
  }

  close() {
    this.at.near?.gone?.abort();
  }
}
