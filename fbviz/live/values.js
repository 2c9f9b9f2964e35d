// What a figure says to those who do not see it: what its traces say under a pointer, at their newest place.

const EACH = 8;   // points that are told one by one, where they are not a line

/** A number in one of Python's and d3's formats, as ".3g"; a text stays one. */
function formatted(value, format = "", words) {
  if (typeof value !== "number") return value ?? "";
  if (Number.isNaN(value)) return "–";
  const [, digits, kind] = /^\.?(\d*)~?(.?)/.exec(format);
  const fixed = (x) => x.toFixed(digits || 0);
  const said = kind === "%" ? fill(words.percent, { share: `${+fixed(100 * value)}` }) : kind === "f" ? fixed(value) : null;
  return said ? said.replace("-", "−") : number(value, Number(digits) || 3);
}

/** An element of an attribute that is a list, or the one value that all points share. */
const pick = (list, i) => (Array.isArray(list) || ArrayBuffer.isView(list) ? list[i] : list);

/** The parts of what is shown under a pointer at the i-th point, or at a cell [column, row]: one a line. */
function hovered(trace, i, words) {
  const [column, row] = Array.isArray(i) ? i : [i, i];
  const read = (name) => {
    if (name === "y" && Array.isArray(i)) return pick(trace.y, row);
    if (name === "z") return trace.z?.[row]?.[column];
    return pick(at(trace, name), column);
  };
  const text = (trace.hovertemplate ?? "").replace(/<extra>.*/, "");
  return text.split("<br>").map((line) =>
    line.replace(/%\{([\w.]+)(?::([^}]*))?\}/g, (_, name, format) => formatted(read(name), format, words))).filter(Boolean);
}

/** The points of a trace that are told: of a line the newest; marks and bars each, where they are few. */
function points({ type, mode = "lines", x, y }) {
  const known = Array.from(y ?? [], (_, i) => i).filter((i) => Number.isFinite(y[i]) && x?.[i] !== undefined);
  if (type !== "bar" && mode.includes("lines")) return known.slice(-1);
  return known.length <= EACH ? known : [];
}

/** What stands at a place of an axis, where the axis has names for places. */
const tick = ({ tickvals = [], ticktext = [] } = {}, value) => ticktext[Array.from(tickvals).indexOf(value)] ?? "";

/** All that a figure has to tell, in the order of its traces; what several say, as the update, is said once, at last. */
function told({ data, layout }, words) {
  const firsts = [], others = new Set();
  for (const trace of data.filter(({ hovertemplate, mode, z }) => hovertemplate && mode !== "none" && !z)) {
    for (const i of points(trace)) {
      const [first, ...more] = hovered(trace, i, words);
      const name = tick(layout[(trace.xaxis ?? "x").replace("x", "xaxis")], trace.x[i]);
      firsts.push(name ? `${name}: ${first}` : first);
      more.forEach((line) => others.add(line));
    }
  }
  return [...firsts, ...others];
}
