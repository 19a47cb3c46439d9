import type { Feed, TestUser } from "../test-user.js";
import { until } from "../until.js";
import { liveFields, type RequestRow } from "./request-rows.js";

type LiveRow = Omit<RequestRow, "viewerIsWatching" | "createdAt" | "workflow" | "comments">;

/** A client that keeps the requests that it receives as events. */
export interface LiveRequests {
  /** Waits until the client has each of the requests as it is. All of them were created after the client began. */
  untilEqual(rows: ReadonlyMap<string, RequestRow>): Promise<void>;
  stop(): Promise<void>;
}

export async function followRequests(user: TestUser): Promise<LiveRequests> {
  const feed: Feed<{ request: LiveRow }> = await user.subscribe(
    "requestChanged",
    `subscription { requestChanged { request { ${liveFields} } } }`,
  );
  const kept = new Map<string, LiveRow>();
  let taken = 0;
  const take = (): void => {
    for (; taken < feed.payloads.length; taken++) {
      const { request } = feed.payloads[taken] ?? {};
      if (request) kept.set(request.id, request);
    }
  };
  const names = liveFields.split(" ") as (keyof LiveRow)[];
  const textOf = (row: LiveRow | undefined): string => JSON.stringify(row && names.map((name) => row[name]));
  return {
    async untilEqual(rows) {
      const different = (): string[] => {
        take();
        return [...rows.values()].flatMap((row) => {
          const live = textOf(kept.get(row.id));
          return live === textOf(row) ? [] : [`${row.number} is ${textOf(row)}, but was received as ${live}`];
        });
      };
      const what = `${user.login} has received each request as it is`;
      await until(
        () => {
          const [first, ...rest] = different();
          if (first !== undefined) throw new Error(`${first}; ${rest.length} others differ. ${JSON.stringify(feed.errors)}`);
          return true;
        },
        { what },
      );
    },
    stop: () => feed.stop(),
  };
}
