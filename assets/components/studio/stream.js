// The training's news as the server pushes them, snapshots in full for one layer.

class Stream {
  constructor(hear, broken, lost) {
    Object.assign(this, { hear, broken, lost, source: null });
  }

  get open() {
    return this.source !== null;
  }

  listen(job, layer) {
    this.close();
    const source = new EventSource(appUrl(`api/jobs/${job}/events?layer=${layer}`));
    source.onmessage = (event) => this.hear(JSON.parse(event.data));
    // The browser tries again by itself, unless the server answered that there is no such training.
    source.onerror = () => (source.readyState === EventSource.CLOSED ? this.lost() : this.broken());
    this.source = source;
  }

  close() {
    this.source?.close();
    this.source = null;
  }
}
