// Each entry of the browser's history knows where its page was left: whoever comes back finds the place again.
// What stands above it may be higher or lower then, as long as nobody looks at it: a block of the chapter says where.

const REST = 100;       // ms without a scroll after which the place is kept
const OFTEN = 50;       // ms between two looks at a page that is still growing
const SETTLED = 4000;   // ms at its place after which a page is held there no longer
const LONGEST = 60000;  // and in any case
const TAKES_OVER = ["wheel", "touchstart", "keydown", "pointerdown"];

const main = () => document.querySelector("[data-testid=stMain]");

/** The blocks of the chapter at this address, from above, without the line that stays at the top; none elsewhere. */
const blocks = () => {
  const slug = CSS.escape(location.pathname.split("/").at(-1));
  return [...document.querySelectorAll(`.st-key-chapter-${slug} > :not(:has(> .st-key-progress))`)];
};

const distance = (node) => node.getBoundingClientRect().top - main().getBoundingClientRect().top;

/** The block that begins nearest to the top of the screen, by its number, and how far below the top that is. */
function nearest() {
  const tops = blocks().map(distance);
  const at = tops.reduce((best, top, i) => (Math.abs(top) < Math.abs(tops[best]) ? i : best), 0);
  return tops.length ? { block: at, below: tops[at] } : {};
}

function keepPlace() {
  clearTimeout(app.resting);
  history.replaceState({ ...history.state, top: main().scrollTop, ...nearest() }, "");
}

/** Go back to where a page was left. Is that reached? */
function restore({ top, block, below }) {
  const found = blocks()[block];
  main().scrollTop = found ? main().scrollTop + distance(found) - below : top;
  return Math.abs(found ? distance(found) - below : main().scrollTop - top) < 1;
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
  const left = history.state ?? {};
  if (left.top !== undefined) hold(() => restore(left));
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
