// Places of a figure that a reader acts on, by pointer, by finger or by keys: cells to be changed, or places to choose.

const FINGER = 24;   // px of a cell that a finger can hit
const SLIP = 8;      // px by which a tap may miss itself

class Cells {
  /**
   * `plot` is the figure's node; its first trace is a heatmap. Where it `paints`, a drag changes every cell that it
   * comes over, once, and a finger that would have to aim finer than it can is sent to `enlarge`; else only taps count.
   * `tell` hears each cell, `say` where the keys stand: [column, row].
   */
  constructor(plot, { paints, tell, say, enlarge }) {
    Object.assign(this, { plot, paints, tell, say, enlarge, at: null, stroke: null });
    this.cursor = element("div", { class: "fbviz-cursor" });
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.append(this.cursor);
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("focus", () => this.move(0, 0));
    if (paints) this.coverCells();
    else plot.addEventListener("pointerdown", (event) => this.press(event), true);
  }

  /** Over the cells lies what hears a drag and a finger: Plotly would lay another over the page. */
  coverCells() {
    this.cover = element("div", { class: "fbviz-cells" });
    this.plot.append(this.cover);
    this.cover.addEventListener("pointerdown", (event) => this.begin(event));
    this.cover.addEventListener("pointermove", (event) => this.draw(event));
    this.cover.addEventListener("lostpointercapture", () => { this.stroke = null; });
    this.cover.addEventListener("click", ({ pointerType }) => { if (this.tooSmall(pointerType)) this.enlarge(); });
  }

  /** Can this kind of pointer not aim at a cell? */
  tooSmall(pointerType) {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const sides = [xaxis, yaxis].map((axis) => Math.abs(axis.d2p(1) - axis.d2p(0)));
    return pointerType === "touch" && Math.min(...sides) < FINGER;
  }

  // By pointer or by finger.

  begin(event) {
    if (event.button || this.stroke || this.tooSmall(event.pointerType)) return;
    this.cover.setPointerCapture(event.pointerId);   // until it is let go
    this.stroke = { pointer: event.pointerId, done: new Set() };
    this.draw(event);
  }

  /** A fast drag comes with few events: the places between them are asked for, and what lies between those is filled. */
  draw(event) {
    if (this.stroke?.pointer !== event.pointerId) return;
    for (const passed of [...(event.getCoalescedEvents?.() ?? []), event]) {
      const cell = this.under(passed);
      for (const between of way(this.stroke.last ?? cell, cell)) this.touch(between);
      this.stroke.last = cell;
    }
  }

  /** Tell of a cell that this stroke has not come over before. */
  touch([x, y]) {
    const [columns, rows] = this.size();
    if (x < 0 || y < 0 || x >= columns || y >= rows || this.stroke.done.has(`${x},${y}`)) return;
    this.stroke.done.add(`${x},${y}`);
    this.tell([x, y]);
  }

  /** A tap is told when it is over, wherever Plotly lets it end: a drag, or a finger that scrolls the page, is none. */
  press(down) {
    if (down.button || !down.target.closest(".nsewdrag")) return;
    const cell = this.under(down), heard = new AbortController();
    const listen = { capture: true, signal: heard.signal };
    addEventListener("pointercancel", () => heard.abort(), listen);
    addEventListener("pointerup", (up) => {
      heard.abort();
      if (Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) <= SLIP) this.tell(cell);
    }, listen);
  }

  /** The cell, [column, row], under a pointer. */
  under({ clientX, clientY }) {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = this.plot.getBoundingClientRect();
    const { x, y } = this.plot.data[0];
    return [nearest(xaxis.p2d(clientX - box.left - xaxis._offset), x),
      nearest(yaxis.p2d(clientY - box.top - yaxis._offset), y)];
  }

  size() {
    const { z } = this.plot.data[0];
    return [z?.[0]?.length ?? 1, z?.length ?? 1];
  }

  /** Where a cell stands on its axes. */
  place(cell) {
    const { x, y } = this.plot.data[0];
    return [x?.[cell[0]] ?? cell[0], y?.[cell[1]] ?? cell[1]];
  }

  // By keys.

  key(event) {
    const [low, high] = this.plot._fullLayout.yaxis.range;
    const up = low < high ? 1 : -1;   // or the first row is on top
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, up], ArrowDown: [0, -up] };
    const far = event.shiftKey ? 10 : 1;
    if (event.key in moves) this.move(...moves[event.key].map((step) => step * far));
    else if (event.key === "Enter" || event.key === " ") this.choose();
    else return;
    event.preventDefault();
  }

  /** Change the cell, or choose the place; what it has become is said when it is seen. */
  choose() {
    this.tell(this.at);
    if (this.paints) this.chosen = this.value;
  }

  /** What stands in the cell of the keys. */
  get value() { return this.plot.data[0].z?.[this.at[1]]?.[this.at[0]]; }

  move(right, up) {
    const size = this.size();
    this.at ??= this.paints ? [0, 0] : size.map((n) => n >> 1);
    this.at = [right, up].map((step, i) => Math.min(Math.max(this.at[i] + step, 0), size[i] - 1));
    this.show();
    this.say(this.at);
  }

  /** Put the cursor where the keys stand, and the cover over the cells; CSS shows the one while it has the keyboard. */
  show() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = (left, top, right, bottom) => ({
      left: `${Math.min(left, right)}px`, top: `${Math.min(top, bottom)}px`,
      width: `${Math.abs(right - left)}px`, height: `${Math.abs(bottom - top)}px`,
    });
    const [x, y, width, height] = [xaxis._offset, yaxis._offset, xaxis._length, yaxis._length];
    if (this.cover) {
      Object.assign(this.cover.style, box(x, y, x + width, y + height));
      this.cover.classList.toggle("fbviz-small", this.tooSmall("touch"));
    }
    if (!this.at) return;
    if (this.chosen !== undefined && this.chosen !== this.value) {
      this.chosen = undefined;
      this.say(this.at);
    }
    const [left, right] = [-0.5, 0.5].map((half) => x + xaxis.d2p(this.edge(0, half)));
    const [top, bottom] = [-0.5, 0.5].map((half) => y + yaxis.d2p(this.edge(1, half)));
    Object.assign(this.cursor.style, box(left, top, right, bottom));
  }

  /** A border of the cell that the keys stand at, along one axis. */
  edge(along, half) {
    const place = (shift) => this.place(this.at.map((at, i) => (i === along ? at + shift : at)))[along];
    const inner = this.at[along] ? place(0) - place(-1) : place(1) - place(0);
    return place(0) + half * (inner || 1);
  }
}

/** The number of the place nearest to a value; places that are not told are whole numbers. */
function nearest(value, places) {
  if (!places) return Math.round(value);
  const away = Array.from(places, (place) => Math.abs(place - value));
  return away.indexOf(Math.min(...away));
}

/** The cells from one to another in a straight line, without the first if there is more than one. */
function way([x0, y0], [x1, y1]) {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  const part = (a, b, i) => Math.round(a + ((b - a) * i) / steps);
  return steps ? Array.from({ length: steps }, (_, i) => [part(x0, x1, i + 1), part(y0, y1, i + 1)]) : [[x1, y1]];
}
