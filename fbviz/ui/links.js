// Links to pages of the app are followed in the same tab and session.

/** Follow a link into the app; any other, and one that is asked for in another tab, is left to the browser. */
function clicked(event) {
  const link = event.composedPath().find((node) => node.localName === "a" && node.href);
  if (!link) return askedForHelp(event);
  if (elsewhere(event) || (link.target !== "_blank" && !link.closest(".fbviz"))) return;   // a menu is Streamlit's
  const { pathname, search, hash } = new URL(link.href);
  const page = inner(pathname, location.pathname, app.data.pages);
  if (page === undefined) return;
  event.preventDefault();
  const follow = () => go(pathname, search, hash);
  if (page === app.data.page && hash) location.hash = hash;
  else if (page === GLOSSARY && hash && link !== app.card?.more) explain(hash.slice(1), link).catch(follow);
  else follow();
}

/** Has something else been done with it, or is it to be opened in another tab or window? */
const elsewhere = ({ defaultPrevented, button, ctrlKey, metaKey, shiftKey, altKey }) =>
  defaultPrevented || button || ctrlKey || metaKey || shiftKey || altKey;

/** Which of the pages a path is: one beside the path `here`, whatever the base path. Undefined for none of them. */
function inner(path, here, pages) {
  const folder = (path) => path.slice(0, path.lastIndexOf("/") + 1);
  const name = path.slice(folder(path).length);
  return folder(path) === folder(here) && pages.includes(name) ? name : undefined;
}

/** Go to an address, and have Streamlit look at it, as it does after Back. A number says that it is a link's. */
function go(pathname, search, hash) {
  keepPlace();
  const query = [...parts(search), `${app.data.link}=${Date.now()}`, ...foreign()].join("&");
  history.pushState({}, "", `${pathname}?${query}${hash}`);
  look(app.data.page, location.href);
}

const AGAIN = 5000;   // ms

/** Have Streamlit look at the address. While it is not connected it drops what it is told: then again. */
function look(from, href) {
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  const aim = inner(location.pathname, location.pathname, app.data.pages);
  if (aim !== from) setTimeout(() => location.href === href && app.data.page === from && look(from, href), AGAIN);
}
