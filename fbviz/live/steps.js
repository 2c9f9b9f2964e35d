// The unroll steps under the first figure: which one is looked at, and a play of them all.

const BEAT = 700;   // ms that each step is seen for
const LAST = 1e9;   // stands for the last step: beyond any, and so brought back to it

class Steps {
  /** `tell` hears which step is to be shown, `beat` that another has been reached by itself. */
  constructor(tell, beat) {
    Object.assign(this, { tell, beat, last: 1 });
    this.play = element("button", { type: "button", onclick: () => (this.clock ? this.stop() : this.start()) });
    this.slider = element("input", { type: "range", min: 1, step: 1, oninput: () => this.look(Number(this.slider.value)) });
    this.said = element("output");
    this.told = new Told(this.said);
    this.node = element("div", { class: "fbviz-steps" }, this.play, this.slider, this.said);
  }

  /** There are so many steps; words are of the page's language. A single one is no choice. */
  offer(last = 1, words) {
    Object.assign(this, { words, last });
    this.slider.max = last;
    this.node.hidden = last < 2;
    this.slider.setAttribute("aria-label", words.step_t);
    this.label();
  }

  label() {
    this.play.textContent = this.clock ? "❚❚" : "▶\uFE0E";
    this.play.setAttribute("aria-label", this.clock ? this.words.hold_steps : this.words.play_steps);
    this.play.title = this.words.play_steps;
  }

  /** Show where the frame stands. */
  show({ t, residual }) {
    if (t === undefined || !this.words) return;
    this.slider.value = t;
    const said = fill(this.words.at_step, { t, last: this.last, residual });
    this.told.tell(said, this.words.terms);
    this.slider.setAttribute("aria-valuetext", said);
  }

  look(t) {
    this.stop();
    this.go(t);
  }

  go(t) {
    this.tell(t >= this.last ? LAST : t);
  }

  /** From the first step to the last, each seen for a moment. */
  start() {
    let t = 0;
    const on = () => {
      this.go(++t);
      this.beat(BEAT);
      if (t >= this.last) this.stop();
    };
    this.clock = setInterval(on, BEAT);
    on();
    this.label();
  }

  stop() {
    clearInterval(this.clock);
    this.clock = null;
    if (this.words) this.label();
  }
}
