// How far a run is, and how long it will go on: a thin bar, and the words for it.

const SPAN = 10;    // s of playing that an estimate goes by: a run is not as fast all the time
const BRIEF = 1;    // s of a run of which nobody asks how long it takes
const LONG = 100;   // s from which on minutes are told

/** How fast a run goes on while it plays, by the seconds it has played and the share of its work that is done. */
class Pace {
  heard = [];   // [seconds, share] of the newest frames, the oldest first

  /** A frame has come. A run that stands still or begins anew has to show its pace again. */
  hear({ state, seconds, share }) {
    const [before, done] = this.heard.at(-1) ?? [0, 0];
    const plays = state === "playing" && share != null;
    if (!plays || seconds < before || share < done) this.forget();
    if (plays) this.heard.push([seconds, share]);
    while (this.heard.length > 2 && this.heard[1][0] <= seconds - SPAN) this.heard.shift();
  }

  forget() { this.heard = []; }

  /** The seconds that are left; undefined as long as nobody can know. */
  get left() {
    const [began, from] = this.heard[0] ?? [], [now, share] = this.heard.at(-1) ?? [];
    return share > from && now > began ? (1 - share) * (now - began) / (share - from) : undefined;
  }
}

/** The percent of a run that are done, and the time that is left in words, if it is known. Null where nobody asks. */
function progress(words, { facts, pace }) {
  const { state, share, seconds = 0, idle } = facts;
  const { left } = pace;
  if (share == null || idle || !["playing", "paused"].includes(state)) return null;
  if (state === "playing" && seconds + (left ?? 0) < BRIEF) return null;
  return { percent: Math.floor(100 * share), left: remaining(words.left, left) };
}

function remaining({ seconds, minutes }, left) {
  if (left == null) return null;
  return left < LONG ? fill(seconds, { n: Math.max(1, Math.round(left)) }) : fill(minutes, { n: Math.round(left / 60) });
}

class Progress {
  constructor() {
    this.done = element("div");
    this.node = element("div",
      { class: "fbviz-progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, hidden: "" }, this.done);
  }

  show(words, known) {
    this.node.hidden = !known;
    if (!known) return;
    const { percent, left } = known;
    this.done.style.width = `${percent}%`;
    this.node.setAttribute("aria-label", words.progress);
    this.node.setAttribute("aria-valuenow", percent);
    this.node.setAttribute("aria-valuetext", [fill(words.percent, { share: percent }), left].filter(Boolean).join(" · "));
  }
}
