// What returns, seen on its way: a dot goes round the drawn loop once a step. It keeps still for who wants no motion.

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Pulse {
  constructor() {
    this.dot = element("div", { class: "fbviz-pulse", "aria-hidden": "true" });
  }

  /** Once round the loop of this figure, in so many ms. layout.meta.pulse is the name of the line it goes along. */
  go({ plot, spec } = {}, duration) {
    const line = spec?.data?.find(({ name }) => name && name === spec.layout.meta?.pulse);
    const { xaxis, yaxis } = plot?._fullLayout ?? {};
    if (!line || !xaxis || still() || document.hidden) return;
    if (this.dot.parentNode !== plot) plot.append(this.dot);
    const at = (i) => {
      const x = xaxis._offset + xaxis.d2p(line.x[i]), y = yaxis._offset + yaxis.d2p(line.y[i]);
      return { transform: `translate(${x}px, ${y}px)` };
    };
    this.dot.getAnimations?.().forEach((animation) => animation.cancel());
    this.dot.animate(line.x.map((_, i) => ({ ...at(i), opacity: 1 })), { duration, easing: "ease-in-out" });
  }
}
