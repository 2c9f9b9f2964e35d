// The loop of the Playground's network: its unroll steps, and what goes round in it.

const ROUND = 1200;   // ms of a way round the loop, seen while nothing else moves

class Loop {
  /** `look` hears which step is to be shown; the loop is drawn in one of `panels`. */
  constructor(panels, look) {
    this.panels = panels;
    this.pulse = new Pulse();
    this.steps = new Steps(look, (beat) => this.turn(beat));
    this.rest = setInterval(() => { if (!this.playing && !this.steps.clock) this.turn(ROUND); }, 2 * ROUND);
  }

  /** There are so many steps; they stand under the first figure. */
  offer({ steps, words }) {
    if (!steps) return;
    this.steps.offer(steps, words);
    const [first] = this.panels.all;
    if (this.steps.node.parentNode !== first.node) first.node.append(this.steps.node);
  }

  show(facts, playing) {
    this.playing = playing;
    this.steps.show(facts);
  }

  /** What returns goes once round. */
  turn(duration) {
    this.pulse.go(this.panels.visible.find(({ spec }) => spec?.layout?.meta?.pulse), duration);
  }

  close() {
    clearInterval(this.rest);
    this.steps.stop();
  }
}
