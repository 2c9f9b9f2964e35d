// The figures of a view, side by side, and whose turn it is to be drawn.

const REST = 160;   // ms that a figure other than the first stands still while a run plays: curves may, a boundary not

/** Those whose turn it is: the first, and the others by how long they wait; in a hurry, one of these at most. */
function due(panels, now, hurried) {
  const others = panels.slice(1).sort((a, b) => a.at - b.at);
  return [...panels.slice(0, 1), ...(hurried ? others.slice(0, 1).filter(({ at }) => now - at > REST) : others)];
}

class Panels {
  /** `hears` as in Panel. */
  constructor(hears) {
    this.hears = hears;
    this.node = element("div", { class: "fbviz-grid" });
    this.panels = [];
  }

  /** What Python says is to be seen; figures that stay keep what they show. */
  define({ figures, words, columns = 2, height }) {
    const names = figures.map(({ name }) => name).join();
    if (names !== this.names) {
      this.names = names;
      this.purge();
      this.panels = figures.map(({ name }) => new Panel(name, this.hears));
      this.node.replaceChildren(...this.panels.map(({ node }) => node));
    }
    this.node.style.setProperty("--columns", Math.min(figures.length, columns));
    if (height) this.node.style.setProperty("--height", `${height}px`);
    figures.forEach((figure, i) => this.panels[i].define(figure, words));
  }

  due(hurried) {
    return due(this.panels, performance.now(), hurried);
  }

  /** There are newer numbers than any of them shows. */
  age() {
    for (const panel of this.panels) panel.stale = true;
  }

  /** The title of one that could not be drawn. */
  get undrawn() {
    return this.panels.find(({ failed }) => failed)?.title;
  }

  /** Has the page another theme than at the last look? Then all are to be drawn in its colours. */
  rethemed() {
    const style = getComputedStyle(this.node);
    const theme = style.getPropertyValue("--st-text-color") + style.getPropertyValue("--st-background-color");
    const changed = theme !== (this.theme ?? theme);
    this.theme = theme;
    if (changed) for (const panel of this.panels) panel.spec = null;
    return changed;
  }

  /** Draw all at once, in the colours that hold now. */
  recolour(Plotly, run, logarithmic) {
    for (const panel of Plotly && Object.keys(run.arrays).length ? this.panels : []) {
      panel.spec = null;
      panel.draw(Plotly, run, logarithmic);
    }
  }

  purge() {
    for (const panel of this.panels) panel.purge();
  }
}
