import { once } from "node:events";
import { WebSocket } from "ws";

/** A user with a login who watches one instance. */
export interface InstanceWatcher {
  readonly token: string;
  readonly instanceId: string;
}

/** Sockets of many users, each with a subscription to the transitions of the user's own instance. */
export interface OwnWatchers {
  /** Versions of the instance that a watcher has received, in order of arrival. */
  versionsOf(watcher: number): readonly number[];
  /** Times from the start of a transition's transaction to the arrival of its message, in ms. Clears them. */
  takeLatencies(): number[];
  /** Number of sockets that the server closed, and of messages that are not transitions. */
  readonly failures: () => number;
  close(): Promise<void>;
}

const query =
  "subscription Mine($id: ID!) { workflowTransitioned(instanceId: $id) { version to occurredAt actor { id name } instance { id state status version } } }";

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: { readonly workflowTransitioned?: { readonly version: number; readonly occurredAt: string } } };
}

/** Opens the sockets, fifty at a time. Resolves when the server has acknowledged all connections. */
export async function openOwnWatchers(url: string, watchers: readonly InstanceWatcher[]): Promise<OwnWatchers> {
  const sockets: WebSocket[] = [];
  const versions: number[][] = watchers.map(() => []);
  let latencies: number[] = [];
  let failures = 0;
  const open = async ({ token, instanceId }: InstanceWatcher, index: number): Promise<void> => {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws", { perMessageDeflate: false });
    sockets[index] = socket;
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
    await once(socket, "message");
    socket.on("message", (data: Buffer) => {
      const at = Date.now();
      const { type, payload } = JSON.parse(data.toString("utf8")) as Message;
      const transition = payload?.data?.workflowTransitioned;
      if (type === "ping") socket.send(JSON.stringify({ type: "pong" }));
      else if (type === "next" && transition) {
        versions[index]?.push(transition.version);
        latencies.push(at - Date.parse(transition.occurredAt));
      } else failures++;
    });
    socket.on("close", () => failures++);
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables: { id: instanceId } } }));
  };
  for (let start = 0; start < watchers.length; start += 50)
    await Promise.all(watchers.slice(start, start + 50).map((watcher, n) => open(watcher, start + n)));
  return {
    versionsOf: (watcher) => versions[watcher] ?? [],
    takeLatencies: () => {
      const taken = latencies;
      latencies = [];
      return taken;
    },
    failures: () => failures,
    close: async () => {
      for (const socket of sockets) socket.removeAllListeners("close").close();
      for (const socket of sockets) if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
    },
  };
}
