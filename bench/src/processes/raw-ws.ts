// An anchor: the least that a broadcast can cost. It frames the text once and writes the same bytes to every socket, without GraphQL, login, or limits.
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { controlServer } from "./broadcast-control.js";

const streams = new Set<Duplex>();

/** Returns the WebSocket frame of a text: final, unmasked (RFC 6455, 5.2). */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : payload.length < 65_536
        ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255])
        : Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0]), Buffer.from(Uint32Array.of(payload.length).buffer).swap32()]);
  return Buffer.concat([header, payload]);
}

const server = controlServer((text) => {
  const frame = frameOf(`{"id":"11111111-1111-4111-8111-111111111111","type":"next","payload":${text}}`);
  for (const stream of streams) stream.write(frame);
});
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket, { socket: stream }) => {
  streams.add(stream);
  socket.on("close", () => streams.delete(stream));
  // The acknowledgement of the connection.
  socket.once("message", () => socket.send("{}"));
});
