// SPDX-License-Identifier: GPL-3.0-or-later
// A sheet that everybody draws on: moves of the pointer become messages, at every move or gathered for a while.
import {Costs} from "./draw-costs.js";
import {Paper} from "./draw-paper.js";

const COLOURS = {orange: "#e69f00", sky: "#56b4e9", green: "#009e73", blue: "#0072b2", red: "#d55e00", pink: "#cc79a7", grey: "#8a93a3"};
const PACES = [0, 60, 30, 10];  // messages a second at most; 0: one for every move
const LONGEST = 120;  // moves in one message
const at = (id) => document.getElementById(id);
const paper = new Paper(at("paper"), at("labels"));
const costs = new Costs(PACES, at("costs"));
const names = new Map();  // id -> name
let socket = null, me = "", colour = COLOURS.sky;
let kept = null;  // what was drawn and not yet sent
let isDown = false;

// --- the socket ---

function connect() {
  show("connecting", "Connecting…");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${location.pathname}`);
  socket.onmessage = (event) => take(event.data);
  socket.onclose = (event) => {
    if (event.code === 1012) return setTimeout(connect, 500);  // service restart: the room's group was wiped, so join anew
    show("closed", `Disconnected${event.code === 1006 ? "" : ` (${event.code}${event.reason ? ` ${event.reason}` : ""})`}`);
  };
}

function show(state, sentence) {
  at("state").dataset.state = state;
  at("state-text").textContent = sentence;
  at("reconnect").hidden = state !== "closed";
}

function take(data) {
  const message = JSON.parse(data), now = performance.now();
  costs.got(data);
  switch (message.type) {
    case "welcome":
      me = message.id;
      names.clear();
      choose(Object.values(COLOURS)[parseInt(me.slice(0, 6), 16) % 7]);
      show("open", `Connected as ${message.username}`);
      break;
    case "joined": names.set(message.id, message.username); break;
    case "left": names.delete(message.id); paper.forget(message.id); break;
    case "draw":
      if (message.username !== undefined) names.set(message.id, message.username);
      if (message.id === me) costs.back(now - message.sent);  // it is on the sheet already
      else paper.draw(message, names.get(message.id) ?? "somebody", at("smooth").checked, now);
      break;
    case "clear": paper.clear(); break;
    case "error": at("problem").textContent = message.message; at("problem").hidden = false; break;
  }
}

function send(message) {
  if (socket.readyState !== WebSocket.OPEN) return;
  const data = JSON.stringify(message);
  socket.send(data);
  if (message.type === "draw") costs.sent(data);
}

// --- the pointer ---

at("paper").addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.isPrimary) return;
  event.preventDefault();
  at("paper").setPointerCapture(event.pointerId);
  at("hint").hidden = true;
  isDown = true;
  costs.down();
  add(event, true);
});
at("paper").addEventListener("pointermove", (event) => {
  if (!isDown || !event.isPrimary) return;
  const moves = event.getCoalescedEvents?.() ?? [];  // a fast mouse moves more often than the screen is drawn
  for (const move of moves.length ? moves : [event]) add(move, false);
});
for (const end of ["pointerup", "pointercancel"]) {
  at("paper").addEventListener(end, (event) => {
    if (!isDown || !event.isPrimary) return;
    isDown = false;
    add(event, false);  // the last point again: the end of the line
    flush();
    costs.up();
  });
}

function add(event, begin) {
  const box = at("paper").getBoundingClientRect();
  const place = (value, size) => Math.round(Math.min(Math.max(value / size, 0), 1) * 1000);
  const point = [place(event.clientX - box.left, box.width), place(event.clientY - box.top, box.height)];
  if (begin) flush();
  if (!kept) kept = {points: [], begin, since: performance.now()};
  kept.points.push(...point);
  paper.ink("me", point, colour, begin);
  const pace = PACES[at("pace").value];
  if (!pace || kept.points.length >= 2 * LONGEST) flush();
  else if (!kept.timer) kept.timer = setTimeout(flush, 1000 / pace);
}

function flush() {
  if (!kept) return;
  const {points, begin, since, timer} = kept;
  kept = null;
  clearTimeout(timer);
  const over = Math.round(performance.now() - since);
  send({type: "draw", points, colour, width: 6, ...(begin && {begin}), ...(over && {over}), sent: Math.round(since * 10) / 10});
}

// --- tools ---

function choose(chosen) {
  colour = chosen;
  for (const button of at("colours").children) button.ariaChecked = String(button.value === chosen);
}

for (const [name, value] of Object.entries(COLOURS)) {
  const button = document.createElement("button");
  Object.assign(button, {value, title: name, role: "radio"});
  button.setAttribute("aria-label", name);
  button.style.setProperty("--ink", value);
  button.append(document.createElement("i"));
  button.addEventListener("click", () => choose(value));
  at("colours").append(button);
}

function setPace() {
  flush();
  const pace = PACES[at("pace").value];
  const words = pace ? `${pace} times a second` : "at every move";
  at("pace-text").textContent = words;
  at("pace").ariaValueText = words;
  costs.choose(pace);
}

at("pace").addEventListener("input", setPace);
at("clear").addEventListener("click", () => send({type: "clear"}));
at("reconnect").addEventListener("click", connect);
setInterval(() => {
  const {sending, getting} = costs.second();
  at("sending").textContent = sending;
  at("getting").textContent = getting;
  const known = [...names.values()];
  at("people").textContent = known.length > 6 ? `${known.length} people` : known.join(", ") || "–";
}, 1000);
choose(colour);
setPace();
connect();
