import { createClient } from "graphql-ws";

/** A move as the subscription of the story tells it. */
export interface Move {
  cursor: string;
  transition: string | null;
  from: string | null;
  to: string;
  version: number;
  actor: { name: string } | null;
}

/** Opens the subscription; `ready` resolves when the server has accepted the connection and got the subscribe message. */
export function follow(url: string, accessToken: string, query: string, variables: Record<string, unknown>, onMove: (move: Move) => void) {
  const seen: Move[] = [];
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
  client.subscribe<{ workflowTransitioned: Move }>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) return wake(new Error(`The subscription failed: ${JSON.stringify(errors)}`));
        const move = data?.workflowTransitioned;
        if (move === undefined || move === null) return;
        seen.push(move);
        onMove(move);
        wake();
      },
      error: (error) => wake(new Error(`The subscription failed: ${JSON.stringify(error)}`)),
      complete: () => {},
    },
  );
  /** Waits until what was seen satisfies the condition, for at most 15 seconds. */
  const reach = async (condition: (seen: readonly Move[]) => boolean): Promise<readonly Move[]> => {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The subscription has seen only ${seen.map((move) => move.to).join(", ") || "nothing"} after 15 seconds.`)),
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
    until: (condition: (seen: readonly Move[]) => boolean): Promise<readonly Move[]> => reach(condition).finally(() => client.dispose()),
  };
}
