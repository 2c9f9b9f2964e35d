// The sliders and menus that set live parameters of a program.

class Dials {
  /** `tell` hears every move: the name of a dial, and its value. */
  constructor(tell) {
    this.tell = tell;
    this.node = element("div", { class: "fbviz-dials" });
  }

  /** Offer these, each where `values` has it; none is made anew under a reader's hand. */
  offer({ sliders = [], choices = [] }, values) {
    const offered = JSON.stringify([sliders, choices]);
    if (offered === this.offered) return;
    this.offered = offered;
    const stands = (dial) => ({ ...dial, value: values[dial.name] ?? dial.value });
    this.node.replaceChildren(
      ...sliders.map((dial) => slider(stands(dial), this.tell)),
      ...choices.map((dial) => choice(stands(dial), this.tell)));
  }
}

/** A slider, and its value beside it. */
function slider({ name, label, low, high, step, value }, tell) {
  const said = element("output", {}, String(value));
  const oninput = () => {
    said.textContent = input.value;
    tell(name, Number(input.value));
  };
  const input = element("input", { type: "range", min: low, max: high, step, value, "aria-label": label, oninput });
  return element("label", { class: "fbviz-slider" }, label, input, said);
}

/** A menu of a few options; their index is the value. */
function choice({ name, label, options, value }, tell) {
  const select = element("select", { "aria-label": label, onchange: () => tell(name, select.selectedIndex) },
    ...options.map((text, i) => element("option", i === value ? { selected: "" } : {}, text)));
  return element("label", { class: "fbviz-choice" }, label, select);
}
