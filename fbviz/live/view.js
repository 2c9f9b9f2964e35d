// A live view: frames come from its seat, numbers go into figures, buttons go back as commands.

const views = new WeakMap();
const left = new Map();   // by name, what a view knew when it was taken off the page: it may be put back elsewhere

export default function (component) {
  const root = component.parentElement;
  let view = views.get(root);
  if (!view) views.set(root, (view = new View(root, component.data.name)));
  view.update(component);
  return () => { view.close(); views.delete(root); };
}

class View {
  constructor(root, name) {
    const [run, chosen] = left.get(name) ?? [new Run()];
    const fresh = Object.keys(run.arrays).length > 0;   // there is something that no figure shows yet
    Object.assign(this, { run, fresh, drawn: 0, seen: false });   // far down the page, it asks for nothing until seen
    this.wire = new Wire((bytes) => this.receive(bytes), () => this.say());
    const act = (word) => this.act(word), scale = () => this.draw(true);
    this.toolbar = new Toolbar({ act, hurry: () => this.hurry(), scale, pair: () => this.pair() });
    if (chosen) this.toolbar.chosen = chosen;
    this.status = new Status();
    this.progress = new Progress();
    this.dials = new Dials((...moved) => this.set(...moved));
    this.panels = new Panels({
      click: (name, value) => this.wire.send({ do: "click", name, value }),
      choose: (load, place) => this.choose(Object.entries(load), place),
      turn: (names, place) => names.forEach((name, i) => this.look(name, place[i])),
      say: (text) => this.status.speak(text),
      standing: () => this.status.line.textContent,
      redraw: (panel) => panel.draw(window.Plotly, this.run, this.toolbar.logarithmic),
    }, scale);
    this.loop = new Loop(this.panels, (t) => this.look("t", t));
    this.node = element("div", { class: "fbviz", "data-frames": "0" },
      this.toolbar.node, this.progress.node, this.status.line, this.status.voice, this.dials.node, this.panels.node);
    root.append(this.node);
    this.keys = new Keys(this.node, act);
    this.paper = new Paper(this.node, () => this.panels.recolour(window.Plotly, this.run, this.toolbar.logarithmic));
    this.clock = setInterval(() => this.tick(), 500);
    this.library = plotly();
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting || this.seen) return;
      this.seen = true;
      this.open();
    }, { rootMargin: "200px" });
    this.sight.observe(this.node);
  }

  /** What Python says now: the first time, and after every rerun of the page. */
  update(component) {
    const { data } = component, isNew = !this.data;
    Object.assign(this, { component, data });
    this.keys.reach = data.keyboard;
    this.toolbar.label(data.words, data.twin);
    this.toolbar.begin(data.speed);
    this.toolbar.node.hidden = this.status.line.hidden = data.toolbar === false;
    this.panels.define(data);
    this.loop.offer(data);
    if (this.run.ask(data, isNew)) this.begin();
    this.dials.offer(data, this.run.values);
    this.say();
    if (this.seen) this.open();
    this.draw();
  }

  /** Ask for the run. */
  begin() {
    this.wire.send(this.run.loading);
    this.hurry();
  }

  /** Begin to fetch frames, or go on with it. */
  open() {
    const first = !this.wire.begun;
    this.wire.update(this.data, this.component);
    if (!first) return;
    if (this.run.loading) this.begin();
    this.wire.send({ do: "want" });
  }

  close() {
    this.closed = true;
    clearInterval(this.clock);
    this.loop.close();
    this.sight.disconnect();
    this.keys.close();
    this.paper.close();
    this.wire.close();
    this.panels.purge();
    left.set(this.data.name, [this.run, this.toolbar.chosen]);
  }

  receive(buffer) {
    const { facts, arrays } = unpack(buffer);
    this.refusal = facts.refused;   // it is shown until the next frame comes
    if (this.refusal) return this.say();
    if (facts.state === "empty") {
      if (this.run.forgotten(facts.server)) this.begin();
      return this.say();
    }
    this.run.hear(facts, arrays);
    this.dials.follow(facts.dials, this.run.values);
    this.fresh = true;
    requestAnimationFrame(() => this.draw());
  }

  // What is seen.

  /** Draw what is new. */
  async draw(everything = false) {
    const Plotly = await this.library;
    if (this.closed) return;
    const { fresh } = this;
    this.fresh = false;
    if (fresh) {
      this.wire.send({ do: "want" });   // the next is measured while this one is drawn
      this.panels.age();
    }
    const hurried = fresh && this.run.playing && !everything;
    const anything = Object.keys(this.run.arrays).length > 0;   // until then, what was there stays
    for (const panel of anything ? this.panels.due(hurried) : []) {
      if (!everything && !panel.stale) continue;
      panel.draw(Plotly, this.run, this.toolbar.logarithmic);
      if (!this.drawn) await new Promise(requestAnimationFrame);   // at first, each is seen as soon as it can be
      if (this.closed) return;
    }
    this.say();
    if (fresh) this.report();
  }

  /** A frame was drawn. Once, the page is told that its question is decided, or that the run is over. */
  report() {
    const { facts, over } = this.run;
    Object.assign(this.node.dataset, { frames: ++this.drawn, update: facts.update ?? "", over });
    if (this.run.report()) this.component.setTriggerValue("ended", String(Date.now()));
  }

  say() {
    const { words, query, transport } = this.data;
    const { facts, playing } = this.run;
    this.node.dataset.state = facts.state;
    this.node.dataset.preview = Boolean(facts.preview) && facts.state === "ready";
    this.toolbar.show(playing);
    this.progress.show(words, progress(words, this.run));
    this.loop.show(facts, playing);
    this.status.show(sentence(words, this.run, {
      asked: query.device,
      connecting: !this.wire.reached && transport !== "fragment",
      lost: this.wire.lost,
      missed: window.fbvizMissed,
      undrawn: this.panels.undrawn,
      refusal: this.refusal,
    }), facts.state, words.terms);
  }

  /** Nobody tells that the library has not come, or that the theme is another. */
  tick() {
    if (!window.Plotly) this.say();
    if (this.panels.rethemed()) this.draw(true);
  }

  // What is done.

  act(word) {
    if (word === "toggle") word = this.run.playing ? "pause" : "play";
    if (word === "reset") this.dials.begin();
    if (this.run.press(word)) this.begin();
    else this.wire.send({ do: word });
    this.wire.send({ do: "want" });
  }

  hurry() {
    this.run.pace.forget();
    this.wire.send({ do: "speed", value: this.toolbar.speed });
  }

  /** Train the same without its loop beside it, or no more. */
  pair() { this.component.setTriggerValue("twin", this.data.twin ? "off" : "on"); }

  /** A dial was moved. What had come to its end is trained again, as in the Playground. */
  set(name, value, later) {
    this.run.waits ||= later;
    this.look(name, value);
    if (this.run.facts.ended) this.act("play");
    this.say();
  }

  look(name, value) {
    this.run.values[name] = value;
    this.wire.send({ do: "set", name, value });
  }

  /** Set settings of the page, and show at once where they stand. settings: [name, the array that shows it]. */
  choose(settings, place) {
    settings.forEach(([, array], i) => { this.run.arrays[array] = [place[i]]; });
    this.component.setTriggerValue("chosen", Object.fromEntries(settings.map(([name], i) => [name, place[i]])));
    this.draw(true);
  }
}
