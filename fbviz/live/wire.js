// The wire between a view and its seat: commands up, frames down. By a socket or, where none gets through, by the page.

const RETRY = 1000;   // ms before a lost socket is opened again
const PATIENCE = 2;   // sockets that never opened before another way is taken
const GATHER = 20;    // ms in which moves of a slider become one
const QUEUE = 100;    // commands that wait for a socket at most: the server takes 200 messages a second

/** The commands that wait, and one more: the newest value of a name, the newest speed, the newest word wins. */
function queued(queue, command) {
  const same = {
    load: () => true,
    set: (other) => other.do === "set" && other.name === command.name,
    speed: (other) => other.do === "speed",
    want: (other) => other.do === "want",
    play: (other) => other.do === "play" || other.do === "pause",
    pause: (other) => other.do === "play" || other.do === "pause",
    reset: (other) => ["play", "pause", "step", "reset"].includes(other.do),
  }[command.do];
  return [...(same ? queue.filter((other) => !same(other)) : queue), command].slice(-QUEUE);
}

class Wire {
  /** `heard` is called with the bytes of each frame, `turned` when the connection is there or lost. */
  constructor(heard, turned) {
    Object.assign(this, { heard, turned, queue: [], unopened: 0, number: -1 });
  }

  /** What Python says now: where the seat is, and which way it is to be reached; then the wire is to be opened. */
  update({ data, component }) {
    if (this.data && this.data.seat !== data.seat) this.socket = null;
    Object.assign(this, { data, component });
    if (data.transport === "fragment") this.poll();
    else if (!this.socket) this.connect();
  }

  close() {
    this.closed = true;
    this.socket?.close();
  }

  connect() {
    if (this.closed) return;
    const url = new URL(`fbviz/live/${this.data.seat}`, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    let opened = false;
    socket.onopen = () => {
      opened = this.reached = true;
      this.lost = false;
      this.send({ do: "want" });   // what has happened meanwhile; from a server that knows nothing of it, too
      this.turned();
    };
    socket.onmessage = ({ data }) => this.heard(data);
    socket.onclose = () => {
      if (this.closed || socket !== this.socket) return;
      if (!this.reached && ++this.unopened >= PATIENCE) return this.component.setStateValue("transport", "fragment");
      this.lost = opened || this.lost;
      this.turned();
      setTimeout(() => this.connect(), RETRY);
    };
  }

  /** The way of the page's fragment: it brings frames and takes commands. */
  poll() {
    const { frame, number } = this.data;
    if (frame && number !== this.number) {
      this.number = number;
      this.heard(Uint8Array.from(atob(frame), (c) => c.charCodeAt(0)).buffer);
    }
    this.flush();
  }

  /** Say something, now or as soon as the wire is open; what a slider says, with what it says in the next moment. */
  send(command) {
    if (command.do === "want" && this.data.transport === "fragment") return;   // it brings what there is
    this.queue = queued(this.queue, command);
    if (command.do === "set") this.later ??= setTimeout(() => this.flush(), GATHER);
    else this.flush();
  }

  flush() {
    clearTimeout(this.later);
    this.later = null;
    const messages = this.queue.map((command) => JSON.stringify(command));
    if (this.data.transport === "fragment") {
      if (messages.length) this.component.setTriggerValue("commands", messages);
    } else if (this.socket?.readyState === WebSocket.OPEN) messages.forEach((message) => this.socket.send(message));
    else return;
    this.queue = [];
  }
}
