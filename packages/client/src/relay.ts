/** `@weft/client/relay`: Weft behind Relay. */
import { runOperation } from "./adapter.js";
import type { WeftClient } from "./client.js";
import type { JsonObject } from "./document.js";

/** What is used of `relay-runtime`. */
interface RelayRuntime<Created> {
  readonly Network: { readonly create: (fetch: never, subscribe: never) => Created };
  readonly Observable: { readonly create: (source: (sink: Sink) => () => void) => unknown };
}

interface Sink {
  next(response: unknown): void;
  error(error: Error): void;
  complete(): void;
}

interface Parameters {
  readonly text: string | null;
  readonly name: string;
}

export interface WeftNetworkOptions {
  /** Called when a subscription may have missed events: load again what it keeps up to date. */
  readonly onGap?: () => void;
}

/**
 * Creates the network of a Relay environment: the session's token, retries, idempotency keys, and subscriptions that resume.
 *
 * ```ts
 * import { Environment, Network, Observable } from "relay-runtime";
 * new Environment({ network: weftNetwork(weft, { Network, Observable }) });
 * ```
 */
export function weftNetwork<Created>(
  weft: WeftClient,
  runtime: RelayRuntime<Created>,
  { onGap = () => {} }: WeftNetworkOptions = {},
): Created {
  const run =
    (isSubscription: boolean) =>
    ({ text, name: operationName }: Parameters, variables: JsonObject): unknown => {
      const operation = { text: text ?? "", variables, operationName, isSubscription, onGap };
      return runtime.Observable.create((sink) =>
        runOperation(weft, operation, {
          next: (result) => sink.next(result),
          error: (error) => sink.error(error as Error),
          complete: () => sink.complete(),
        }),
      );
    };
  return runtime.Network.create(run(false) as never, run(true) as never);
}
