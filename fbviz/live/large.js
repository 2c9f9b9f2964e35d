// A panel over the whole screen, with room for a finger in each of its cells, until the reader is done.

class Large {
  /** `ask` is called when the panel `node` is to be opened, `resized` when it has another size. */
  constructor(node, ask, resized) {
    Object.assign(this, { node, resized });
    this.button = element("button", { type: "button", tabindex: "-1", hidden: "", onclick: ask }, "⤢");
    this.done = element("button", { type: "button", class: "fbviz-done", onclick: () => node.hidePopover() });
    this.hint = element("span", { class: "fbviz-hint" });
    node.addEventListener("toggle", ({ newState }) => { if (newState === "closed") this.close(); });
    node.addEventListener("focusout", ({ relatedTarget }) => {
      if (this.size && relatedTarget && !node.contains(relatedTarget)) node.hidePopover();
    });
  }

  label({ enlarge, done, fingers }) {
    this.button.title = enlarge;
    this.button.setAttribute("aria-label", enlarge);
    this.done.textContent = done;
    this.hint.textContent = fingers;
  }

  /** `size` is how many columns and rows there are. Its place on the page is kept. */
  open(size) {
    this.size = size;
    const { node } = this, { parentNode: { style, offsetHeight } } = node;
    style.minHeight = `${offsetHeight}px`;
    node.setAttribute("popover", "auto");
    node.setAttribute("role", "dialog");
    ["--across", "--down"].forEach((name, i) => node.style.setProperty(name, size[i]));
    node.showPopover();
    this.done.focus();
    this.resized();
  }

  close() {
    this.size = null;
    this.node.removeAttribute("popover");
    this.node.removeAttribute("role");
    this.node.parentNode.style.minHeight = "";
    this.resized();
  }
}
