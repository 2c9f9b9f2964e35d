// A view on paper: dark on white whatever the theme, each figure as wide as its column there.

class Paper {
  /** `redraw` draws the figures of the view at `node` at once, in the colours that hold now. */
  constructor(node, redraw) {
    Object.assign(this, { node, redraw, on: false });
    this.media = matchMedia("print");
    this.heard = new AbortController();
    const { signal } = this.heard;
    addEventListener("beforeprint", () => this.turn(true), { signal });
    addEventListener("afterprint", () => this.turn(this.media.matches), { signal });
    this.media.addEventListener("change", ({ matches }) => this.turn(matches), { signal });
  }

  /** An SVG of Plotly's has the size of the screen; told what it shows, it can be as wide as the paper. */
  turn(on) {
    if (on === this.on) return;
    this.on = on;
    this.node.classList.toggle("fbviz-paper", on);
    this.redraw();
    for (const svg of this.node.querySelectorAll(".main-svg")) {
      const [width, height] = ["width", "height"].map((side) => svg.getAttribute(side));
      svg.parentNode.style.aspectRatio = on ? `${width} / ${height}` : "";
      if (on) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      else svg.removeAttribute("viewBox");
    }
  }

  close() { this.heard.abort(); }
}
