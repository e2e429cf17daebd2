// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet: lines as smooth curves, and the names of those who draw beside their pens.

const SIDE = 1000;  // of the square that points are given in
const LABELS = 12;  // names shown at once
const LATEST = 250;  // milliseconds that smoothing may add
const LABEL_TIME = 1500;  // milliseconds that a name stays

export class Paper {
  constructor(canvas, labels) {
    this.canvas = canvas;
    this.labels = labels;
    this.scale = canvas.width / SIDE;
    this.context = canvas.getContext("2d");
    this.context.lineCap = this.context.lineJoin = "round";
    this.pens = new Map();  // who -> where their line is
    this.waiting = [];  // points of others that are due later: {due, who, point, colour, begin, width}
    this.due = new Map();  // who -> when the last of them is: what comes next is drawn after it
    this.names = new Map();  // who -> {span, until}
    this.isPlaying = false;
  }

  // Draw a piece that came; smoothly means: its points as far apart in time as they were made.
  draw({id, points, colour, width, begin, over}, name, isSmooth, now) {
    const count = points.length / 2, start = Math.max(now, this.due.get(id) ?? 0);
    const step = isSmooth && start < now + LATEST ? Math.min(over, LATEST) / count : 0;
    for (let n = 0; n < count; n++) {
      const point = [points[2 * n], points[2 * n + 1]], due = start + n * step;
      this.waiting.push({due, who: id, point, colour, begin: begin && n === 0, width});
      this.due.set(id, due);
    }
    this.#name(id, name, colour, points.slice(-2), now);
    if (!this.isPlaying) {
      this.isPlaying = true;
      requestAnimationFrame((time) => this.#play(time));
    }
  }

  ink(who, [x, y], colour, begin, width = 6) {
    const c = this.context, k = this.scale, pen = begin ? undefined : this.pens.get(who);
    c.strokeStyle = c.fillStyle = colour;
    c.lineWidth = width * k;
    c.beginPath();
    if (!pen) {
      c.arc(x * k, y * k, (width * k) / 2, 0, 7);
      c.fill();
      this.pens.set(who, {x, y, mx: x, my: y});
      return;
    }
    const mx = (pen.x + x) / 2, my = (pen.y + y) / 2;  // curves from middle to middle have no corners
    c.moveTo(pen.mx * k, pen.my * k);
    c.quadraticCurveTo(pen.x * k, pen.y * k, mx * k, my * k);
    c.stroke();
    Object.assign(pen, {x, y, mx, my});
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.waiting = [];
    this.pens.clear();
    this.due.clear();
  }

  forget(who) {
    this.pens.delete(who);
    this.due.delete(who);
    this.names.get(who)?.span.remove();
    this.names.delete(who);
  }

  #play(now) {
    const later = [];
    for (const one of this.waiting) {
      if (one.due <= now) this.ink(one.who, one.point, one.colour, one.begin, one.width);
      else later.push(one);
    }
    this.waiting = later;
    for (const [who, {span, until}] of this.names) {
      if (until < now) {
        span.remove();
        this.names.delete(who);
      }
    }
    this.isPlaying = later.length + this.names.size > 0;
    if (this.isPlaying) requestAnimationFrame((time) => this.#play(time));
  }

  #name(who, name, colour, [x, y], now) {
    let shown = this.names.get(who);
    if (!shown) {
      if (this.names.size >= LABELS) return;
      shown = {span: document.createElement("span")};
      this.labels.append(shown.span);
      this.names.set(who, shown);
    }
    shown.until = now + LABEL_TIME;
    shown.span.textContent = name;  // never markup
    shown.span.style.color = colour;
    shown.span.className = x > SIDE * 0.7 ? "left" : "";
    shown.span.style.left = `${x / 10}%`;
    shown.span.style.top = `${y / 10}%`;
  }
}
