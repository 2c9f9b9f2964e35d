// Each entry of the browser's history knows how far its page was scrolled: whoever comes back finds the place again.

const REST = 100;       // ms without a scroll after which the place is kept
const OFTEN = 50;       // ms between two looks at a page that is still growing
const SETTLED = 4000;   // ms at its place after which a page is held there no longer
const LONGEST = 60000;  // and in any case
const TAKES_OVER = ["wheel", "touchstart", "keydown", "pointerdown"];

const main = () => document.querySelector("[data-testid=stMain]");

function keepPlace() {
  clearTimeout(app.resting);
  history.replaceState({ ...history.state, top: main().scrollTop }, "");
}

function scrolled({ target }) {
  if (target !== main() || app.held) return;
  clearTimeout(app.resting);
  const at = location.pathname;
  app.resting = setTimeout(() => { if (at === location.pathname) keepPlace(); }, REST);
}

/** To another page by a link or a menu: to its top, or to what the address points at. */
function arrive() {
  app.card?.node.remove();
  if (app.held) return;   // it came by Back, or by a link to a part of the page
  clearTimeout(app.resting);
  main().scrollTop = 0;
}

/** By Back, Forward, a reload or a link to a part of a page: to where it was left, or to what the address points at. */
function comeBack() {
  clearTimeout(app.resting);
  const { top } = history.state ?? {};
  if (top !== undefined) hold(() => { main().scrollTop = top; return Math.abs(main().scrollTop - top) < 1; });
  else if (location.hash) hold(land);
  else release();
}

/** What the address points at, by its id; an address may be anything. */
function anchor() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
}

/** Bring what the address points at into view. Did it stand there already? */
function land() {
  const before = main().scrollTop;
  const target = document.getElementById(anchor());
  target?.scrollIntoView();
  return Boolean(target) && main().scrollTop === before;
}

/** Stay at a place while the page is still growing, until the reader takes over. `reach` goes there: is it reached? */
function hold(reach) {
  release();
  const begun = performance.now();
  let lost = begun;   // when it was last out of reach, or a part of the page had not come yet
  const look = () => {
    const now = performance.now();
    if (!reach() || document.querySelector("[data-testid=stSkeleton]")) lost = now;
    if (now - lost > SETTLED || now - begun > LONGEST) release();
  };
  app.held = setInterval(look, OFTEN);
  look();
}

function release() {
  clearInterval(app.held);
  app.held = null;
}
