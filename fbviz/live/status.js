// The line that says how the run stands, and the same for those who hear the page.

const SPOKEN = 10000;   // ms between two sentences that are spoken while the run's state stays what it is

/**
 * The sentence of the status line, from a run and what else there is to say: `asked` is the device that was asked for,
 * `connecting` and `lost` are of the server, `missed` of the library, `undrawn` is a figure, `refusal` a server's no.
 */
function sentence(words, run, { asked = "auto", connecting, lost, missed, undrawn, refusal } = {}) {
  const { facts, gone, waits } = run;
  if (lost) return words.lost;
  if (missed) return words.missed;
  if (undrawn) return fill(words.undrawn, { figure: undrawn });
  if (gone) return fill(words.gone[gone.word], { update: gone.until });
  if (refusal) return fill(words.refusals[refusal.word], refusal.values);
  if (facts.state === "queued") return fill(facts.gave ? words.share : words.queued, facts);
  const parts = (facts.notices ?? []).map(({ template, values }) => fill(words.notices[template] ?? template, values));
  if (facts.gave) parts.push(words.gave[facts.gave]);
  const why = facts.ended ?? facts.done;   // done: the run is over, and the program still answers
  if (why) parts.push(ending(words, why));
  else if (facts.state === "ready") parts.push(words.ready, ...(facts.preview ? [fill(words.preview, facts)] : []));
  if (waits && !why && facts.state !== "playing") parts.push(words.waits);
  if ((facts.update ?? facts.place) !== undefined) parts.push(...standing(words, run, asked));
  else if (!why && connecting) parts[0] = words.connecting;
  return parts.join(" · ");
}

/** Why a run is over. A layer has the name that the figures give it. */
function ending({ endings, layers }, { word, values }) {
  const { layer = "" } = values;
  const named = layers[layer] ?? fill(layers.layer, { i: layer.split(" ")[1] });
  return fill(endings[word] ?? word, { ...values, layer: named });
}

/** How far it is, how long it will go on, on which device, and how well it does. */
function standing(words, run, asked) {
  const { facts } = run;
  const other = facts.device && ![facts.device, "auto"].includes(asked);
  const device = other ? fill(words.no_device, { ...facts, asked }) : facts.device;
  const engine = words.engines[facts.engine];
  const told = { ...facts, device, engine, seconds: (facts.seconds ?? 0).toFixed(1), left: progress(words, run)?.left };
  const names = Object.keys(words.status).filter((name) => told[name] != null);
  const scores = Object.entries(facts.metrics ?? {}).slice(0, 1).filter(([name]) => name in words);
  return [
    ...names.map((name) => fill(words.status[name], told)),
    ...scores.map(([name, score]) => `${words[name]} ${scored(name, score, words)}`),
  ];
}

/** A score: R² is a number, all others are shares. */
const scored = (name, score, words) =>
  score == null ? words.undefined : name === "r2" ? number(score) : share(score, words);

class Status {
  constructor() {
    this.line = element("div", { class: "fbviz-status", role: "status", "aria-live": "off" });
    this.told = new Told(this.line);
    this.voice = element("div", { class: "fbviz-hidden", "aria-live": "polite" });
  }

  /** Show a sentence; speak it when the run's state is another, and else now and then. */
  show(text, state, terms) {
    this.told.tell(text, terms);
    const now = performance.now();
    if (state === this.state && (now - this.at <= SPOKEN || text === this.said)) return;
    Object.assign(this, { state, at: now, said: text });
    this.speak(text);
  }

  speak(text) { this.voice.textContent = text; }
}
