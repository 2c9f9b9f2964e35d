// One figure with its title: what Python drew blank, and how the numbers of a frame get into it. It knows no chart.

/** A figure from its JSON, in the colours of the page: `colour` says what stands for var(--name). */
const themed = (json, colour) => JSON.parse(json.replace(/var\((--[\w-]+)\)/g, (_, name) => colour(name) || "#888"));

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

class Panel {
  /** `hears`: click(name, place), choose(settings, place) and say(text), for those who cannot see it. */
  constructor(name, hears) {
    Object.assign(this, { hears, stale: true, at: 0, failed: false });   // at: when it was last drawn, in ms
    this.head = element("h3");
    this.plot = element("div", { class: "fbviz-plot", role: "img" });
    this.node = element("section", { class: "fbviz-panel", "data-figure": name }, this.head, this.plot);
  }

  /** What Python says it is, in the language of the page. */
  define({ title, alt, json }, words) {
    Object.assign(this, { title, words });
    this.head.textContent = title;
    this.plot.setAttribute("aria-label", `${title}. ${alt}`);
    if (this.cells) this.plot.setAttribute("aria-description", words.cells);
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
    const spec = (this.spec ??= themed(this.json, (name) => getComputedStyle(this.plot).getPropertyValue(name).trim()));
    if (spec.table) return this.tabulate(spec.table, arrays, facts);
    const { data, layout } = filled(spec, arrays, logarithmic);
    Plotly.react(this.plot, data, layout, { displayModeBar: false, responsive: true, doubleClick: "reset" });
    if (!this.listens) this.listen(layout.meta?.cells);
    this.cells?.show();
  }

  tabulate(table, arrays, facts) {
    this.plot.removeAttribute("role");
    this.plot.classList.add("fbviz-table");
    if (this.table?.rows !== table.rows) this.table = new Table(this.plot, table);
    this.table.fill(arrays, facts);
  }

  /**
   * Where it is clicked is told: a place (meta.click = its name), a cell (meta.cells = its name), or settings of
   * x and y (meta.load: where each shows).
   */
  listen(cells) {
    this.listens = true;
    if (cells) {
      this.cells = new Cells(this.plot, (place) => this.hears.click(cells, place),
        ([x, y]) => this.hears.say(fill(this.words.cell, { x: x + 1, y: y + 1 })));
      this.plot.setAttribute("aria-description", this.words.cells);
      return;
    }
    this.plot.on("plotly_click", ({ points: [{ x, y }] }) => {
      const { click, load } = this.spec?.layout.meta ?? {};
      if (click) this.hears.click(click, [x, y]);
      if (load) this.hears.choose(load, [x, y]);
    });
  }

  /** Give back what the library keeps of it. */
  purge() {
    if (!this.table) window.Plotly?.purge(this.plot);
  }
}
