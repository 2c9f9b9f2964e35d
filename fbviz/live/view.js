// A live view: frames come from its seat, arrays go into figures, buttons go back as commands.
// It knows no chart. A trace's meta says which of its attributes is which array of a frame.

const SPEEDS = [1, 10, 100, 0];
const REST = 160;     // ms that a figure other than the first stands still while a run plays: curves may, a boundary not
const AGAIN = 15000;  // ms at most before a library that did not come is asked for again
const views = new WeakMap();
const left = new Map();   // by name, what a view knew when it was taken off the page: it may be put back at another place

export default function (component) {
  const root = component.parentElement;
  let view = views.get(root);
  if (!view) views.set(root, (view = new View(root, component)));
  view.update(component);
  return () => { view.close(); views.delete(root); };
}

/** Plotly, asked for until it comes. */
function plotly() {
  window.fbvizPlotly ??= new Promise((done) => {
    const ask = (wait) => {
      const script = document.createElement("script");
      script.src = "fbviz/plotly/plotly.min.js";   // every page lies one step below the base path
      script.onload = script.onerror = () => {
        window.fbvizMissed = !window.Plotly;
        if (window.Plotly) return done(window.Plotly);
        script.remove();
        setTimeout(() => ask(Math.min(2 * wait, AGAIN)), wait);
      };
      document.head.append(script);
    };
    requestAnimationFrame(() => setTimeout(() => ask(500)));   // the page is seen first: it is large
  });
  return window.fbvizPlotly;
}

class View {
  constructor(root, { data }) {
    Object.assign(this, { data, facts: { state: "ready" }, arrays: {}, values: {}, played: false }, left.get(data.name));
    this.mounted = false;
    this.figures = new Map();
    this.drawn = 0;
    this.wire = new Wire((bytes) => this.receive(bytes), () => this.say());
    this.build(root);
    this.keys = (event) => this.key(event);
    window.addEventListener("keydown", this.keys, true);
    this.clock = setInterval(() => this.tick(), 500);
    this.ready = plotly();
    this.fresh = Object.keys(this.arrays).length > 0;
    this.seen = false;   // a view far down the page asks for nothing until it comes into sight
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting || this.seen) return;
      this.seen = true;
      this.open();
    }, { rootMargin: "200px" });
    this.sight.observe(this.node);
  }

  /** What Python says now: the first time, and after every rerun of the page. */
  update(component) {
    const { data } = component;
    this.component = component;
    this.data = data;
    this.label();
    this.offer(data);
    this.define(data.figures);
    const asked = JSON.stringify([data.program, data.query, this.offered]);
    if (asked !== this.asked) {
      const again = this.mounted && (this.played || this.facts.state === "playing");   // a slider was moved
      if (!this.mounted) Object.assign(this, { facts: { state: "ready" }, played: false });
      Object.assign(this, { asked, arrays: {}, reported: false, gone: null });
      this.load({ play: Boolean(data.autoplay || again) });
    }
    this.mounted = true;
    if (this.seen) this.open();
    this.draw();
  }

  /** Begin what is asked for; `until` is the update up to which it is trained again. */
  load(more) {
    const { program, query, server } = this.data;
    this.server = server;
    this.loading = { do: "load", program, query, values: this.values, ...more };
    if (this.seen) this.begin();
  }

  begin() {
    this.send(this.loading);
    this.send({ do: "speed", value: Number(this.speed.value) });
  }

  /** Begin to fetch frames. */
  open() {
    const first = !this.wire.data;
    this.wire.update(this);
    if (!first) return;
    if (this.loading) this.begin();
    this.send({ do: "want" });
  }

  close() {
    this.closed = true;
    clearInterval(this.clock);
    this.sight.disconnect();
    window.removeEventListener("keydown", this.keys, true);
    this.wire.close();
    this.purge();
    const { facts, arrays, values, played, asked, loading, server, gone, reported } = this;
    const chosen = [this.speed.value, this.log.checked];
    left.set(this.data.name, { facts, arrays, values, played, asked, loading, server, gone, reported, chosen });
  }

  purge() {
    for (const { node, table } of this.figures.values()) if (!table) window.Plotly?.purge(node);
  }

  send(command) { if (this.wire.data) this.wire.send(command); }

  receive(buffer) {
    const { facts, arrays } = unpack(buffer);
    if (facts.refused) { this.refusal = facts.refused; return this.say(); }
    if (facts.state === "empty") return this.forgotten(facts);
    this.loading = null;
    if (facts.state === "queued") this.facts = { ...facts };
    else this.facts = { ...this.facts, place: null, ended: null, done: null, idle: false, gave: null, ...facts };
    Object.assign(this.arrays, arrays);
    this.fresh = true;
    requestAnimationFrame(() => this.draw());
  }

  /** The server knows nothing of this view: it is another one, or has given the run up. What is lost is told. */
  forgotten({ server }) {
    const { update, state } = this.facts;
    if (this.loading || !update) return this.load({ play: this.loading?.play ?? state === "playing" });
    if (this.gone) return;
    this.gone = { word: server === this.server ? "released" : "restarted", play: state === "playing", until: update };
    this.facts = { ...this.facts, state: "gone", ended: null, done: null, gave: null };
    this.say();
  }

  // What is seen.

  build(root) {
    this.status = element("div", { class: "fbviz-status", role: "status", "aria-live": "off" });
    this.spoken = element("div", { class: "fbviz-hidden", "aria-live": "polite" });
    this.playButton = element("button", { type: "button", class: "fbviz-play", onclick: () => this.toggle() });
    this.stepButton = element("button", { type: "button", onclick: () => this.do("step") });
    this.resetButton = element("button", { type: "button", onclick: () => this.do("reset") });
    this.speed = element("select", { onchange: () => this.send({ do: "speed", value: Number(this.speed.value) }) });
    this.log = element("input", { type: "checkbox", onchange: () => this.draw(true) });
    this.logText = element("span");
    this.speedText = element("span", { class: "fbviz-hidden" });
    this.bar = element("div", { class: "fbviz-bar", role: "toolbar" },
      this.playButton, this.stepButton, this.resetButton,
      element("label", {}, this.speedText, this.speed),
      element("label", {}, this.log, this.logText));
    this.grid = element("div", { class: "fbviz-grid" });
    this.dials = element("div", { class: "fbviz-dials" });
    this.node = element("div", { class: "fbviz", "data-frames": "0" }, this.bar, this.status, this.spoken, this.dials, this.grid);
    root.append(this.node);
  }

  label() {
    const { words } = this.data;
    this.bar.setAttribute("aria-label", words.toolbar);
    this.bar.title = words.keys;
    this.stepButton.textContent = `${words.step} →`;
    this.resetButton.textContent = `↺ ${words.reset}`;
    this.logText.textContent = words.log;
    this.speedText.textContent = words.speed;
    const value = this.speed.value || "0";
    this.speed.setAttribute("aria-label", words.speed);
    this.speed.replaceChildren(...SPEEDS.map((n) =>
      element("option", { value: n }, n ? fill(words.a_second, { n }) : words.full)));
    this.speed.value = value;
    if (this.chosen) [this.speed.value, this.log.checked] = this.chosen;
    this.chosen = null;
    this.bar.hidden = this.status.hidden = this.data.toolbar === false;
    this.say();
  }

  /** The sliders and menus that set live parameters; what a reader has set stays while only words change. */
  offer({ sliders = [], choices = [], values = {} }) {
    const shown = JSON.stringify([sliders, choices]);
    if (shown !== this.shown) {
      this.shown = shown;
      const tell = (name, value) => {
        this.values[name] = value;
        this.send({ do: "set", name, value });
      };
      const [before, first] = [{ ...this.values }, (dial) => ({ ...dial, value: this.values[dial.name] ?? dial.value })];
      this.values = { ...values, ...Object.fromEntries([...sliders, ...choices].map(({ name, value }) => [name, value])), ...before };
      this.dials.replaceChildren(...sliders.map((dial) => slider(first(dial), tell)), ...choices.map((dial) => choice(first(dial), tell)));
    }
    this.offered = JSON.stringify([sliders.map((dial) => dial.name), choices.map((dial) => dial.name), values]);
  }

  define(panels) {
    const names = panels.map((panel) => panel.name).join();
    if (names !== this.names) {
      this.names = names;
      this.purge();
      this.figures.clear();
      this.grid.replaceChildren();
    }
    this.grid.style.setProperty("--columns", Math.min(panels.length, this.data.columns ?? 2));
    if (this.data.height) this.grid.style.setProperty("--height", `${this.data.height}px`);
    for (const { name, title, alt, json } of panels) {
      let figure = this.figures.get(name);
      if (!figure) {
        figure = { node: element("div", { class: "fbviz-plot", role: "img" }), head: element("h3") };
        this.grid.append(element("section", { class: "fbviz-panel", "data-figure": name }, figure.head, figure.node));
        this.figures.set(name, figure);
      }
      figure.head.textContent = title;
      figure.node.setAttribute("aria-label", `${title}. ${alt}`);
      if (figure.json !== json) Object.assign(figure, { json, spec: null, stale: true });
    }
  }

  /** The figure with this theme's colours; a table has none. */
  spec(figure) {
    const style = getComputedStyle(this.node);
    const json = figure.json.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim() || "#888");
    return JSON.parse(json);
  }

  /** Draw what is new. While a run plays, the first figure is drawn every time and the others in turn. */
  async draw(everything = false) {
    const Plotly = await this.ready;
    if (this.closed) return;
    const fresh = this.fresh;
    this.fresh = false;
    const hurried = fresh && this.facts.state === "playing" && !everything;
    const figures = Object.keys(this.arrays).length ? [...this.figures.values()] : [];   // until then, what was there stays
    if (fresh) {
      this.send({ do: "want" });  // the next is measured while this one is drawn
      for (const figure of figures) figure.stale = true;
    }
    const [first, ...others] = figures;
    others.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    const due = hurried ? others.slice(0, 1).filter((figure) => performance.now() - (figure.at ?? 0) > REST) : others;
    for (const figure of [first, ...due]) {
      if (!figure || !(everything || figure.stale)) continue;
      figure.stale = false;
      figure.at = performance.now();
      try {
        this.paint(Plotly, figure);
        this.undrawn = null;
      } catch (why) {
        console.error(why);
        this.undrawn = figure.head.textContent;
      }
      if (!this.drawn) await new Promise(requestAnimationFrame);   // at first, each is seen as soon as it can be
      if (this.closed) return;
    }
    this.say();
    if (!fresh) return;
    this.node.dataset.frames = ++this.drawn;
    this.node.dataset.update = this.facts.update ?? "";
    this.report();
  }

  paint(Plotly, figure) {
    const spec = (figure.spec ??= this.spec(figure));
    if (spec.table) {
      figure.node.removeAttribute("role");
      figure.node.classList.add("fbviz-table");
      if (figure.table?.rows !== spec.table.rows) figure.table = new Grid(figure.node, spec.table);
      return figure.table.fill(this.arrays, this.facts);
    }
    for (const trace of spec.data)
      for (const [attribute, name] of Object.entries(trace.meta ?? {}))
        if (name in this.arrays) put(trace, attribute, this.arrays[name]);
    for (const axis of spec.layout.meta?.log ?? []) spec.layout[axis].type = this.log.checked ? "log" : "linear";
    spec.layout.datarevision = (spec.layout.datarevision ?? 0) + 1;
    spec.layout.autosize = true;
    Plotly.react(figure.node, spec.data, spec.layout, { displayModeBar: false, responsive: true, doubleClick: "reset" });
    if (!figure.listens) this.listen(figure);
    figure.cells?.show();
  }

  /**
   * Where a figure is clicked is told: a place (meta.click = its name), a cell (meta.cells = its name), or settings of
   * x and y (meta.load: where each shows).
   */
  listen(figure) {
    const { words } = this.data;
    const tell = (name) => (value) => this.send({ do: "click", name, value });
    figure.listens = true;
    if (figure.spec.layout.meta?.cells) {
      figure.cells = new Cells(figure.node, tell(figure.spec.layout.meta.cells),
        ([x, y]) => { this.spoken.textContent = fill(words.cell, { x: x + 1, y: y + 1 }); });
      figure.node.setAttribute("aria-description", words.cells);
      return;
    }
    figure.node.on("plotly_click", ({ points: [{ x, y }] }) => {
      const { click, load } = figure.spec?.layout.meta ?? {};
      if (click) tell(click)([x, y]);
      if (load) this.choose(Object.entries(load), [x, y]);
    });
  }

  /** Set settings of the page, and show at once where they stand. */
  choose(settings, values) {
    settings.forEach(([, array], i) => { this.arrays[array] = [values[i]]; });
    this.component.setTriggerValue("chosen", Object.fromEntries(settings.map(([name], i) => [name, values[i]])));
    this.draw(true);
  }

  /** Tell the page, once, that the run is over, or has come to rest, so that it shows what there is to take away. */
  report() {
    const { state, idle } = this.facts;
    const over = state === "ended" || (state === "paused" && idle);
    this.node.dataset.over = over;
    const news = over && !this.reported;
    this.reported = over;
    if (!news) return;
    this.component.setTriggerValue("ended", String(Date.now()));
  }

  say() {
    const { words } = this.data;
    const { facts } = this;
    const playing = facts.state === "playing";
    this.playButton.textContent = playing ? `❚❚ ${words.pause}` : `▶\uFE0E ${words.play}`;
    this.node.dataset.state = facts.state;
    this.status.textContent = this.sentence();
    const now = performance.now();
    if (facts.state !== this.spokenState || now - (this.spokenAt ?? 0) > 10000) {
      this.spokenState = facts.state;
      this.spokenAt = now;
      this.spoken.textContent = this.status.textContent;
    }
  }

  sentence() {
    const { words } = this.data;
    const { facts } = this;
    if (this.wire.lost) return words.lost;
    if (window.fbvizMissed) return words.missed;
    if (this.undrawn) return fill(words.undrawn, { figure: this.undrawn });
    if (this.gone) return fill(words.gone[this.gone.word], { update: this.gone.until });
    if (this.refusal) { const { word, values } = this.refusal; this.refusal = null; return fill(words.refusals[word], values); }
    if (facts.state === "queued") return fill(facts.gave ? words.share : words.queued, facts);
    const parts = facts.gave ? [words.gave[facts.gave]] : [];
    const why = facts.ended ?? facts.done;   // done: the run is over, and the program still answers
    if (why) parts.push(fill(words.endings[why.word] ?? why.word, { ...why.values, layer: this.layer(why.values.layer) }));
    else if (facts.state === "ready") parts.push(words.ready);
    if ((facts.update ?? facts.place) !== undefined) {
      const asked = this.data.query.device ?? "auto";
      const device = facts.device && ![facts.device, "auto"].includes(asked) ? fill(words.no_device, { ...facts, asked }) : facts.device;
      const told = { ...facts, device, seconds: (facts.seconds ?? 0).toFixed(1) };
      for (const [name, template] of Object.entries(words.status)) if (told[name] != null) parts.push(fill(template, told));
      for (const [name, score] of Object.entries(facts.metrics ?? {}).slice(0, 1)) parts.push(`${words[name] ?? name} ${score?.toFixed(3) ?? words.undefined}`);
    } else if (!why) parts.splice(0, 1, !this.wire.reached && this.data.transport !== "fragment" ? words.connecting : parts[0] ?? "");
    return parts.join(" · ");
  }

  /** A layer's name, as the figures have it. */
  layer(name = "") {
    const { layers } = this.data.words;
    return layers[name] ?? fill(layers.layer, { i: name.split(" ")[1] });
  }

  tick() {
    if (!window.Plotly) this.say();
    this.retheme();
  }

  retheme() {
    const style = getComputedStyle(this.node);
    const theme = style.getPropertyValue("--st-text-color") + style.getPropertyValue("--st-background-color");
    if (theme === this.painted) return;
    const first = this.painted === undefined;
    this.painted = theme;
    if (first) return;
    for (const figure of this.figures.values()) figure.spec = null;
    this.draw(true);
  }

  // What is done.

  toggle() { this.do(this.facts.state === "playing" ? "pause" : "play"); }

  do(word) {
    if (word === "play") this.played = true;
    if (word === "reset") this.played = false;
    if (this.gone) {
      const { until, play } = this.gone;
      this.gone = null;
      this.load(word === "play" ? { until, play } : { play: false });
    } else this.send({ do: word });
    this.send({ do: "want" });
  }

  key(event) {
    if (this.data.keyboard === "inside" && !event.composedPath().includes(this.node)) return;
    if (this.data.keyboard === false || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.("input, textarea, select, [contenteditable=true], [role=slider], [role=combobox], [role=dialog], [role=application]")) return;
    const onButton = target.closest?.("button, a, summary");
    const action = { " ": () => this.toggle(), ArrowRight: () => this.do("step"), r: () => this.do("reset"), R: () => this.do("reset") }[event.key];
    if (!action || (event.key === " " && onButton)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }
}
