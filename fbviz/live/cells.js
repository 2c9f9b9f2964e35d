// Cells of a figure that a reader changes: with a click, in a drag over them, or with the arrow keys and Enter.

class Cells {
  /** `plot` is the figure's node; `tell` hears each cell to be changed, `say` where the keys stand: [column, row]. */
  constructor(plot, tell, say) {
    Object.assign(this, { plot, tell, say, at: [0, 0], last: "" });
    this.cursor = element("div", { class: "fbviz-cursor" });
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.append(this.cursor);
    plot.addEventListener("pointerdown", (event) => this.press(event), true);
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("focus", () => this.move(0, 0));
  }

  /** Every cell that the pointer comes over is changed until it is let go: Plotly lays a cover over all. */
  press(event) {
    if (event.button) return;
    const over = (moved) => this.over(moved);
    this.last = "";
    this.over(event);
    addEventListener("pointermove", over, true);
    for (const end of ["pointerup", "pointercancel"])
      addEventListener(end, () => removeEventListener("pointermove", over, true), { capture: true, once: true });
  }

  /** Change the cell under the pointer, once. */
  over({ clientX, clientY }) {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = this.plot.getBoundingClientRect();
    const x = Math.round(xaxis.p2d(clientX - box.left - xaxis._offset));
    const y = Math.round(yaxis.p2d(clientY - box.top - yaxis._offset));
    const [columns, rows] = this.size();
    if (`${x},${y}` === this.last || x < 0 || y < 0 || x >= columns || y >= rows) return;
    this.last = `${x},${y}`;
    this.tell([x, y]);
  }

  size() {
    const { z } = this.plot.data[0];
    return [z?.[0]?.length ?? 1, z?.length ?? 1];
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in moves) this.move(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.tell(this.at);
    else return;
    event.preventDefault();
  }

  /** The first row is on top in every such figure. */
  move(right, down) {
    const size = this.size();
    this.at = [right, down].map((step, i) => Math.min(Math.max(this.at[i] + step, 0), size[i] - 1));
    this.show();
    this.say(this.at);
  }

  /** Put the cursor where the keys stand; CSS shows it while the figure has the keyboard. */
  show() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const [left, right] = [-0.5, 0.5].map((half) => xaxis._offset + xaxis.d2p(this.at[0] + half));
    const [top, bottom] = [-0.5, 0.5].map((half) => yaxis._offset + yaxis.d2p(this.at[1] + half));
    const [x, y] = [Math.min(left, right), Math.min(top, bottom)];
    const [width, height] = [Math.abs(right - left), Math.abs(bottom - top)];
    const style = { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
    Object.assign(this.cursor.style, style);
  }
}
