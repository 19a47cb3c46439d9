import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { until } from "@weft/testkit/until";
import type { ManySockets } from "./many-sockets.js";

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
  let arrived = 0;
  let surplus = 0;
  let expected: string | undefined;
  let lastAt = 0;
  let failure: Error | undefined;
  const receive = (event: string): void => {
    const data = event.indexOf("\ndata:");
    // Heartbeats, and the position at which the stream begins.
    if (data < 0) return;
    if (!event.includes("event: next") && !event.includes("event:next")) {
      failure ??= new Error(`A stream received ${event.slice(0, 500)}.`);
      return;
    }
    const payload = event.slice(data + 6).trim();
    if (expected === undefined) surplus++;
    else if (expected === "") expected = payload;
    else if (payload !== expected) failure ??= new Error(`Two streams received different payloads: ${payload} and ${expected}.`);
    arrived++;
    lastAt = Date.now();
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
      for (const event of events) receive(`\n${event}`);
    });
    response.on("close", () => (failure ??= new Error("A stream has ended.")));
  };
  for (let start = 0; start < tokens.length; start += 50) await Promise.all(tokens.slice(start, start + 50).map(open));
  const count = tokens.length;
  return {
    next: async () => {
      expected = "";
      await until(async () => (failure !== undefined || arrived >= count ? true : undefined), {
        what: `${count} streams have received the event`,
        everyMs: 5,
        deadlineMs: 60_000,
      });
      if (failure) throw failure;
      arrived -= count;
      const payload: unknown = JSON.parse(expected);
      expected = undefined;
      return { lastAt, payload };
    },
    surplus: () => surplus + arrived,
    close: () => {
      for (const stream of streams) stream.removeAllListeners("close").destroy();
      agent.destroy();
      return Promise.resolve();
    },
  };
}
