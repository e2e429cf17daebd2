// SPDX-License-Identifier: GPL-3.0-or-later
// A room's page: one WebSocket, what it says as lines, what is written as messages. User text is only ever textContent.
"use strict";

const at = (id) => document.getElementById(id);
const log = at("log"), lines = at("lines"), text = at("text"), send = at("send");
let socket = null;
let me = "";
let previous = "";  // who said the line before, so that a run of lines shows the name once

function connect() {
  show("connecting", "Connecting…");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${location.pathname}`);
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === 1012) return setTimeout(connect, 500);  // service restart: the room's group was wiped, so join anew
    show("closed", `Disconnected${event.code === 1006 ? "" : ` (${event.code}${event.reason ? ` ${event.reason}` : ""})`}`);
  };
}

function show(state, sentence) {
  at("state").dataset.state = state;
  at("state-text").textContent = sentence;
  at("reconnect").hidden = state !== "closed";
  text.disabled = send.disabled = state !== "open";
}

function take(message) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const wasMine = message.type === "chat" && message.username === me;
  switch (message.type) {
    case "welcome": welcome(message); break;
    case "chat": line(message.username, message.message, new Date()); break;
    case "joined": note(message.username === me ? "You joined" : `${message.username} joined`); break;
    case "left": note(`${message.username} left`); break;
    case "error": note(message.message, "error"); break;
  }
  if (isAtEnd || wasMine || message.type === "welcome") log.scrollTop = log.scrollHeight;  // never moves under a reader
}

function welcome(message) {
  me = message.username;
  show("open", `Connected as ${me}`);
  lines.replaceChildren();
  previous = "";
  for (const old of message.history) line(old.username, old.message, new Date(old.when));
  if (matchMedia("(pointer: fine)").matches) text.focus();
}

function line(username, said, when) {
  const item = element("li", "line");
  item.classList.toggle("own", username === me);
  item.classList.toggle("follows", username === previous);
  const meta = element("div", "meta");
  const time = element("time", "", when.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"}));
  time.dateTime = when.toISOString();
  meta.append(element("span", "name", username === me ? "You" : username), " ", time);
  item.append(meta, element("div", "text", said));
  lines.append(item);
  previous = username;
}

function note(sentence, kind = "") {
  lines.append(element("li", `note ${kind}`, sentence));
  previous = "";
}

function element(tag, classes, content = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = content;
  return made;
}

at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!text.value.trim() || socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({type: "chat", data: text.value}));
  text.value = "";
});
at("reconnect").addEventListener("click", connect);
connect();
