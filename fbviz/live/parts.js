// What the view is made of: the bytes of a frame, words with values in them, elements, tables and sliders.

/** A frame: {facts, arrays by name}. Two-dimensional arrays become rows over the same bytes. */
function unpack(buffer, start = 0) {
  const length = new DataView(buffer, start).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, start + 4, length)));
  const types = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
  const arrays = {};
  for (const [name, type, shape, offset] of header.arrays) {
    const size = shape.reduce((a, b) => a * b, 1);
    const flat = new types[type](buffer, start + 4 + length + offset, size);
    const [rows, columns] = shape;
    arrays[name] = shape.length < 2 ? flat
      : Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
  }
  return { facts: header.facts, arrays };
}

const fill = (template, values) =>
  template.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name) => typeof values[name] === "number" ? number(values[name]) : values[name] ?? "");

const number = (x, digits = 3) => x == null ? "–" : Number.isInteger(x) ? String(x).replaceAll("-", "−")
  : (Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(1) : String(+x.toPrecision(digits))).replaceAll("-", "−");

function put(target, path, value) {
  const names = path.split(".");
  const last = names.pop();
  for (const name of names) target = target[name] ??= {};
  target[last] = value;
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The value at a path of names, or undefined. */
const at = (object, path) => path.split(".").reduce((inner, name) => inner?.[name], object);

/** What a cell of a table shows: [text, class]. */
function cell(spec, arrays, facts) {
  if (typeof spec === "string") return [spec, ""];
  if (spec.fact) return [fact(at(facts, spec.fact), spec.words), "fact"];
  if (spec.re) return [complex(arrays[spec.re]?.[spec.at], arrays[spec.im]?.[spec.at], spec.digits), "number"];
  const value = arrays[spec.mark ?? spec.array]?.[spec.at];
  if (value === undefined) return ["", ""];
  if (Number.isNaN(value)) return [spec.undefined ?? "", ""];
  if (spec.words) return [spec.words[value], ""];
  if (spec.mark) return value ? ["✓", "right"] : ["✗", "wrong"];
  const say = (x) => spec.share ? `${+(100 * x).toFixed(1)} %` : number(x, spec.digits);
  const spread = spec.spread && arrays[spec.spread]?.[spec.at];
  return [spread === undefined ? say(value) : `${say(value)} ± ${say(spread)}`, "number"];
}

/** a + b i, without what is 0. */
function complex(re, im, digits) {
  if (re === undefined || Number.isNaN(re)) return "";
  return im ? `${number(re, digits)} ${im < 0 ? "−" : "+"} ${number(Math.abs(im), digits)} i` : number(re, digits);
}

const fact = (value, words) => value == null ? "" : typeof value === "number" ? number(value) : words[value] ?? String(value);

/** A table whose cells are filled again and again. A row in which nothing stands is not there. */
class Grid {
  constructor(node, { columns, rows }) {
    this.rows = rows;
    this.cells = rows.map((row) => row.map((_, i) => element(i ? "td" : "th", i ? {} : { scope: "row" })));
    node.replaceChildren(element("table", {},
      element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...this.cells.map((row) => element("tr", {}, ...row)))));
  }

  fill(arrays, facts) {
    this.rows.forEach((row, i) => {
      const said = row.map((spec) => cell(spec, arrays, facts));
      this.cells[i][0].parentNode.hidden = said.every(([text]) => !text);
      said.forEach(([text, look], j) => {
        const node = this.cells[i][j];
        if (node.textContent !== text) node.textContent = text;
        if (node.className !== look) node.className = look;
      });
    });
  }
}

/** A slider and its value in words; `tell` hears every move. */
function slider({ name, label, low, high, step, value }, tell) {
  const said = element("output", {}, String(value));
  const input = element("input", { type: "range", min: low, max: high, step, value, "aria-label": label, oninput: () => {
    said.textContent = input.value;
    tell(name, Number(input.value));
  } });
  return element("label", { class: "fbviz-slider" }, label, input, said);
}

/** A menu of a few options; their index is the value. */
function choice({ name, label, options, value }, tell) {
  const select = element("select", { "aria-label": label, onchange: () => tell(name, select.selectedIndex) },
    ...options.map((text, i) => element("option", i === value ? { selected: "" } : {}, text)));
  return element("label", { class: "fbviz-choice" }, label, select);
}
