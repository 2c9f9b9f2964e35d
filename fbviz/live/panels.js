// The figures of a view, side by side or in tabs, and whose turn it is to be drawn.

const REST = 160;   // ms that a figure other than the first stands still while a run plays: curves may, a boundary not

/** Those whose turn it is: the first, and the others by how long they wait; in a hurry, one of these at most. */
function due(panels, now, hurried) {
  const others = panels.slice(1).sort((a, b) => a.at - b.at);
  return [...panels.slice(0, 1), ...(hurried ? others.slice(0, 1).filter(({ at }) => now - at > REST) : others)];
}

class Panels {
  /** `hears` as in Panel; `shown` is called when a reader has turned to another tab. */
  constructor(hears, shown) {
    Object.assign(this, { hears, shown });
    this.node = element("div", { class: "fbviz-grid" });
    this.places = [];
  }

  /** What Python says is to be seen, one figure at a place or several in tabs; those that stay keep what they show. */
  define({ figures, words, columns = 2, height, layout = "" }) {
    const names = JSON.stringify(figures.map((place) => place.map(({ name }) => name)));
    if (names !== this.names) {
      const before = new Map(this.all.map((panel) => [panel.name, panel]));
      const panel = ({ name }) => before.get(name) ?? new Panel(name, this.hears);
      this.names = names;
      this.places = figures.map((place) => (place.length > 1 ? new Tabs(place.map(panel), this.shown) : panel(place[0])));
      this.node.replaceChildren(...this.places.map(({ node }) => node));
      for (const gone of [...before.values()].filter((panel) => !this.all.includes(panel))) gone.purge();
    }
    this.node.dataset.layout = layout;
    this.node.style.setProperty("--columns", Math.min(figures.length, columns));
    if (height) this.node.style.setProperty("--height", `${height}px`);
    figures.flat().forEach((figure, i) => this.all[i].define(figure, words));
    for (const place of this.places) if (place instanceof Tabs) place.label();
  }

  /** Every figure. */
  get all() { return this.places.flatMap((place) => place.panels ?? place); }

  /** Those that are not behind another tab. */
  get visible() { return this.places.map((place) => place.chosen ?? place); }

  due(hurried) {
    return due(this.visible, performance.now(), hurried);
  }

  /** There are newer numbers than any of them shows. */
  age() {
    for (const panel of this.all) panel.stale = true;
  }

  /** The title of one that could not be drawn. */
  get undrawn() {
    return this.all.find(({ failed }) => failed)?.title;
  }

  /** Has the page another theme than at the last look? Then all are to be drawn in its colours. */
  rethemed() {
    const style = getComputedStyle(this.node);
    const theme = style.getPropertyValue("--st-text-color") + style.getPropertyValue("--st-background-color");
    const changed = theme !== (this.theme ?? theme);
    this.theme = theme;
    if (changed) for (const panel of this.all) panel.spec = null;
    return changed;
  }

  /** Draw all at once, in the colours that hold now. */
  recolour(Plotly, run, logarithmic) {
    for (const panel of Plotly && Object.keys(run.arrays).length ? this.visible : []) {
      panel.spec = null;
      panel.draw(Plotly, run, logarithmic);
    }
  }

  purge() {
    for (const panel of this.all) panel.purge();
  }
}
