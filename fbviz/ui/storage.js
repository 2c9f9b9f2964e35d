// What a reader has answered stands in the browser's own storage; and who commits to an answer is brought to its run.

const NAME = "fbviz.answers";
const LIMIT = 20000;      // characters: what is longer is not ours
const OFTEN = 50;         // ms between two looks at a page that is still growing …
const GROWING = 2500;     // … for so long
const TAKES_OVER = ["wheel", "touchstart", "keydown", "pointerdown"];

const app = {};   // the component of now, what Python said last, the clock of an arrival

export default function (component) {
  const { answers, committed } = component.data;
  const first = !app.component, said = JSON.stringify(answers);
  const news = said !== app.said, arrives = !first && committed && committed !== app.committed;
  Object.assign(app, { component, said, committed });
  if (first) addEventListener("storage", hear);
  if (news) keep(answers);
  if (arrives) arrive(committed);
}

// Answers: {cleared, given: {question: [choice, measured, waited]}}, as in answers.py.

/** Write what Python knows beside what other tabs have written, and tell it of that. */
function keep(answers) {
  const all = together(answers, read());
  try { localStorage.setItem(NAME, JSON.stringify(all)); } catch { /* it is full, or the reader allows none */ }
  tell(all);
}

function tell(all) {
  if (all !== app.component.data.answers) app.component.setTriggerValue("stored", all);
}

/** Another tab has written. */
function hear({ key }) {
  if (key === NAME) tell(together(app.component.data.answers, read()));
}

/** What is stored, if it is ours. */
function read() {
  try {
    const text = localStorage.getItem(NAME) ?? "";
    const { cleared, given } = text.length <= LIMIT ? JSON.parse(text) : {};
    const ours = Number.isSafeInteger(cleared) && cleared >= 0 && Object.values(given).every(Array.isArray);
    if (ours) return { cleared, given };
  } catch { /* there is none, it is something else, or the reader allows none */ }
  return { cleared: 0, given: {} };
}

/** What both know: `ours` itself, if `theirs` has nothing new. Of two answers the first counts, unless unmeasured. */
function together(ours, theirs) {
  if (ours.cleared !== theirs.cleared) return ours.cleared > theirs.cleared ? ours : theirs;
  const better = ([key, answer]) => !ours.given[key] || (ours.given[key][1] === null && answer[1] !== null);
  const more = Object.entries(theirs.given).filter(better);
  return more.length ? { cleared: ours.cleared, given: { ...ours.given, ...Object.fromEntries(more) } } : ours;
}

// The way to a run.

/** Bring the run of that name into view, and what is said of it; the reader may take over. */
function arrive(name) {
  leave();
  const begun = performance.now();
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  const main = document.querySelector("[data-testid=stMain]");
  let aim;   // where the page is to stand; none as long as all is in view anyway
  app.arriving = setInterval(() => {
    if (performance.now() - begun > GROWING) leave();
    const [said, run] = [`said-${name}`, name].map((key) => document.querySelector(`.st-key-${key}`));
    if (!said || !run) return;
    said.tabIndex = -1;
    if (document.activeElement === document.body) said.focus({ preventScroll: true });   // the button is gone
    const by = distance(main, said, run);
    const top = main.scrollTop + by;
    if (aim === undefined ? by > 0 : Math.abs(top - aim) > 1) main.scrollTo({ top: (aim = top), behavior });
  }, OFTEN);
  for (const word of TAKES_OVER) addEventListener(word, leave, { capture: true, passive: true, once: true });
}

/** How far down to go until the run is in view to its end, or what is said of it stands at the top. */
function distance(main, said, run) {
  const head = document.querySelector("[data-testid=stHeader]").getBoundingClientRect().bottom;
  const [view, above, below] = [main, said, run].map((node) => node.getBoundingClientRect());
  return Math.min(below.bottom - view.bottom, above.top - head);
}

function leave() { clearInterval(app.arriving); }
