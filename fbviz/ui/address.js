// The address bar is always the link to what is on the page. What in it is not ours stays, as it was when it was opened.

const app = {};   // what Python says now, and where this file and those after it keep what they know

export default function ({ data, parentElement }) {
  const first = !app.data;
  const page = app.data?.page;
  Object.assign(app, { data, parentElement });
  document.documentElement.lang = data.tag;
  keepAddress();
  if (first) begin();
  else if (page !== data.page) arrive();
}

function begin() {
  document.addEventListener("click", clicked);
  document.addEventListener("scroll", scrolled, true);
  addEventListener("popstate", comeBack);
  for (const word of TAKES_OVER) addEventListener(word, release, { capture: true, passive: true });
  comeBack();
}

const parts = (search) => search.slice(1).split("&").filter(Boolean);
const ours = (part) => app.data.ours.includes([...new URLSearchParams(part).keys()][0]);

/** Streamlit's embed=true, a campaign's utm_source: a switch of page would leave them out. */
const foreign = () => (app.foreign ??= parts(location.search).filter((part) => !ours(part)));

/** Replaced, not pushed: an entry in the history for each move of a slider would be a trap. */
function keepAddress() {
  const search = "?" + [app.data.query, ...foreign()].join("&");
  if (location.search !== search) history.replaceState(history.state, "", location.pathname + search + location.hash);
}
