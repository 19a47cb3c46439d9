import type { ApiError } from "@weft/standalone";
import type { Feed, TestUser } from "../test-user.js";
import { until } from "../until.js";
import { openStream } from "./stream-client.js";

interface Result<T> {
  readonly data?: Readonly<Record<string, T | null>> | null;
  readonly errors?: readonly ApiError[];
}

/** As `subscribe` of the user, over server-sent events. Resolves when the subscription was accepted, or refused. */
export async function followByStream<T>(
  { url, token }: Pick<TestUser, "url" | "token">,
  field: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Feed<T>> {
  const stream = await openStream(new URL("/graphql", url).href, { token, body: { query, variables } });
  const results = (): Result<T>[] => stream.events.flatMap(({ data }) => (data === undefined ? [] : [data as Result<T>]));
  const payloads = (): T[] => results().flatMap(({ data }) => data?.[field] ?? []);
  const errors = (): ApiError[] => results().flatMap((result) => result.errors ?? []);
  const closed = (): { code: number; reason: string } | null => (stream.hasEnded ? { code: 0, reason: "" } : null);
  return {
    get payloads() {
      return payloads();
    },
    get errors() {
      return errors();
    },
    get closed() {
      return closed();
    },
    until: async (condition, deadlineMs = 20_000) => {
      await until(() => condition(payloads()), {
        what: `the stream has seen what it waits for; so far ${stream.response.status} ${stream.text.slice(0, 2_000)}`,
        deadlineMs,
      });
      return payloads();
    },
    untilClosed: async (deadlineMs) => {
      await stream.ended(deadlineMs);
      return { code: 0, reason: "" };
    },
    stop: () => Promise.resolve(stream.close()),
  };
}
