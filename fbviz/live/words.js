// Numbers as a reader sees them, and sentences with numbers in them.

/** To so many significant digits, with a true minus; a whole number has all of its own. */
function number(x, digits = 3) {
  if (x == null) return "–";
  const far = Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3;
  const said = Number.isInteger(x) ? String(x) : far ? x.toExponential(1) : String(+x.toPrecision(digits));
  return said.replaceAll("-", "−");
}

/** A part of a whole in percent, as the language of the page writes it. */
const share = (x, words) => fill(words.percent, { share: 100 * x });

/** What the library has written, with a true minus before a number, and percent as the language of the page writes it. */
const spelled = (text, words) => text.replace(/(?<!\w)-(?=\d)/g, "−")
  .replace(/(\d)%/g, (_, digit) => fill(words.percent, { share: digit }));

/** A template with values where it names them: {update}. What stands behind a colon is Python's affair. */
const fill = (template, values) => template.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name) =>
  typeof values[name] === "number" ? number(values[name]) : values[name] ?? "");
