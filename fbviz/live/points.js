// Points of a figure that a reader turns to: by pointing, by touching, or with the arrow keys.

const LINGER = 60;   // ms that the pointer rests on a point before it is meant

class Points {
  /** `plot` is the figure's node; `tell` hears the data of a point, `say` its words. */
  constructor(plot, tell, say) {
    Object.assign(this, { plot, tell, say, at: -1 });
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    for (const word of ["pointerdown", "pointermove"]) plot.addEventListener(word, (event) => this.feel(event), true);
    plot.addEventListener("pointercancel", () => { this.scrolls = true; }, true);
    plot.on("plotly_hover", ({ points: [point] }) => this.mean(point));
    plot.on("plotly_unhover", () => clearTimeout(this.later));
    plot.on("plotly_click", ({ points: [point] }) => { if (!this.scrolls) this.turn(point); });
    plot.addEventListener("keydown", (event) => this.key(event));
  }

  /** The trace whose data say what each point is. */
  get trace() { return this.plot.data.find(({ customdata }) => Array.isArray(customdata?.[0])); }

  /** A finger points at nothing until it taps; one that scrolls the page is taken away by the browser. */
  feel({ type, pointerType }) {
    this.finger = pointerType === "touch";
    if (type === "pointerdown") this.scrolls = false;
  }

  mean(point) {
    if (this.finger) return;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.turn(point), LINGER);
  }

  turn({ customdata, pointIndex }) {
    if (!Array.isArray(customdata)) return;
    clearTimeout(this.later);
    this.at = pointIndex;
    this.tell(customdata);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { customdata, text } = this.trace;
    this.at = (Math.max(this.at, -1) + step + customdata.length) % customdata.length;
    this.tell(customdata[this.at]);
    this.say(text[this.at]);
  }
}
