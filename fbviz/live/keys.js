// The keyboard of a view.

const KEYS = { " ": "toggle", ArrowRight: "step", r: "reset", R: "reset" };
const OWN = "input, textarea, select, [contenteditable=true], " +
  "[role=slider], [role=combobox], [role=dialog], [role=application], [role=tab], .fbviz-zoomed";

/** What a key asks of the run; nothing where keys have a meaning of their own, or Space presses a button. */
function pressed({ key, ctrlKey, metaKey, altKey }, target) {
  if (ctrlKey || metaKey || altKey || target.closest?.(OWN)) return undefined;
  return key === " " && target.closest?.("button, a, summary") ? undefined : KEYS[key];
}

class Keys {
  /** `act` hears what is asked for. `reach` is to be set: false for no keys, "inside" for those pressed in `node`. */
  constructor(node, act) {
    this.heard = (event) => {
      const path = event.composedPath();
      if (this.reach === false || (this.reach === "inside" && !path.includes(node))) return;
      const word = pressed(event, path[0]);
      if (!word) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act(word);
    };
    window.addEventListener("keydown", this.heard, true);
  }

  close() { window.removeEventListener("keydown", this.heard, true); }
}
