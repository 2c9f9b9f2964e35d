// What a reader has chosen, in the browser's own storage; a browser that keeps nothing is as at the first visit.

const stored = (name, of) => `fbviz.${name}${of ? `.${of}` : ""}`;

/** What was kept under a name, or null. */
function kept(name, of = "") {
  try { return localStorage.getItem(stored(name, of)); } catch { return null; }
}

function keep(name, value, of = "") {
  try { localStorage.setItem(stored(name, of), value); } catch { /* private, full or forbidden */ }
}
