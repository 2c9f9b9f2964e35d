// A table that is filled like a figure: its cells say which array, or which fact, of a frame they show.

/** The value at a path of names, or undefined. */
const at = (object, path) => path.split(".").reduce((inner, name) => inner?.[name], object);

/** What a cell shows: [text, class]. fbviz/figures/base.py has a function for each kind of cell. */
function cell(spec, arrays, facts, words) {
  if (typeof spec === "string") return [spec, ""];
  if (spec.fact) return [fact(at(facts, spec.fact), spec.words), "fact"];
  if (spec.re) return [complex(arrays[spec.re]?.[spec.at], arrays[spec.im]?.[spec.at], spec.digits), "number"];
  const value = arrays[spec.mark ?? spec.array]?.[spec.at];
  if (value === undefined) return ["", ""];
  if (Number.isNaN(value)) return [spec.undefined ?? "", ""];
  if (spec.words) return [fill(spec.words[value], { number: arrays[spec.number]?.[spec.at] }), ""];
  if (spec.mark) return value ? ["✓", "right"] : ["✗", "wrong"];
  const say = (x) => spec.share ? share(x, words) : number(x, spec.digits);
  const spread = spec.spread && arrays[spec.spread]?.[spec.at];
  return [spread === undefined ? say(value) : `${say(value)} ± ${say(spread)}`, "number"];
}

/** a + b i, without what is 0. */
function complex(re, im, digits) {
  if (re === undefined || Number.isNaN(re)) return "";
  return im ? `${number(re, digits)} ${im < 0 ? "−" : "+"} ${number(Math.abs(im), digits)} i` : number(re, digits);
}

/** A fact, in the words that stand for it if there are such. */
const fact = (value, words) =>
  value == null ? "" : typeof value === "number" ? number(value) : words[value] ?? String(value);

class Table {
  constructor(node, { columns, rows }, words) {
    Object.assign(this, { rows, words });
    this.cells = rows.map((row) => row.map((spec, i) =>
      i || !spec ? element("td") : element("th", { scope: "row" })));
    node.replaceChildren(element("table", {},
      element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...this.cells.map((row) => element("tr", {}, ...row)))));
  }

  /** What stays as it was is not touched. A row in which nothing stands is not there. */
  fill(arrays, facts) {
    this.rows.forEach((row, i) => {
      const said = row.map((spec) => cell(spec, arrays, facts, this.words));
      this.cells[i][0].parentNode.hidden = said.every(([text]) => !text);
      said.forEach(([text, look], j) => {
        const node = this.cells[i][j];
        if (node.textContent !== text) node.textContent = text;
        if (node.className !== look) node.className = look;
      });
    });
  }
}
