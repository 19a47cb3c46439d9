import { setTimeout as delay } from "node:timers/promises";
import { until } from "@weft/testkit";
import { VirtualClock } from "@weft/testkit/virtual-clock";
import { expect, onTestFinished, test } from "vitest";
import type { WeftError } from "../errors.js";
import { fixedAccess } from "../session/access.js";
import { createLive, type Live, type LiveObserver, type LiveStatus } from "./live.js";

const text = "subscription ($after: String) { taskChanged(after: $after) { cursor } }";
const minuteMs = 60_000;

type Transport = "websocket" | "sse";

/** A network between a client and a Weft whose subscriptions are live at once. The test says what gets through. */
class Network {
  letsSocketsThrough = false;
  /** Whether the policy of the page forbids WebSockets. */
  forbidsSockets = false;
  /** What a proxy answers in the place of Weft. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  /** Transports over which subscriptions have begun, in their order. */
  readonly begun: Transport[] = [];
  /** Attempts to open a WebSocket. */
  sockets = 0;
  openSockets = 0;
  /** Requests for a stream. */
  requests = 0;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  fetch = async (_url: string, { headers, signal }: RequestInit): Promise<Response> => {
    const isStream = new Headers(headers).get("accept") === "text/event-stream";
    if (isStream) this.requests++;
    if (this.refusal) return new Response(this.refusal.body, { status: this.refusal.status });
    if (!isStream) return Response.json({ data: { __typename: "Query" } });
    this.begun.push("sse");
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        this.#streams.add(stream);
        stream.enqueue(new TextEncoder().encode('event: live\ndata: {"cursor":"c1"}\n\n'));
        signal?.addEventListener("abort", () => this.#streams.delete(stream) && stream.error(signal.reason));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  endStreams(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  /** The class of its WebSockets. */
  socketClass(): unknown {
    // eslint-disable-next-line typescript/no-this-alias
    const network = this;
    return class NetworkSocket {
      static readonly CONNECTING = 0;
      static readonly OPEN = 1;
      static readonly CLOSING = 2;
      static readonly CLOSED = 3;
      readyState = 0;
      onopen = (): void => {};
      onerror = (_error: unknown): void => {};
      onmessage = (_event: { data: string }): void => {};
      onclose = (_event: { code: number; reason: string }): void => {};

      constructor() {
        network.sockets++;
        if (network.forbidsSockets) throw new DOMException("The policy of the page forbids it.", "SecurityError");
        queueMicrotask(() => {
          if (!network.letsSocketsThrough) return this.#end(1006);
          this.readyState = 1;
          network.openSockets++;
          this.onopen();
        });
      }

      send(data: string): void {
        const { type, id } = JSON.parse(data) as { type: string; id?: string };
        if (type === "subscribe") network.begun.push("websocket");
        const answer = {
          ping: { type: "pong" },
          connection_init: { type: "connection_ack" },
          subscribe: { type: "ping", payload: { live: id, cursor: "c1" } },
        }[type];
        if (answer) queueMicrotask(() => this.onmessage({ data: JSON.stringify(answer) }));
      }

      close(code = 1000): void {
        if (this.readyState < 2) this.#end(code);
      }

      #end(code: number): void {
        if (this.readyState === 1) network.openSockets--;
        this.readyState = 3;
        queueMicrotask(() => this.onclose({ code, reason: "" }));
      }
    };
  }
}

interface Client {
  readonly live: Live;
  readonly clock: VirtualClock;
  readonly statuses: LiveStatus[];
  readonly errors: WeftError[];
  /** @param onStatus what the observer does when it is told */
  readonly subscribe: (onStatus?: (status: LiveStatus) => void) => () => void;
  readonly untilStatus: (status: LiveStatus) => Promise<void>;
}

function clientIn(network: Network, transport?: Transport): Client {
  const clock = new VirtualClock();
  const live = createLive({
    url: "http://weft.example.com/graphql",
    transport,
    retryWebSocketAfterMs: 5 * minuteMs,
    fetch: network.fetch,
    payloadOf: (query) => ({ query }),
    authenticator: fixedAccess("key"),
    named: {},
    webSocket: network.socketClass(),
    onRevoked: () => {},
    sessionKey: () => "fixed",
    onSession: () => () => {},
    extensions: () => undefined,
    areTokensRefused: () => false,
    clock,
  });
  onTestFinished(() => live.close());
  const statuses: LiveStatus[] = [];
  const errors: WeftError[] = [];
  const subscribe: Client["subscribe"] = (onStatus) => {
    const observer: LiveObserver<unknown> = {
      next: () => {},
      error: (error) => errors.push(error),
      status: (status) => {
        statuses.push(status);
        onStatus?.(status);
      },
    };
    return live.subscribe(text, {}, observer);
  };
  const untilStatus = async (status: LiveStatus): Promise<void> =>
    void (await until(() => statuses.at(-1) === status, { what: `the subscription is ${status}` }));
  return { live, clock, statuses, errors, subscribe, untilStatus };
}

/** A client that follows over HTTP because sockets are blocked. */
async function overHttp(onStatus?: (status: LiveStatus) => void): Promise<Client & { network: Network; stop: () => void }> {
  const network = new Network();
  const client = clientIn(network);
  const stop = client.subscribe(onStatus);
  await client.untilStatus("live");
  expect(network.begun).toEqual(["sse"]);
  return { ...client, network, stop };
}

/** Lets sockets through, and passes the time until one is tried. Returns how long that took. */
function untilTried(network: Network, clock: VirtualClock): number {
  network.letsSocketsThrough = true;
  const [tried, started] = [network.sockets, clock.now()];
  while (network.sockets === tried && clock.now() - started < 60 * minuteMs) clock.pass(1_000);
  return clock.now() - started;
}

test("a client over HTTP tries a WebSocket after about five minutes, and changes to it", async () => {
  const { network, clock, statuses, untilStatus } = await overHttp();
  const waitedMs = untilTried(network, clock);
  expect(waitedMs).toBeGreaterThan(3 * minuteMs);
  expect(waitedMs).toBeLessThan(7 * minuteMs);
  await until(() => network.begun.length > 1, { what: "it begins again" });
  await untilStatus("live");
  expect(network.begun).toEqual(["sse", "websocket"]);
  expect(statuses).toEqual(["behind", "live", "behind", "live"]);
  expect([network.openSockets, clock.timers]).toEqual([1, 0]);
});

test("a client whose page forbids WebSockets follows over HTTP", async () => {
  const network = new Network();
  network.forbidsSockets = true;
  const { subscribe, untilStatus } = clientIn(network);
  subscribe();
  await untilStatus("live");
  expect(network.begun).toEqual(["sse"]);
});

test("attempts to open a WebSocket end with the last subscription, and go on with the next", async () => {
  const { network, clock, stop, subscribe } = await overHttp();
  const other = subscribe();
  stop();
  expect(clock.timers).toBe(1);
  other();
  expect(clock.timers).toBe(0);
  const before = network.sockets;
  clock.pass(60 * minuteMs);
  expect(network.sockets).toBe(before);
  subscribe();
  clock.pass(0);
  expect(network.sockets).toBe(before + 1);
});

test("a client that is closed leaves no attempt behind", async () => {
  const { network, clock, live } = await overHttp();
  const before = network.sockets;
  live.close();
  clock.pass(60 * minuteMs);
  expect([network.sockets, clock.timers]).toEqual([before, 0]);
});

test("an observer that closes the client when the transport changes leaves nothing behind", async () => {
  let close = (): void => {};
  const { network, clock, live, untilStatus } = await overHttp((status) => void (status === "behind" && close()));
  close = () => live.close();
  untilTried(network, clock);
  await untilStatus("behind");
  await delay(20);
  expect([network.begun, network.openSockets, clock.timers]).toEqual([["sse"], 0, 0]);
});

test("a subscription that begins while the transport changes is one over the next transport", async () => {
  let subscribeOther = (): void => {};
  const { network, clock, subscribe, untilStatus } = await overHttp((status) => void (status === "behind" && subscribeOther()));
  subscribeOther = () => {
    subscribeOther = () => {};
    subscribe();
  };
  untilTried(network, clock);
  await until(() => network.begun.length === 3, { what: "both have begun" });
  await untilStatus("live");
  expect([network.begun, network.openSockets]).toEqual([["sse", "websocket", "websocket"], 1]);
});

test("a client whose network is away stays with WebSockets", { tags: "slow" }, async () => {
  const network = new Network();
  network.refusal = { status: 502, body: "<h1>Bad Gateway</h1>" };
  const { subscribe, untilStatus } = clientIn(network);
  subscribe();
  await until(() => network.sockets > 3, { what: "there are four attempts" });
  network.letsSocketsThrough = true;
  network.refusal = undefined;
  await untilStatus("live");
  expect(network.begun).toEqual(["websocket"]);
});

/** A client whose stream has worked, and is then refused. */
async function refusedLater(refusal: { status: number; body: string }): Promise<Client & { network: Network }> {
  const network = new Network();
  const client = clientIn(network, "sse");
  client.subscribe();
  await client.untilStatus("live");
  network.refusal = refusal;
  network.endStreams();
  await until(() => network.requests === 2, { what: "the stream is asked for again" });
  return { ...client, network };
}

test.each([403, 404, 405])("a stream that has worked continues after a proxy has refused it with %i for a while", async (status) => {
  const { network, clock, statuses, errors, untilStatus } = await refusedLater({ status, body: "<h1>No</h1>" });
  await until(() => clock.timers > 0, { what: "it waits for its next attempt" });
  clock.pass(5_000);
  await until(() => network.requests === 3 && clock.timers > 0, { what: "it was refused again" });
  network.refusal = undefined;
  clock.pass(5_000);
  await untilStatus("live");
  expect([statuses, errors]).toEqual([["behind", "live", "behind", "live"], []]);
});

test("a stream that has worked ends with the error of the proxy that has refused it for two minutes", async () => {
  const { network, clock, errors } = await refusedLater({ status: 404, body: "<h1>No</h1>" });
  const started = clock.now();
  while (errors.length === 0) {
    const { requests } = network;
    await until(() => clock.timers > 0 || errors.length > 0, { what: "it has been refused" });
    clock.pass(5_000);
    if (errors.length === 0) await until(() => network.requests > requests, { what: "it is asked for again" });
    expect(clock.now() - started).toBeLessThan(3 * minuteMs);
  }
  expect(errors).toMatchObject([{ code: "HTTP_404" }]);
  expect(clock.now() - started).toBeGreaterThanOrEqual(2 * minuteMs);
});

test("a stream that has worked ends at once when Weft refuses it", async () => {
  const body = JSON.stringify({ errors: [{ message: "You cannot do that.", extensions: { code: "FORBIDDEN" } }] });
  const { network, errors } = await refusedLater({ status: 403, body });
  await until(() => errors.length > 0, { what: "it has ended" });
  expect(errors).toMatchObject([{ code: "FORBIDDEN" }]);
  expect(network.requests).toBe(2);
});
