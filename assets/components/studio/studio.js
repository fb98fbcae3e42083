// The studio: listens to a training, draws what it tells, and passes the reader's orders on. Python hears of what
// changes the run or the address; a step of the scrubber, a layer or a view is answered here at once.

const STANDING = ["paused", "stopped", "failed", "finished"];

class Studio {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    const { texts } = data;
    this.look = { step: 0, following: true, layer: 0, axis: "step", log: true, smooth: true };
    this.look.parts = { batch: true, inference: false, validation: true };
    this.choice = {};
    this.goTo(data.look);
    this.course = new Course();
    this.stream = new Stream((news) => this.hear(news), () => this.say("reconnecting"), () => this.lost());
    this.desk = new Desk(this);
    this.asks = new Asks(this);
    this.replay = new Replay(this);
    this.saying = ["empty"];
    this.status = "empty";
    this.position = 0;
    this.does = {
      toggle: () => this.toggle(),
      order: (order) => this.order(order),
      stepBy: (by) => this.stepBy(by),
      look: (step) => {
        this.replay.stop();
        this.lookAtStep(step);
      },
      looked: () => this.asks.rest(() => this.placeToKeep),
      follow: () => this.follow(),
      pace: (pace) => this.pace(pace),
      trigger: (what, values) => this.asks.ask(what, values),
      lookAt: (step, layer, view) => this.lookAt(step, layer, view),
    };
    this.sentence = element("p", { class: "bnl-sentence bns-status", role: "status", "aria-live": "polite" });
    this.alerts = new Alerts(this.does);
    this.transport = new Transport(texts, this.does);
    this.pace_ = element("p", { class: "bnl-pace" });
    this.changing = new Panel(texts.change, texts["change hint"], texts["change now"], (field, value) => this.order({ do: "change", field, value }));
    this.forking = new Panel(texts.fork, texts["fork hint"], texts["fork here"], (field, value) => this.fork(field, value));
    this.legend = element("div", {});
    this.switches = element("div", {});
    this.views = new Views(this);
    this.back = textButton(texts["go back"], () => this.order({ do: "goto", step: this.look.step }), "bns-link");
    const panels = element("div", { class: "bns-panels" }, this.changing.node, this.forking.node, this.back, this.pace_);
    root.replaceChildren(
      ...[this.sentence, this.transport.node, panels, this.legend],
      ...[this.switches, this.desk.main, this.alerts.node, this.views.node],
    );
  }

  update(data, ask) {
    this.data = data;
    this.asks.send = ask;
    this.dark = isDark(this.root);
    this.look.scale = data.scale;
    this.look.epsilons = data.lanes.map(({ epsilon }) => epsilon);
    this.look.labels = Object.fromEntries([...data.ables.change, ...data.ables.fork].map(({ name, label }) => [name, label]));
    this.look.ink = this.themed(data.ink);
    if (data.job !== this.job) this.goTo(data.look);
    if (data.job !== this.job || data.run.pace !== this.asked) this.speed = this.asked = data.run.pace;
    this.look.layer = Math.min(this.look.layer, data.layers - 1);
    this.lanes = data.lanes.map((lane) => ({ ...lane, colour: this.themed(lane.colour) }));
    this.data.lanes = this.lanes;
    this.look.colours = this.lanes.map(({ colour }) => colour);
    this.legend.replaceChildren(laneKey(this.lanes));
    const act = (change) => {
      change();
      this.draw();
    };
    if (this.inkThen !== this.look.ink) this.switches.replaceChildren(toggles(data.texts, this.look, this.look.ink, act));
    this.inkThen = this.look.ink;
    if (!data.views.some(({ name }) => name === this.view)) this.view = data.views[0].name;
    this.views.set();
    this.desk.layOut(true);
    if (data.job !== this.job) this.listenTo(data.job);
    this.setPanels();
    this.say(...this.saying);
    this.draw();
  }

  // Where the address says to look, at the start and with a new run.
  goTo({ view, layer = 0, ...choice }) {
    this.view = view;
    this.look.layer = layer;
    Object.assign(this.choice, choice);
  }

  themed(text) {
    return inTheme(text, this.data.dark, this.dark);
  }

  // A fork can leave every lane that has numbers, but a fork.
  setOrigins() {
    const { lanes, texts } = this.data;
    const alive = (lane) => (this.course.diverged[lane] ?? Infinity) > this.look.step;
    const origins = lanes.flatMap(({ name, fork_of }, lane) => (fork_of === null && alive(lane) ? [[lane + 1, name]] : []));
    if (this.origins === JSON.stringify(origins)) return;
    this.origins = JSON.stringify(origins);
    this.origin = selectOf(texts.lane, origins, () => {}, origins[0]?.[0]);
    this.forking.extra.replaceChildren(this.origin);
  }

  // A change happens where the run stands, a fork leaves where the reader looks.
  setPanels() {
    const { ables, texts } = this.data;
    this.changing.set(ables.change, this.inForce(this.position));
    this.forking.set(ables.fork, this.inForce(this.look.step));
    this.setOrigins();
    this.forking.bar(this.look.step >= this.lastStep ? texts["fork end"] : this.origins === "[]" ? texts["fork lost"] : "");
  }

  // The settings in the step that leaves `step`, of a lane that has none of its own.
  inForce(step) {
    const { run } = this.data;
    return Object.fromEntries(Object.keys(run).map((name) => [name, this.course.setting(name, run[name], step + 1)]));
  }

  // The step for the address; none while a training is followed.
  get placeToKeep() {
    return this.look.following && OPEN.includes(this.status) ? null : this.look.step;
  }

  // After how many steps the run is over, as far as is known.
  get lastStep() {
    return this.status === "finished" ? this.position : (this.course.facts.steps ?? Infinity);
  }

  connect() {
    this.stream.listen(this.job, this.look.layer);
  }

  listenTo(job) {
    this.stream.close();
    this.replay.stop();
    this.job = job;
    this.watching = this.data.watch;
    this.course = new Course();
    this.findings = [];
    this.position = 0;
    this.status = job ? "asked" : "empty";
    this.look.following = this.data.step === null;
    this.look.step = this.data.step ?? 0;
    this.root.dataset.points = 0;
    this.say(this.status);
    if (job) this.connect();
    this.showState();
  }

  hear(news) {
    if (news.since === 0) this.course = new Course(); // after a broken connection or a step back: everything again
    this.course.take(news);
    this.findings = news.findings ?? [];
    [this.status, this.position] = [news.status, news.position ?? this.course.known];
    this.look.following ||= !OPEN.includes(this.status) && this.look.step >= this.position;
    if (this.look.following) this.look.step = this.position;
    this.look.step = Math.min(this.look.step, news.steps ?? this.course.facts.steps ?? Infinity); // a link may ask for more
    this.say(...sayingOf(news, this.course, this.position));
    this.showState();
    this.desk.schedule();
    if (news.changes !== undefined && news.changes !== this.data.changes) this.asks.once("changes", news.changes);
    if (!OPEN.includes(news.status)) this.end();
    else this.asks.once("settled", news.status === "paused" ? `paused ${news.position}` : "open");
    if (this.watching && news.status === "finished") this.replay.start(0);
    this.watching = false;
  }

  say(what, values = {}) {
    const { told, texts } = this.data;
    const over = told && (what === "finished" || what.startsWith("stopped"));
    const aside = this.replay.on ? "replaying" : what === "paused" && !this.look.following ? "looking" : null;
    const text = over && !aside ? told : filled(texts[aside ?? what] ?? texts.failed, { ...values, look: this.look.step });
    this.saying = [what, values];
    if (text === this.said) return;
    this.said = text;
    setSentence(this.sentence, text);
  }

  // What is drawn: while it is watched again, only what was known at the step looked at.
  get seen() {
    return this.replay.on ? this.course.until(this.look.step) : this.course;
  }

  showState() {
    const { course, status, position } = this;
    const facts = course.facts;
    Object.assign(this.root.dataset, { status, points: course.at.length, step: this.look.step, position, snapshots: course.snapshots.length });
    this.transport.show({ status, position, known: course.known, look: this.look, facts, epoch: course.epoch(this.look.step), pace: this.speed, replaying: this.replay.on });
    this.setPanels();
    this.changing.node.hidden = !OPEN.includes(status);
    this.back.hidden = this.look.following || this.replay.on || !STANDING.includes(status);
    this.forking.node.hidden = !course.known || !this.data.ables.fork.length;
    this.forking.node.querySelector("summary").textContent = filled(this.data.texts["fork at"], { step: this.look.step });
    this.pace_.textContent = paceOf(this.data.texts, this.course, status);
    this.alerts.show(this.seen, this.replay.on ? [] : this.findings, OPEN.includes(status) && status !== "paused", this.data);
  }

  toggle() {
    if (this.replay.on) this.replay.stop();
    else if (this.status === "finished") this.replay.start(this.look.step);
    else if (this.status === "running" || this.status === "queued") this.order({ do: "pause" });
    else if (["paused", "stopped", "failed"].includes(this.status)) this.order({ do: "resume" });
  }

  // The training takes the step where its newest one is looked at; else the look does.
  stepBy(by) {
    this.replay.stop();
    if (this.look.following) return this.order({ do: by > 0 ? "step" : "step_back" });
    this.lookAtStep(Math.max(0, this.look.step + by));
    return this.does.looked();
  }

  async order(order) {
    const answer = await fetch(appUrl(`api/jobs/${this.job}/orders`), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(order),
    }).catch(() => null);
    const said = answer && (await answer.json().catch(() => ({})));
    if (order.do === "change") this.changing.complain(answer?.ok ? "" : (said?.error ?? this.data.texts.refused));
    if (!answer?.ok) return this.say(this.data.texts[`refused.${said?.reason}`] ? `refused.${said.reason}` : "refused", { why: said?.error ?? "" });
    if (["step", "step_back", "goto"].includes(order.do)) this.look.following = true;
    if (order.do === "change") this.changing.node.open = false;
    if (!this.stream.open) this.connect();
    return undefined;
  }

  pace(pace) {
    this.speed = pace;
    if (this.replay.on) this.replay.start(this.look.step);
    if (OPEN.includes(this.status)) this.order({ do: "pace", pace });
    this.asks.ask("pace", { value: pace });
  }

  fork(field, value) {
    const lane = Number(this.origin.querySelector("select").value);
    this.asks.ask("fork", { lane, step: this.look.step, field, value });
    this.forking.node.open = false;
  }

  open(view) {
    this.view = view;
    this.views.set();
    this.desk.layOut();
    this.draw();
    this.asks.ask("look", { view });
  }

  chooseLayer(layer) {
    this.look.layer = layer;
    this.asks.ask("look", { layer });
    if (this.job) this.connect();
    this.views.offer();
    this.desk.layOut();
    this.draw();
  }

  lookAt(step, layer, view) {
    if (layer !== null && layer !== undefined) this.chooseLayer(Math.min(layer, this.data.layers - 1));
    if (step !== null && step !== undefined) {
      this.replay.stop();
      this.lookAtStep(step);
      this.asks.ask("step", { step: this.placeToKeep });
      this.choice.time = "at";
      this.asks.ask("look", { time: "at" });
    }
    if (view) this.open(view);
    this.views.offer();
    this.desk.layOut();
    this.views.panel.scrollIntoView({ block: "nearest" });
  }

  lookAtStep(step) {
    this.look.step = Math.min(step, this.course.known);
    this.look.following = this.look.step === this.position;
    this.say(...this.saying);
    this.showState();
    this.desk.schedule();
  }

  follow() {
    this.replay.stop();
    this.lookAtStep(this.position);
    this.does.looked();
  }

  // A click into a chart over the training looks at that place.
  pick(at, axis) {
    const { course } = this;
    this.replay.stop();
    const step = axis === "step" ? at : axis === "epoch" ? course.stepOf(at) : between(course.seconds, course.at, at);
    this.lookAtStep(Math.round(step));
    this.does.looked();
  }

  lost() {
    this.status = "forgotten";
    this.say("forgotten");
    this.showState();
    return this.end();
  }

  end() {
    this.stream.close();
    this.asks.forget();
    if (STANDING.includes(this.status) && this.data.step !== this.look.step) this.asks.ask("step", { step: this.placeToKeep });
    if (this.data.open) this.asks.ask("over");
  }

  draw() {
    return this.desk.draw();
  }
}
