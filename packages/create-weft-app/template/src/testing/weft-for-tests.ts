import { createWeftClient, memoryStore, type WeftClient } from "@weft/client";

/** What Weft answers to an operation: its data, or an error by its code. */
export type Answer = object | { readonly code: string; readonly message: string };

export interface WeftForTests {
  readonly client: WeftClient;
  /** Variables of the operations that were sent so far, by operation name. */
  readonly sent: (operation: string) => unknown[];
  /** Tells all subscriptions of this operation that something has happened. */
  readonly emit: (operation: string, data: object) => void;
}

interface Subscription {
  readonly id: string;
  readonly query: string;
  readonly socket: FakeSocket;
}

/** The part of a WebSocket that the client uses, with Weft at its other end. */
class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(protected readonly receive: (message: Message, socket: FakeSocket) => void) {
    super();
    queueMicrotask(() => {
      this.readyState = FakeSocket.OPEN;
      this.onopen?.();
    });
  }

  send(text: string): void {
    this.receive(JSON.parse(text) as Message, this);
  }

  deliver(message: object): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }

  close(code = 1000, reason = ""): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code, reason });
  }
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query: string };
}

/** Name of an operation. One without a name has that of its field. */
function nameOf(query: string): string {
  const [, name, field = ""] = /(?:query|mutation|subscription)\s*(\w+)?[^{]*\{\s*(\w+)/.exec(query) ?? [];
  return name ?? field;
}

/**
 * A client whose network ends in the test. Everything else is the real thing: the client, its session, and the protocol `graphql-transport-ws`.
 *
 * @param answers by operation name, each a function of the variables
 */
export function weftForTests(answers: Readonly<Record<string, (variables: never) => Answer>>): WeftForTests {
  const sent: { readonly name: string; readonly variables: unknown }[] = [];
  const subscriptions = new Set<Subscription>();

  const answer = (_url: string, init: RequestInit): Promise<Response> => {
    const { query, variables } = JSON.parse(String(init.body)) as { query: string; variables: never };
    const name = nameOf(query);
    sent.push({ name, variables });
    const given = answers[name]?.(variables) ?? { code: "INTERNAL", message: `The test has no answer to ${name}.` };
    if (!("code" in given)) return Promise.resolve(Response.json({ data: given }));
    const { code, message, ...more } = given as { code: string; message: string };
    return Promise.resolve(Response.json({ data: null, errors: [{ message, extensions: { code, ...more } }] }));
  };

  const receive = ({ type, id = "", payload }: Message, socket: FakeSocket): void => {
    if (type === "connection_init") socket.deliver({ type: "connection_ack" });
    if (type === "ping") socket.deliver({ type: "pong" });
    if (type === "subscribe" && payload) {
      subscriptions.add({ id, query: payload.query, socket });
      // Weft says so when a subscription has caught up.
      socket.deliver({ type: "ping", payload: { live: id, cursor: "cursor-0" } });
    }
    if (type === "complete") for (const one of subscriptions) if (one.id === id) subscriptions.delete(one);
  };
  class Socket extends FakeSocket {
    constructor() {
      super(receive);
    }
  }

  return {
    client: createWeftClient({ url: "http://weft.invalid", store: memoryStore(), retryForMs: 0, fetch: answer, webSocket: Socket }),
    sent: (operation) => sent.filter(({ name }) => name === operation).map(({ variables }) => variables),
    emit: (operation, data) => {
      for (const { id, query, socket } of subscriptions)
        if (nameOf(query) === operation) socket.deliver({ type: "next", id, payload: { data } });
    },
  };
}

/** Tokens of a session that lasts as long as any test. */
export const tokens = {
  accessToken: "access",
  accessTokenExpiresAt: new Date(Date.now() + 900_000).toISOString(),
  refreshToken: "refresh",
};
