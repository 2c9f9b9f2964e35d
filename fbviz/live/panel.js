// One figure with its title: what Python drew blank, and how the numbers of a frame get into it. It knows no chart.

/** A figure from its JSON, in the colours of the page: `colour` says what stands for var(--name). */
const themed = (json, colour) => JSON.parse(json.replace(/var\((--[\w-]+)\)/g, (_, name) => colour(name) || "#888"));

/** What a colour of the page, var(--name), is here, whatever the style sheet says it depends on. */
function colour(node, name) {
  node.style.color = `var(${name})`;
  const { color } = getComputedStyle(node);
  node.style.color = "";
  return color;
}

/** Put a value at a path of names, as "marker.color". */
function put(target, path, value) {
  const names = path.split(".");
  const last = names.pop();
  for (const name of names) target = target[name] ??= {};
  target[last] = value;
}

/** The figure with these arrays: a trace's meta says which of its attributes is which. What did not come stays. */
function filled(spec, arrays, logarithmic) {
  for (const trace of spec.data)
    for (const [attribute, name] of Object.entries(trace.meta ?? {}))
      if (name in arrays) put(trace, attribute, arrays[name]);
  for (const axis of spec.layout.meta?.log ?? []) spec.layout[axis].type = logarithmic ? "log" : "linear";
  spec.layout.datarevision = (spec.layout.datarevision ?? 0) + 1;   // what is changed in place is not seen otherwise
  spec.layout.autosize = true;
  return spec;
}

/** One level below the heading that the page has before a node. */
function level(node) {
  const heads = [...document.querySelectorAll("h1, h2, h3")].filter((head) =>
    !head.closest(".fbviz") && head.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
  return Number(heads.at(-1)?.tagName[1] ?? 1) + 1;
}

const STILL = {   // what Plotly is not to do: swipes and the wheel are the page's, two quick clicks are two
  displayModeBar: false, responsive: true, doubleClick: false, scrollZoom: false, showTips: false,
  showAxisDragHandles: false, showAxisRangeEntryBoxes: false,
};

/** Numbers as the page writes them, wherever the library has written its own way. */
function spell(plot, where, words) {
  for (const node of plot.querySelectorAll(where)) {
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data } = texts.currentNode, said = spelled(data, words);
      if (said !== data) texts.currentNode.data = said;
    }
  }
}

class Panel {
  /**
   * `hears`: click(name, place), choose(settings, place), turn(names, place), say(text) for those who cannot see it,
   * standing() and redraw(panel).
   */
  constructor(name, hears) {
    Object.assign(this, { name, hears, stale: true, at: 0, failed: false });   // at: when it was last drawn, in ms
    this.head = element("h3");
    this.plot = element("div", { class: "fbviz-plot", role: "img" });
    this.zoom = new Zoom(this.plot, () => this.hears.redraw(this));
    this.tell = element("button", { type: "button", class: "fbviz-tell", onclick: () => this.hears.say(this.told) });
    this.ask = element("span", { class: "fbviz-ask" });   // in a tab, where the title is a button, its word stands here
    this.tools = element("span", { class: "fbviz-tools" });
    this.node = element("section", { class: "fbviz-panel", "data-figure": name },
      element("div", { class: "fbviz-head" }, this.head, this.ask, this.tools), this.plot);
    this.large = new Large(this.node, () => this.enlarge(), () => window.Plotly.Plots.resize(this.plot));
    this.tools.append(this.tell, this.zoom.node, this.large.button, this.large.hint, this.large.done);
    this.node.addEventListener("keydown", (event) => this.zoom.key(event));
  }

  /** What Python says it is, in the language of the page. */
  define({ title, parts, alt, json }, words) {
    Object.assign(this, { title, words });
    this.head.replaceChildren(...parts.map(([text, key]) => (key ? term(text, key) : text)));
    this.ask.replaceChildren(...parts.filter(([, key]) => key).slice(-1).map(([text, key]) => term(text, key, "?")));
    this.head.setAttribute("aria-level", level(this.node));
    this.plot.setAttribute("aria-label", `${title}. ${alt}`);
    this.tell.textContent = words.tell;
    this.tell.setAttribute("aria-label", `${words.tell}: ${title}`);
    this.zoom.label(words);
    this.large.label(words);
    if (this.cells) this.describe();
    if (this.json !== json) Object.assign(this, { json, spec: null, stale: true });
  }

  /** Show a frame. What cannot be drawn is told by the browser's console, and leaves the others alone. */
  draw(Plotly, frame, logarithmic) {
    this.stale = false;
    this.at = performance.now();
    try {
      this.paint(Plotly, frame, logarithmic);
      this.failed = false;
    } catch (why) {
      console.error(why);
      this.failed = true;
    }
  }

  paint(Plotly, { arrays, facts }, logarithmic) {
    const spec = (this.spec ??= this.made());
    if (spec.table) return this.tabulate(spec.table, arrays, facts);
    const { data, layout } = filled(spec, arrays, logarithmic);
    this.plot.style.setProperty("--least", `${layout.meta?.least ?? 0}px`);   // wide: on a phone the panel scrolls
    if (logarithmic !== this.logarithmic) this.zoom.forget(layout.meta?.log ?? []);
    this.logarithmic = logarithmic;
    this.zoom.apply(layout);
    this.node.classList.toggle("fbviz-zoomed", this.zoom.zoomed);
    Plotly.react(this.plot, data, layout, STILL);
    if (!this.listens) this.listen(layout.meta ?? {});
    this.cells?.show();
  }

  /** The figure that Python drew, in the colours of the page. */
  made() {
    const spec = themed(this.json, (name) => colour(this.plot, name));
    if (!spec.table) this.zoom.define(spec.layout);
    this.tell.title = this.zoom.axes.length ? this.words.zoom : "";
    return spec;
  }

  tabulate(table, arrays, facts) {
    this.plot.removeAttribute("role");
    this.plot.classList.add("fbviz-table");
    this.tools.hidden = true;   // a table is read as it stands
    if (this.table?.rows !== table.rows) this.table = new Table(this.plot, table, this.words);
    this.table.fill(arrays, facts);
  }

  /**
   * Where it is clicked is told: a place (meta.click = its name), a cell (meta.cells = its name), settings of x and y
   * (meta.load: where each shows), or a point that is turned to (meta.points: the names of what its data say).
   */
  listen({ cells, click, load, points }) {
    this.listens = true;
    for (const moved of ["plotly_relayouting", "plotly_relayout"]) this.plot.on(moved, () => this.zoom.moved());
    this.plot.on("plotly_afterplot", () => this.cells?.show());   // in this size
    this.plot.on("plotly_afterplot", () => spell(this.plot, ".textpoint, .heatmap-label, .ytick, .y2tick", this.words));
    this.plot.on("plotly_hover", () => spell(this.plot, ".hoverlayer", this.words));
    if (points) this.points = new Points(this.plot, (data) => this.hears.turn(points, data), this.hears.say);
    if (!cells && !click && !load) return;
    this.large.button.hidden = !cells;
    this.cells = new Cells(this.plot, {
      paints: Boolean(cells),
      tell: (cell) => {
        if (cells) this.hears.click(cells, cell);
        if (click) this.hears.click(click, this.cells.place(cell));
        if (load) this.hears.choose(this.spec.layout.meta.load, this.cells.place(cell));
      },
      say: (cell) => this.hears.say(this.there(cell)),
      enlarge: () => this.enlarge(),
    });
    this.describe();
  }

  enlarge() {
    this.large.open(this.cells.size());
  }

  /** What the keys do. */
  describe() {
    this.plot.setAttribute("aria-description", this.cells.paints ? this.words.cells : this.words.places);
  }

  /** What stands at a cell of the first trace: what is said there under a pointer, or else where it is. */
  there(cell) {
    const { _fullData: [trace], layout } = this.plot;
    const said = hovered(trace, cell, this.words);
    if (said.length) return said.join(this.words.comma);
    if (this.cells.paints) {
      const state = layout.meta.states[trace.z?.[cell[1]]?.[cell[0]]];
      const { comma, cell: where } = this.words;
      return [fill(where, { x: cell[0] + 1, y: cell[1] + 1 }), state].filter(Boolean).join(comma);
    }
    const place = this.cells.place(cell);
    return ["xaxis", "yaxis"].map((axis, i) => `${layout[axis].title?.text ?? ""} ${number(place[i])}`)
      .join(this.words.comma);
  }

  /** Its values at this moment; a figure without any says how the run stands. */
  get told() {
    const { _fullData: data, _fullLayout: layout } = this.plot;   // in which all numbers are numbers
    const values = data ? told({ data, layout }, this.words) : [];
    const { told: sentence, comma } = this.words;
    return fill(sentence, { figure: this.title, values: values.join(comma) || this.hears.standing() });
  }

  /** Give back what the library keeps of it. */
  purge() {
    if (!this.table) window.Plotly?.purge(this.plot);
  }
}
