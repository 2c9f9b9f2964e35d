// The run of a view, as far as the browser knows it: what was asked for, what was heard, what is lost.

// facts of one frame only
const MOMENT = {
  place: null, share: null, preview: 0, ended: null, done: null, idle: false, known: false, gave: null,
};

class Run {
  facts = { state: "ready" };
  arrays = {};
  values = {};        // of live parameters: where a reader has them
  pace = new Pace();
  loading = null;     // the command that asks for it, until an answer comes
  gone = null;        // the server knows it no more: {word: why, play: did it play, until: how far it was}
  played = false;
  waits = false;      // something was set that counts from the next update, and there was none since
  reported = 0;       // how much of it the page knows

  get playing() { return this.facts.state === "playing"; }

  /** What there is to tell the page: 1, what a question asks is decided; 2, it is over. */
  get news() { return this.over ? 2 : this.facts.known && this.facts.state !== "ready" ? 1 : 0; }

  get over() { return this.facts.state === "ended" || (this.facts.state === "paused" && Boolean(this.facts.idle)); }

  /**
   * Python says what the page is to show. Is that to be loaded? Where it is something else than before, what played
   * goes on to play; but a view that is new on its page begins anew.
   */
  ask({ program, query, server, autoplay, sliders = [], choices = [], values = {} }, isNew) {
    const dials = [...sliders, ...choices];
    this.page = { program, query, server };
    this.values = { ...Object.fromEntries(dials.map(({ name, value }) => [name, value])), ...this.values, ...values };
    const asked = JSON.stringify([program, query, dials.map(({ name }) => name), values]);
    if (asked === this.asked) return false;
    if (isNew) Object.assign(this, { facts: { state: "ready" }, played: false });
    Object.assign(this, { asked, arrays: {}, reported: 0, gone: null });
    this.load(Boolean(autoplay || this.played || this.playing));
    return true;
  }

  /** Ask for it; `until` is the update up to which it is trained again. */
  load(play, until) {
    const { program, query, server } = this.page;
    this.server = server;
    this.loading = { do: "load", program, query, values: this.values, play, until };
  }

  /** A frame has come: what it says stays true until another says otherwise, but for what is true of a moment. */
  hear(facts, arrays) {
    this.loading = null;
    this.facts = facts.state === "queued" ? facts : { ...this.facts, ...MOMENT, ...facts };
    Object.assign(this.arrays, arrays);
    this.pace.hear(this.facts);
    this.waits &&= !this.playing;
  }

  /** The server knows nothing of it: it is another server, or has given it up. Is it to be loaded, or is it lost? */
  forgotten(server) {
    const { playing } = this;
    const { update } = this.facts;
    if (this.loading) this.load(this.loading.play, this.loading.until);
    else if (!update) this.load(playing);
    else if (!this.gone) {
      this.gone = { word: server === this.server ? "released" : "restarted", play: playing, until: update };
      this.facts = { ...this.facts, state: "gone", ended: null, done: null, gave: null };
    }
    return Boolean(this.loading);
  }

  /** A button was pressed. Is the run to be loaded for it, for it is gone? Play trains it again to where it was. */
  press(word) {
    if (word === "play") this.played = true;
    if (word === "reset") this.played = false;
    if (!this.gone) return false;
    const { play, until } = this.gone;
    this.gone = null;
    if (word === "play") this.load(play, until);
    else this.load(false);
    return true;
  }

  /** Is there something that the page has not been told? */
  report() {
    const { news, reported } = this;
    this.reported = news;
    return news > reported;
  }
}
