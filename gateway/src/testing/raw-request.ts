import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A connection that sends bytes as they are written here, so that it can also stop halfway, or send several requests at once. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything that was received. */
  readonly text: () => string;
}

export function rawConnection(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (data) => (text += data.toString())).on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return { socket, text: () => text };
}

interface Subscribe {
  readonly token: string;
  readonly query: string;
}

/** A request for a stream of server-sent events, up to its body, and the body. */
export function streamRequest(
  url: string,
  { token, query }: Subscribe,
  more: readonly string[] = [],
): { readonly head: string; readonly body: string } {
  const { host, pathname } = new URL(url);
  const body = JSON.stringify({ query });
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    "Accept: text/event-stream",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    ...more,
  ];
  return { head: `${head.join("\r\n")}\r\n\r\n`, body };
}

/** Sends the head of a request for a stream, and its body only later. The server says that it waits for it. */
export function rawRequest(url: string, subscribe: Subscribe): RawConnection & { sendBody(): void } {
  const connection = rawConnection(url);
  const { head, body } = streamRequest(url, subscribe, ["Expect: 100-continue"]);
  connection.socket.write(head);
  return { ...connection, sendBody: () => void connection.socket.write(body) };
}
