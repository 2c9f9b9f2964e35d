// The wire between a view and its seat: commands up, frames down. By a socket or, where none gets through, by the page.

const RETRY = 1000;   // ms before a lost socket is opened again
const PATIENCE = 2;   // sockets that never opened before another way is taken
const GATHER = 20;    // ms in which moves of a slider become one
const QUEUE = 100;    // commands that wait for a socket at most: the server takes 200 messages a second
const SAID = [1008, 1013];   // close codes of a server that has said why it hangs up: the connection is not lost

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
  queue = [];
  number = -1;       // of the last frame that a fragment brought
  unopened = 0;      // sockets that never opened
  reached = false;   // one has opened
  lost = false;      // one was open, and none is now

  /** `heard` is called with the bytes of each frame, `turned` when the connection is there or lost. */
  constructor(heard, turned) {
    Object.assign(this, { heard, turned });
  }

  /** Open it, or leave it open: Python says where the seat is now, and which way it is to be reached. */
  update(data, component) {
    if (this.data && this.data.seat !== data.seat) this.close();
    Object.assign(this, { data, component });
    if (data.transport === "fragment") this.poll();
    else if (!this.socket) this.connect();
  }

  /** Has Python said where the seat is? Until then nothing is said: a view out of sight asks for nothing. */
  get begun() { return Boolean(this.data); }

  /** Let the socket go: it is no longer ours, so that its end is no loss and nothing opens it again. */
  close() {
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  connect() {
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
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      if (!this.reached && ++this.unopened >= PATIENCE) return this.component.setStateValue("transport", "fragment");
      this.lost = (opened && !SAID.includes(code)) || this.lost;
      this.turned();
      setTimeout(() => { if (socket === this.socket) this.connect(); }, RETRY);
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

  /** Say something, now or as soon as it can be; what a slider says, with what it says in the next moment. */
  send(command) {
    if (!this.begun) return;
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
