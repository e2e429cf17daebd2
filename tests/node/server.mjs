// SPDX-License-Identifier: GPL-3.0-or-later
// An interface server for WebSockets in another language: it speaks to the same workers by the same messages.
// node server.mjs REDIS_SOCKET; prints its port.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { commandOptions, createClient } from "redis";
import { WebSocketServer } from "ws";
import { pack, unpack } from "./msgpack.mjs";

const PREFIX = "asgi:", EXPIRY = 60;
const letters = () => randomUUID().replaceAll("-", "").slice(0, 10);
const LISTEN = `node.response.${letters()}!`;
const redis = createClient({ socket: { path: process.argv[2] } });
const waiting = redis.duplicate(); // for BLPOP
await Promise.all([redis.connect(), waiting.connect()]);

async function send(channel, content) {
  const key = PREFIX + randomUUID().replaceAll("-", "");
  const list = PREFIX + channel;
  await redis.multi().set(key, pack(content), { EX: EXPIRY }).rPush(list, key).expire(list, EXPIRY + 1).exec();
}

const sockets = new Map(); // reply channel -> { accept, refuse, socket, order, path }
const server = createServer((_, response) => response.writeHead(426).end("WebSockets only\n"));
const sharer = new WebSocketServer({ noServer: true });

server.on("upgrade", (request, stream, head) => {
  const url = new URL(request.url, "http://here");
  const reply = LISTEN + letters(), path = decodeURIComponent(url.pathname);
  const headers = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    headers.push([Buffer.from(request.rawHeaders[i].toLowerCase()), Buffer.from(request.rawHeaders[i + 1], "latin1")]);
  const entry = { path, order: 0, socket: null };
  entry.refuse = () => { sockets.delete(reply); stream.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"); };
  entry.accept = () => sharer.handleUpgrade(request, stream, head, (socket) => {
    entry.socket = socket;
    socket.on("message", (data, isBinary) => send("websocket.receive", {
      reply_channel: reply, path, order: ++entry.order, ...(isBinary ? { bytes: data } : { text: data.toString() }),
    }));
    socket.on("close", (code) => {
      sockets.delete(reply);
      send("websocket.disconnect", { reply_channel: reply, path, order: ++entry.order, code });
    });
  });
  sockets.set(reply, entry);
  send("websocket.connect", {
    reply_channel: reply, path, order: 0, scheme: "ws", query_string: Buffer.from(url.search.slice(1)), headers,
    client: [request.socket.remoteAddress, request.socket.remotePort],
    server: [request.socket.localAddress, request.socket.localPort],
  });
});

function obey(entry, { accept, text, bytes, close }) {
  const data = text ?? bytes;
  if (!entry.socket) {
    if (accept === false || (close && data == null && !accept)) return entry.refuse();
    if (accept || data != null) entry.accept();
  }
  if (!entry.socket) return;
  if (data != null) entry.socket.send(data);
  if (close) entry.socket.close(close === true ? 1000 : close);
}

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
for (;;) {
  const popped = await waiting.blPop(PREFIX + LISTEN, 5);
  if (!popped) continue;
  const body = await redis.getDel(commandOptions({ returnBuffers: true }), popped.element);
  if (!body) continue; // it expired
  const { __asgi_channel__: reply, ...message } = unpack(body);
  if (sockets.has(reply)) obey(sockets.get(reply), message);
}
