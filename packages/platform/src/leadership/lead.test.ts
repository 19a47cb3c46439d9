import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lead } from "./lead.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const silent = { info: () => undefined, error: () => undefined };

test("a stop while the lock is being acquired ends the term before it begins", async () => {
  const { worker } = bare.databases;
  const stopped = Promise.withResolvers<string>();
  let terms = 0;
  const leadership = lead({
    database: worker,
    name: "stopped-early",
    log: silent,
    work: async (term) => {
      terms++;
      await new Promise((resolve) => term.addEventListener("abort", resolve));
    },
  });
  worker.onStatement = (text) => {
    if (!text.includes("takeLeadership")) return;
    worker.onStatement = undefined;
    leadership.stop().then(() => stopped.resolve("stopped"), stopped.reject);
  };
  expect(await stopped.promise).toBe("stopped");
  expect({ terms, isLeader: leadership.isLeader }).toEqual({ terms: 0, isLeader: false });
});
