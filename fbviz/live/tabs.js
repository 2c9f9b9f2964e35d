// Several figures at one place, of which a reader chooses the one to be seen. The choice outlives the page.

class Tabs {
  /** `shown` is called when another is chosen. */
  constructor(panels, shown) {
    Object.assign(this, { panels, shown });
    this.key = panels.map(({ name }) => name).join();
    this.buttons = panels.map((panel, i) => element("button", {
      type: "button", role: "tab", onclick: () => this.choose(i), onkeydown: (event) => this.pressed(event, i),
    }));
    const list = element("div", { class: "fbviz-tablist", role: "tablist" }, ...this.buttons);
    this.node = element("div", { class: "fbviz-tabs" }, list, ...panels.map(({ node }) => node));
    const names = panels.map(({ name }) => name);
    this.mark(Math.max(names.indexOf(kept("tab", this.key)), 0));
  }

  get chosen() { return this.panels[this.at]; }

  /** Say everything in the language of the page. */
  label() {
    this.buttons.forEach((button, i) => { button.textContent = this.panels[i].title; });
  }

  mark(at) {
    this.at = at;
    this.panels.forEach(({ node }, i) => { node.hidden = i !== at; });
    this.buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", i === at);
      button.tabIndex = i === at ? 0 : -1;
    });
  }

  choose(at) {
    this.mark(at);
    keep("tab", this.chosen.name, this.key);
    this.chosen.stale = true;
    this.shown();
  }

  pressed(event, i) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (i + step + this.panels.length) % this.panels.length;
    this.choose(at);
    this.buttons[at].focus();
  }
}
