// The library that draws the figures. All views of a page share it, hence the names at `window`.

const AGAIN = 15000;  // ms at most before a library that did not come is asked for again

/** Plotly, asked for until it comes. */
function plotly() {
  window.fbvizPlotly ??= new Promise((done) => {
    const ask = (wait) => {
      const script = document.createElement("script");
      script.src = "fbviz/plotly/plotly.min.js";   // every page lies one step below the base path
      script.onload = script.onerror = () => {
        window.fbvizMissed = !window.Plotly;
        if (window.Plotly) return done(window.Plotly);
        script.remove();
        setTimeout(() => ask(Math.min(2 * wait, AGAIN)), wait);
      };
      document.head.append(script);
    };
    requestAnimationFrame(() => setTimeout(() => ask(500)));   // the page is seen first: it is large
  });
  return window.fbvizPlotly;
}
