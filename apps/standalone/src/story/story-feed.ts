import { createClient } from "graphql-ws";

/** A transition, as received by the story's subscription. */
export interface StoryTransition {
  cursor: string;
  transition: string | null;
  from: string | null;
  to: string;
  version: number;
  actor: { name: string } | null;
}

/** A change of a service level, as received by the story's subscription. */
export interface StorySlaChange {
  cursor: string;
  change: string;
  clock: { title: string; remainingSeconds: number };
}

/** A subscription of the story: an operation with a single field. */
export interface StorySubscription {
  readonly url: string;
  readonly accessToken: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Opens the subscription. `ready` resolves when the server has accepted the connection and received the subscribe message. */
export function follow<Event = StoryTransition>(
  { url, accessToken, query, variables }: StorySubscription,
  onEvent: (event: Event) => void = () => {},
) {
  const seen: Event[] = [];
  let wake: (failure?: Error) => void = () => {};
  const client = createClient({
    url: new URL("/graphql", url.replace(/^http/, "ws")).href,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    lazy: false,
    retryAttempts: 0,
  });
  const ready = new Promise<void>((resolve, reject) => {
    client.on("connected", () => resolve());
    client.on("error", (error) => reject(new Error("The subscription could not be opened.", { cause: error })));
  });
  client.subscribe<Record<string, Event | null>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) return wake(new Error(`The subscription failed: ${JSON.stringify(errors)}`));
        const [event] = Object.values(data ?? {});
        if (event === undefined || event === null) return;
        seen.push(event);
        onEvent(event);
        wake();
      },
      error: (error) => wake(new Error(`The subscription failed: ${JSON.stringify(error)}`)),
      complete: () => {},
    },
  );
  /** Waits until the received events satisfy the condition, for at most 15 seconds. */
  const reach = async (condition: (seen: readonly Event[]) => boolean): Promise<readonly Event[]> => {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The subscription did not receive what the story expects within 15 seconds, but ${JSON.stringify(seen)}.`)),
        15_000,
      );
      wake = (failure) => {
        if (failure !== undefined) return (clearTimeout(timer), reject(failure));
        if (condition(seen)) return (clearTimeout(timer), resolve());
      };
      wake();
    });
    return seen;
  };
  return {
    ready,
    reach,
    /** The same, and closes the subscription. */
    until: (condition: (seen: readonly Event[]) => boolean): Promise<readonly Event[]> => reach(condition).finally(() => client.dispose()),
    [Symbol.dispose]: (): void => void client.dispose(),
  };
}
