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

/** Opens the subscription. `ready` resolves when the server has accepted the connection and received the subscribe message. */
export function follow(
  url: string,
  accessToken: string,
  query: string,
  variables: Record<string, unknown>,
  onTransition: (transition: StoryTransition) => void,
) {
  const seen: StoryTransition[] = [];
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
  client.subscribe<{ workflowTransitioned: StoryTransition }>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) return wake(new Error(`The subscription failed: ${JSON.stringify(errors)}`));
        const transition = data?.workflowTransitioned;
        if (transition === undefined || transition === null) return;
        seen.push(transition);
        onTransition(transition);
        wake();
      },
      error: (error) => wake(new Error(`The subscription failed: ${JSON.stringify(error)}`)),
      complete: () => {},
    },
  );
  /** Waits until the received events satisfy the condition, for at most 15 seconds. */
  const reach = async (condition: (seen: readonly StoryTransition[]) => boolean): Promise<readonly StoryTransition[]> => {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `The subscription received only ${seen.map((transition) => transition.to).join(", ") || "nothing"} within 15 seconds.`,
            ),
          ),
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
    until: (condition: (seen: readonly StoryTransition[]) => boolean): Promise<readonly StoryTransition[]> =>
      reach(condition).finally(() => client.dispose()),
  };
}
