import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import type { ManySockets } from "./many-sockets.js";
import { Arrivals } from "./arrivals.js";

export interface ManyStreamsOptions {
  readonly url: string;
  /** Body of the request that opens each stream. */
  readonly body: string;
  readonly tokens: readonly string[];
}

/** Opens streams of server-sent events (graphql-sse, distinct connections), a few at a time, each with a subscription to the same operation. */
export async function openManyStreams({ url, body, tokens }: ManyStreamsOptions): Promise<ManySockets> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const streams: IncomingMessage[] = [];
  const arrivals = new Arrivals(tokens.length, "streams");
  const receive = (event: string): void => {
    const data = /^data: ?(.*)$/m.exec(event)?.[1];
    // Heartbeats, and the position at which the stream begins.
    if (data === undefined) return;
    if (/^event: ?next$/m.test(event)) arrivals.add(data);
    else arrivals.fail(`A stream received ${event.slice(0, 500)}.`);
  };
  const open = async (token: string): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream", "content-type": "application/json" };
    const asked = request(url, { method: "POST", agent, headers });
    asked.end(body);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`A stream was refused with ${response.statusCode}.`);
    streams.push(response);
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) receive(event);
    });
    response.on("close", () => arrivals.fail("A stream has ended."));
  };
  for (let start = 0; start < tokens.length; start += 50) await Promise.all(tokens.slice(start, start + 50).map(open));
  return {
    next: () => arrivals.next((payload) => JSON.parse(payload)),
    surplus: () => arrivals.surplus,
    close: () => {
      for (const stream of streams) stream.removeAllListeners("close").destroy();
      agent.destroy();
      return Promise.resolve();
    },
  };
}
