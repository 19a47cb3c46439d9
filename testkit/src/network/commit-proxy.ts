import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { resetSocket } from "./reset-socket.js";

/** A proxy to PostgreSQL that can lose the answer to a commit: the transaction takes effect, but its client sees a lost connection. */
export interface CommitProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /**
   * Loses the answer to the next commit of a transaction that sends this text, for example the name of a statement. Call it before the text is first
   * sent, because prepared statements are sent only once per connection.
   */
  loseAnswer(text: string): void;
  /** Returns the number of answers that were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** The name under which a message prepares `commit`. */
const preparedCommit = /([a-z0-9]+)\0commit\0/;

/** Starts a proxy. `target` is read at each connection, so it can be determined later. */
export async function startCommitProxy(target: () => { readonly host: string; readonly port: number }): Promise<CommitProxy> {
  let wanted: string | null = null;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(target());
    let isWanted = false;
    let isLosing = false;
    /** Name of the prepared statement of the connection that commits. */
    let commitName = "";
    client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("data", (bytes) => {
      if (wanted !== null && bytes.includes(wanted)) isWanted = true;
      const text = bytes.toString("latin1");
      commitName = preparedCommit.exec(text)?.[1] ?? commitName;
      if (isWanted && commitName !== "" && text.includes(`\0${commitName}\0`)) {
        isLosing = true;
        wanted = null;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      // The server answers a commit when it is durable.
      if (!isLosing) return void client.write(bytes);
      lost++;
      resetSocket(client);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswer: (text) => {
      wanted = text;
    },
    lost: () => lost,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
