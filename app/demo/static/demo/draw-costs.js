// SPDX-License-Identifier: GPL-3.0-or-later
// What drawing costs: messages, bytes on the wire and delay, apart for each setting of the slider.

const encoder = new TextEncoder();
const KEPT = 300;  // delays

// Bytes of a frame with this text: header, masking key of a client's frame (RFC 6455 §5.2), payload.
export function frameBytes(text, isMasked) {
  const size = encoder.encode(text).length;
  return size + 2 + (size > 125 ? 2 : 0) + (size > 65535 ? 6 : 0) + (isMasked ? 4 : 0);
}

export class Costs {
  constructor(paces, body) {
    this.rows = new Map(paces.map((pace) => [pace, this.#row(pace, body)]));
    this.now = {sent: 0, sentBytes: 0, got: 0, gotBytes: 0};
    this.since = 0;  // of the line that is being drawn
  }

  choose(pace) {
    const wasDown = this.since;
    this.up();
    this.row = this.rows.get(pace);
    for (const {line} of this.rows.values()) line.ariaCurrent = String(line === this.row.line);
    if (wasDown) this.down();
  }

  down() { this.since = performance.now(); }

  up() {
    if (this.since) this.row.seconds += (performance.now() - this.since) / 1000;
    this.since = 0;
  }

  sent(text) {
    const bytes = frameBytes(text, true);
    this.row.messages += 1;
    this.row.bytes += bytes;
    this.now.sent += 1;
    this.now.sentBytes += bytes;
  }

  got(text) {
    this.now.got += 1;
    this.now.gotBytes += frameBytes(text, false);
  }

  back(milliseconds) {
    this.row.delays.push(milliseconds);
    if (this.row.delays.length > KEPT) this.row.delays.shift();
  }

  // To be called once a second: shows the costs, returns what passed in this second.
  second() {
    if (this.since) {
      this.up();
      this.down();
    }
    for (const row of this.rows.values()) if (row.seconds > 0.2) show(row);
    const {sent, sentBytes, got, gotBytes} = this.now;
    this.now = {sent: 0, sentBytes: 0, got: 0, gotBytes: 0};
    return {sending: rate(sent, sentBytes), getting: rate(got, gotBytes)};
  }

  #row(pace, body) {
    const line = body.insertRow(), name = document.createElement("th");
    name.scope = "row";
    name.textContent = pace ? `${pace} a second` : "every move";
    line.append(name);
    const cells = [line.insertCell(), line.insertCell(), line.insertCell()];
    for (const cell of cells) cell.textContent = "–";
    return {line, cells, messages: 0, bytes: 0, seconds: 0, delays: []};
  }
}

function show({cells, messages, bytes, seconds, delays}) {
  const sorted = [...delays].sort((a, b) => a - b);
  cells[0].textContent = (messages / seconds).toFixed(0);
  cells[1].textContent = (bytes / seconds).toFixed(0);
  cells[2].textContent = sorted.length ? `${sorted[sorted.length >> 1].toFixed(0)} ms` : "–";
}

function rate(messages, bytes) {
  if (!messages) return "nothing now";
  const size = bytes < 10_000 ? `${bytes} bytes/s` : `${(bytes / 1000).toFixed(0)} kB/s`;
  return `${messages} message${messages === 1 ? "" : "s"}/s, ${size}`;
}
