type SocketClass = typeof WebSocket;

/** What graphql-ws uses of a socket, of one that could not be made. */
class UnopenedSocket {
  readonly readyState = 3;
  onclose = (_close: { readonly code: number; readonly reason: string }): void => {};

  constructor() {
    queueMicrotask(() => this.onclose({ code: 1006, reason: "" }));
  }

  close(): void {}
}

/**
 * Some browsers throw where a page must not open a socket, for example by its policy. graphql-ws would then wait for ever. A socket of the class that
 * this function returns is closed instead, like one that the network has refused.
 */
export const neverThrows = (webSocket: SocketClass): SocketClass =>
  new Proxy(webSocket, {
    construct: (target, given) => {
      try {
        return Reflect.construct(target, given) as object;
      } catch {
        return new UnopenedSocket();
      }
    },
  });
