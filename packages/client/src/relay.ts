/** `@weft/client/relay`: Weft behind Relay. */
import type { JsonObject } from "./document.js";
import type { WeftClient } from "./client.js";
import type { WeftError } from "./errors.js";

/** What is used of `relay-runtime`. */
interface RelayRuntime<Network> {
  readonly Network: { readonly create: (fetch: never, subscribe: never) => Network };
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
export function weftNetwork<Network>(
  weft: WeftClient,
  { Network, Observable }: RelayRuntime<Network>,
  { onGap = () => {} }: WeftNetworkOptions = {},
): Network {
  const answer = (data: unknown, errors: readonly WeftError[]): object => ({ data, ...(errors.length > 0 && { errors }) });
  const create = (source: (sink: Sink) => () => void): unknown => Observable.create(source);
  const fetch = ({ text, name }: Parameters, variables: JsonObject): unknown =>
    create((sink) => {
      const left = new AbortController();
      weft.execute(text ?? "", variables, { operationName: name, signal: left.signal }).then(
        ({ data, errors }) => {
          sink.next(answer(data, errors));
          sink.complete();
        },
        (error: unknown) => sink.error(error as Error),
      );
      return () => left.abort();
    });
  const subscribe = ({ text }: Parameters, variables: JsonObject): unknown =>
    create((sink) =>
      weft.subscribe(text ?? "", variables, {
        next: (data, errors) => sink.next(answer(data, errors)),
        error: (error) => sink.error(error),
        gap: onGap,
      }),
    );
  return Network.create(fetch as never, subscribe as never);
}
