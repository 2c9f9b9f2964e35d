// Words of the glossary, as links that glossary.js opens in place.

/** A word and the key of its entry; `shown` may stand for it where there is no room. */
const term = (word, key, shown = word) => element("a", { href: `words#${key}`, "aria-label": word }, shown);

/** A sentence in parts, in which every second one is a word of `terms`, {word: key}, the longest first. */
const parted = (sentence, terms) =>
  sentence.split(new RegExp(`(?<![A-Za-z])(${Object.keys(terms).join("|")})(?![A-Za-z])`));

/** A line that is told anew many times a second: a word that stays is the same link, and keeps the focus. */
class Told {
  links = {};

  constructor(node) { this.node = node; }

  tell(sentence, terms) {
    if (sentence === this.sentence) return;
    this.sentence = sentence;
    const { node, links } = this, there = [...node.childNodes], parts = parted(sentence, terms);
    const nodes = parts.map((part, i) => {   // a word that comes twice is a link where it is last
      const isWord = i % 2 === 1 && parts.lastIndexOf(part) === i;
      return isWord ? (links[part] ??= term(part, terms[part])) : written(there[i], part);
    });
    if (nodes.length === there.length && nodes.every((it, i) => it === there[i])) return;
    const { activeElement: focused } = document;
    node.replaceChildren(...nodes);
    if (node.contains(focused)) focused.focus({ preventScroll: true });
  }
}

/** A text: the node that has stood there, if that is one. */
function written(node, text) {
  if (node?.nodeType !== Node.TEXT_NODE) return document.createTextNode(text);
  if (node.data !== text) node.data = text;
  return node;
}
