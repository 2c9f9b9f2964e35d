// The sliders and menus that set live parameters of a program.

class Dials {
  moved = {};   // by name, where the reader has put a dial, until the program says that it has heard so
  show = {};    // by name, what shows where a slider stands

  /** `tell` hears every move: the name of a dial, its value, and whether nothing of it is seen before the next update. */
  constructor(tell) {
    this.tell = (name, value, later) => tell(name, (this.moved[name] = value), later);
    this.node = element("div", { class: "fbviz-dials" });
  }

  /** Offer these, each where `values` has it; none is made anew under a reader's hand. */
  offer({ sliders = [], choices = [] }, values) {
    const offered = JSON.stringify([sliders, choices]);
    if (offered === this.offered) return;
    this.offered = offered;
    const stands = (dial) => ({ ...dial, value: values[dial.name] ?? dial.value });
    const made = sliders.map((dial) => slider(stands(dial), this.tell));
    this.show = Object.fromEntries(made.map(({ show }, i) => [sliders[i].name, show]));
    this.node.replaceChildren(...made.map(({ node }) => node), ...choices.map((dial) => choice(stands(dial), this.tell)));
  }

  /**
   * A program that moves dials by itself has told where they stand, as [where it heard they were put, where they are].
   * One that a reader has moved since is left alone: the program will hear of it.
   */
  follow(told, values) {
    for (const [name, [heard, at]] of Object.entries(told ?? {})) {
      if (!free(this.moved, name, heard)) continue;
      values[name] = at;
      this.show[name]?.(at);
    }
  }

  /** The run begins anew: the program hears of nothing that was moved before. */
  begin() { this.moved = {}; }
}

/** May a program move this dial? Not while it has not heard where the reader has put it. */
function free(moved, name, heard) {
  if (name in moved && moved[name] !== heard) return false;
  delete moved[name];
  return true;
}

/** A slider, and its value beside it: its node, and what shows another value. */
function slider({ name, label, low, high, step, value, later = false }, tell) {
  const said = element("output", {}, number(value, 6));
  const oninput = () => {
    said.textContent = number(Number(input.value), 6);
    tell(name, Number(input.value), later);
  };
  const range = { type: "range", min: low, max: high, step, value, "data-dial": name, "aria-label": label };
  const input = element("input", { ...range, oninput });
  const show = (at) => {
    input.value = at;
    said.textContent = number(at, 6);
  };
  return { node: element("label", { class: "fbviz-slider" }, label, input, said), show };
}

/** A menu of a few options; their index is the value. */
function choice({ name, label, options, value }, tell) {
  const onchange = () => tell(name, select.selectedIndex);
  const select = element("select", { "data-dial": name, "aria-label": label, onchange },
    ...options.map((text, i) => element("option", i === value ? { selected: "" } : {}, text)));
  return element("label", { class: "fbviz-choice" }, label, select);
}
