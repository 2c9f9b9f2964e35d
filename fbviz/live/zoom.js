// Axes drawn nearer or farther, with buttons or keys: a drag, a swipe and the wheel belong to the page.

const NEARER = 1.5;   // times, at a press
const ASIDE = 0.15;   // of what is seen, at an arrow key
const ZOOMS = { "+": 1 / NEARER, "=": 1 / NEARER, "-": NEARER };
const PANS = { ArrowLeft: [-ASIDE, 0], ArrowRight: [ASIDE, 0], ArrowUp: [0, ASIDE], ArrowDown: [0, -ASIDE] };

/** The axes of a figure that have numbers to look at closer; none where a pair lacks one of its two. */
function zoomable(layout) {
  const names = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const open = names.filter((name) => {
    const { visible, fixedrange, type } = layout[name];
    return visible !== false && !fixedrange && type !== "category";
  });
  return ["x", "y"].every((letter) => open.some((name) => name.startsWith(letter))) && !layout.meta?.cells ? open : [];
}

/** What is seen of an axis from `from` to `to`, drawn nearer around a place: a part of the way from end to end. */
const nearer = ([from, to], times, around = 0.5) => {
  const middle = from + around * (to - from);
  return [middle + times * (from - middle), middle + times * (to - middle)];
};

class Zoom {
  axes = [];
  ranges = {};            // by axis, what a reader wants to see of it
  homeward = new Set();   // axes that are to show again what they were defined to

  /** `redraw` draws the figure anew. */
  constructor(plot, redraw) {
    Object.assign(this, { plot, redraw });
    const button = (sign, act) => element("button", { type: "button", tabindex: "-1", onclick: act }, sign);
    this.buttons = [button("＋", () => this.by(1 / NEARER)), button("−", () => this.by(NEARER)),
      button("⟲", () => this.all())];
    this.node = element("span", { class: "fbviz-zoom" }, ...this.buttons);
    this.node.hidden = true;
  }

  label({ nearer, farther, all }) {
    [[nearer, "+"], [farther, "−"], [all, "0"]].forEach(([word, key], i) => {
      this.buttons[i].setAttribute("aria-label", word);
      this.buttons[i].title = `${word} (${key})`;
    });
  }

  /** A figure was defined anew, or its axes are others: it shows all. */
  define(layout) {
    this.axes = zoomable(layout);
    this.home = Object.fromEntries(this.axes.map((name) => {
      const { range, autorange = !range } = layout[name];
      return [name, structuredClone({ range, autorange })];
    }));
    this.node.hidden = !this.axes.length;
    this.ranges = Object.fromEntries(Object.entries(this.ranges).filter(([name]) => name in this.home));
  }

  get zoomed() { return Object.keys(this.ranges).length > 0; }

  /** Put what is wanted into the layout; a drag moves what has been drawn nearer. */
  apply(layout) {
    for (const name of this.homeward) Object.assign(layout[name], structuredClone(this.home[name]));
    this.homeward.clear();
    for (const [name, range] of Object.entries(this.ranges)) Object.assign(layout[name], { range, autorange: false });
    layout.dragmode = this.zoomed && "pan";
    this.buttons.slice(1).forEach((button) => { button.disabled = !this.zoomed; });
  }

  /** Draw nearer, where `times` is less than 1. */
  by(times) {
    this.change((range) => nearer(range, times));
  }

  pan([across, up]) {
    this.change(([from, to], name) => {
      const way = (name.startsWith("x") ? across : up) * (to - from);
      return [from + way, to + way];
    });
  }

  change(changed) {
    for (const name of this.axes) this.ranges[name] = changed([...this.plot._fullLayout[name].range], name);
    this.redraw();
  }

  /** The axes stand where a drag has them now. */
  moved() {
    for (const name of Object.keys(this.ranges)) this.ranges[name] = [...this.plot._fullLayout[name].range];
  }

  /** Show everything again. */
  all() {
    this.forget(this.axes);
    this.redraw();
  }

  /** These axes are to be as they were defined. */
  forget(names) {
    for (const name of names) {
      delete this.ranges[name];
      this.homeward.add(name);
    }
  }

  key(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !this.axes.length) return;
    if (key in ZOOMS) this.by(ZOOMS[key]);
    else if (key === "0") this.all();
    else if (key in PANS && this.zoomed && !target.closest("[role=application]")) this.pan(PANS[key]);
    else return;
    event.preventDefault();
  }
}
