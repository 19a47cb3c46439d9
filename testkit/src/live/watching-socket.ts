import WebSocket from "ws";
import type { Connect } from "./watching.js";

/** Connects over WebSocket. */
export const connectSocket: Connect = ({ url, token, query, cursor }, { onPayload, onRefused, onClosed }) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
    let isSubscribed = false;
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    socket.on("open", () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
    socket.on("message", (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString("utf8")) as { readonly type: string; readonly payload?: unknown };
      if (type === "connection_ack") {
        send({ type: "subscribe", id: "1", payload: { query, variables: { after: cursor } } });
        isSubscribed = true;
        resolve(() => socket.terminate());
      } else if (type === "next") onPayload(payload);
      else if (type === "error") onRefused();
    });
    socket.on("error", reject);
    socket.on("close", (code) => {
      reject(new Error(`The socket was closed with ${code}.`));
      if (isSubscribed) onClosed(code);
    });
  });
