// What a stage asks the server for: the picture of its settings, and the table along a control near the hand.

import { Tables } from "./tables.js";

const PATIENCE = 300; // ms until waiting shows

export class Requests {
  // root: shows that it waits. shape: the settings that the empty figures depend on. at: the stage's Position.
  constructor(root, { slug, version, shape }, at) {
    Object.assign(this, { root, shape, at, waiting: 0, tables: new Tables(slug, version) });
  }

  // The picture of these settings and the empty figures that it fills, if it is still wanted when it comes. `fold` is
  // given the settings by which the server tells the same state, and returns all settings with them.
  async picture(entries, asked, fold) {
    const [picture, blank] = await this.waited(Promise.all([this.tables.table(entries), this.figures(entries)]));
    if (!picture.same || !this.at.wants(asked)) return [picture, blank];
    return [picture, await this.waited(this.figures(fold(picture.same)))];
  }

  figures(entries) {
    return this.tables.figures(entries.filter(([name]) => this.shape.includes(name)));
  }

  // The table along a handle; `arrived` or, where the handle waits for it, `failed` is called if it is still wanted.
  along(name, again, arrived, failed) {
    const before = this.at.near;
    const { near, fresh } = this.at.approach(name, again);
    if (!fresh) return near.promise;
    before?.gone.abort(); // nobody waits any more for what is still on its way
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
