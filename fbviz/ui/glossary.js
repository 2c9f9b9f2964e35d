// Words of the glossary, opened where they are read.

const GLOSSARY = "words";   // the page that has all of them

/** All entries in a language; asked for once. */
const fetched = {};
const entries = (language) =>
  (fetched[language] ??= fetch(new URL(`fbviz/words/${language}.json`, document.baseURI)).then((found) => found.json()));

/** The question mark of a control explains the word of its setting. */
function askedForHelp({ target }) {
  const mark = target.closest?.("[data-testid=stTooltipIcon] button");
  const control = mark?.closest("[class*=st-key-set_]");
  if (!control) return;
  const [, name] = control.className.match(/st-key-(\S+)/);
  const key = app.data.words[name] ?? app.data.words[name.replace(/_[^_]+$/, "")];   // set_hidden_depth is of set_hidden
  if (key) explain(key, mark);
}

/** Open the entry of a word beside the link to it, or in place of the entry in which the link stands. */
async function explain(key, link) {
  const { language } = app.data;
  const entry = (await entries(language))[key];
  const card = (app.card ??= new Card());
  const inside = card.node.contains(link);
  if (!inside) app.parentElement.append(card.node);
  card.fill(entry, `?lang=${language}`, key);
  if (inside) card.node.focus();
  else card.beside(link);
}

class Card {
  constructor() {
    this.term = made("strong", { id: "fbviz-term" });
    this.formula = made("div", { className: "fbviz-formula" });
    this.text = made("p", {});
    this.more = made("a", {});
    this.close = made("button", { type: "button", textContent: "×", onclick: () => this.node.hidePopover() });
    this.node = made("div", { className: "fbviz fbviz-word", popover: "auto", tabIndex: -1 });
    this.node.setAttribute("role", "dialog");
    this.node.setAttribute("aria-labelledby", this.term.id);
    this.node.append(this.close, this.term, this.formula, this.text, this.more);
    this.node.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed" && [document.body, this.node].includes(document.activeElement)) this.link?.focus({ preventScroll: true });
    });
  }

  fill({ term, formula, text }, search, key) {
    this.term.textContent = term;
    this.formula.innerHTML = formula;
    this.text.innerHTML = text;
    for (const link of this.text.querySelectorAll("a")) link.search = search;
    Object.assign(this.more, { href: `${GLOSSARY}${search}#${key}`, textContent: `${app.data.more} →` });
    this.close.setAttribute("aria-label", app.data.close);
  }

  /** Show it below the link, or above where there is no room; what a small screen does is for the style sheet. */
  beside(link) {
    this.link = link;
    this.node.showPopover();
    const [box] = link.getClientRects();
    const { width, height } = this.node.getBoundingClientRect();
    const below = box.bottom + height + 8 < innerHeight;
    this.node.style.setProperty("--left", `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`);
    this.node.style.setProperty("--top", `${below ? box.bottom + 6 : Math.max(8, box.top - height - 6)}px`);
    this.node.focus({ preventScroll: true });
  }
}

const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
