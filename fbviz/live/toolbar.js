// The buttons of a run, its speed, and whether axes are logarithmic.

const SPEEDS = [1, 10, 100, 0];   // updates a second; 0 is as fast as it goes

class Toolbar {
  /** `act` hears what is pressed, in a word, `hurry` a new speed, `scale` that the axes change, `pair` the twin. */
  constructor({ act, hurry, scale, pair }) {
    this.play = element("button", { type: "button", class: "fbviz-play", onclick: () => act("toggle") });
    this.step = element("button", { type: "button", onclick: () => act("step") });
    this.reset = element("button", { type: "button", onclick: () => act("reset") });
    const speeds = SPEEDS.map((value) => element("option", { value }));
    this.rate = element("select", { onchange: () => this.hurried(hurry) }, ...speeds);
    this.rate.value = "0";
    this.rateLabel = element("span", { class: "fbviz-hidden" });
    this.log = element("input", { type: "checkbox", onchange: () => scale() });
    this.logLabel = element("span");
    this.twin = element("button", { type: "button", class: "fbviz-twin", onclick: () => pair() });
    this.node = element("div", { class: "fbviz-bar", role: "toolbar" },
      this.play, this.step, this.reset, this.twin,
      element("label", {}, this.rateLabel, this.rate),
      element("label", {}, this.log, this.logLabel));
  }

  get speed() { return Number(this.rate.value); }

  get logarithmic() { return this.log.checked; }

  /** What a reader has chosen, to be chosen again in another toolbar. */
  get chosen() { return [this.rate.value, this.log.checked]; }

  set chosen([rate, log]) { [this.rate.value, this.log.checked] = [rate, log]; }

  /** A speed that is the page's own for who has never chosen one; the choice is kept. */
  begin(speed) {
    if (speed === undefined || this.pace) return;
    this.pace = true;
    this.rate.value = kept("speed") ?? String(speed);
    if (!this.rate.value) this.rate.value = String(speed);
  }

  hurried(hurry) {
    if (this.pace) keep("speed", this.rate.value);
    hurry();
  }

  /** Say everything in the language of the page. */
  label(words, twin) {
    this.words = words;
    this.twin.hidden = twin == null;
    this.twin.textContent = words.twin;
    this.twin.setAttribute("aria-pressed", Boolean(twin));
    this.node.setAttribute("aria-label", words.toolbar);
    this.node.title = words.keys;
    this.step.textContent = `${words.step} →`;
    this.reset.textContent = `↺ ${words.reset}`;
    this.logLabel.textContent = words.log;
    this.rateLabel.textContent = words.speed;
    this.rate.setAttribute("aria-label", words.speed);
    SPEEDS.forEach((n, i) => { this.rate.options[i].textContent = n ? fill(words.a_second, { n }) : words.full; });
  }

  /** One button both plays and pauses. */
  show(playing) {
    this.play.textContent = playing ? `❚❚ ${this.words.pause}` : `▶\uFE0E ${this.words.play}`;
  }
}
