// SPDX-License-Identifier: GPL-3.0-or-later
// A field to run about in, with a slider that loses messages: moves say where somebody is, lines are numbered by whoever says them.
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7", "#8a93a3"];
const PACE = 20;  // moves a second at most
const STILL = 500;  // milliseconds after which one who stands still says again where
const STEP = 25;  // of an arrow key, in a field of 1000 by 1000
const at = (id) => document.getElementById(id);
const players = new Map();  // id -> {node, line: number of their last line}
const counts = {moves: 0, "moves-lost": 0, "lines-came": 0, "lines-lost": 0};
let socket = null, me = "", place = null, said = 0, moved = 0, told = 0;

function connect() {
  show("connecting", "Connecting…");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${location.pathname}`);
  socket.onmessage = (event) => arrive(JSON.parse(event.data));
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

function count(name) {
  counts[name] += 1;
  at(name).textContent = counts[name];
}

// What others send may get lost here, as much as the slider says.
function arrive(message) {
  const isOwn = message.id === me;
  const isLost = !isOwn && Math.random() * 100 < at("loss").value;
  if (message.type === "move" && !isOwn) count(isLost ? "moves-lost" : "moves");
  if (message.type === "line" && !isOwn) count(isLost ? "lines-lost" : "lines-came");
  if (isLost && ["move", "line"].includes(message.type)) return;
  switch (message.type) {
    case "welcome": me = message.id; start(message.username); break;
    case "left": players.get(message.id)?.node.remove(); players.delete(message.id); break;
    case "move": if (!isOwn) put(player(message), message.x, message.y); break;
    case "line": line(message); break;
    case "error": add("gap", message.message); break;
  }
}

function start(name) {
  for (const {node} of players.values()) node.remove();
  players.clear();
  show("open", `Connected as ${name}`);
  const number = parseInt(me.slice(0, 6), 16);
  place = [100 + number % 800, 150 + (number >> 8) % 750];  // below the hint
  player({id: me, username: name}).node.classList.add("me");
  go(...place);
}

function player({id, username}) {
  let one = players.get(id);
  if (!one) {
    const node = document.createElement("div"), label = document.createElement("span");
    node.className = "player";
    node.style.setProperty("--ink", COLOURS[parseInt(id.slice(0, 6), 16) % COLOURS.length]);
    label.textContent = username;  // never markup
    node.append(label);
    at("field").append(node);
    one = {node, line: null};
    players.set(id, one);
  }
  return one;
}

function put({node}, x, y) {
  node.style.left = `${x / 10}%`;
  node.style.top = `${y / 10}%`;
}

function line({id, username, data, n}) {
  const one = player({id, username});
  const missing = one.line === null ? 0 : n - one.line - 1;
  if (missing > 0) add("gap", `${missing === 1 ? "A line" : `${missing} lines`} of ${username} never came.`);
  one.line = n;
  add("", data, username);
}

function add(kind, text, name = "") {
  const item = document.createElement("li"), who = document.createElement("b");
  item.className = kind;
  who.textContent = name ? `${name} ` : "";
  item.append(who, text);
  at("talk").append(item);
  at("talk").scrollTop = at("talk").scrollHeight;
}

// --- moves ---

function go(x, y) {
  place = [Math.min(Math.max(x, 0), 1000), Math.min(Math.max(y, 0), 1000)];
  put(players.get(me), ...place);
  moved = performance.now();
}

setInterval(() => {
  const now = performance.now();
  if (!place || socket.readyState !== WebSocket.OPEN || (moved <= told && now - told < STILL)) return;
  told = now;
  send({type: "move", x: Math.round(place[0]), y: Math.round(place[1]), n: Math.round(now)});
}, 1000 / PACE);

function send(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

for (const kind of ["pointerdown", "pointermove"]) {
  at("field").addEventListener(kind, (event) => {
    if (!place || (event.pointerType !== "mouse" && !event.isPrimary)) return;
    at("hint").hidden = true;
    const box = at("field").getBoundingClientRect();
    go((1000 * (event.clientX - box.left)) / box.width, (1000 * (event.clientY - box.top)) / box.height);
  });
}
at("field").addEventListener("keydown", (event) => {
  const step = {ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP]}[event.key];
  if (!step || !place) return;
  event.preventDefault();
  at("hint").hidden = true;
  go(place[0] + step[0], place[1] + step[1]);
});

at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!at("text").value.trim()) return;
  send({type: "line", data: at("text").value, n: ++said});
  at("text").value = "";
});
at("loss").addEventListener("input", () => {
  at("loss-text").textContent = at("loss").value === "0" ? "nothing" : `${at("loss").value} %`;
});
at("reconnect").addEventListener("click", connect);
connect();
