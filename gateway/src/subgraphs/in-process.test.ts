import { setTimeout } from "node:timers/promises";
import { newId } from "@weft/shared/ids";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import { expect, test } from "vitest";
import { ClientGone } from "../context.js";
import { inProcessClient } from "./in-process.js";

/** A subgraph whose work ends when the test says so. */
function aSubgraph() {
  const { promise, resolve } = Promise.withResolvers<{ data: object }>();
  let signal: AbortSignal | undefined;
  const subgraph = {
    execute: (request: { signal?: AbortSignal }) => {
      signal = request.signal;
      return promise;
    },
  } as unknown as Subgraph;
  const ending = new AbortController();
  const context = { viewer: null, requestId: newId(), address: null, userAgent: null, traceId: null, signal: ending.signal };
  const client = inProcessClient({ name: "requests", subgraph, services: {} as Services });
  let isSettled = false;
  const sent = client
    .send({ query: "{ a }", variables: {}, context: { ...context, deadline: performance.now() + 60_000 } })
    .finally(() => (isSettled = true));
  return { sent, ending, end: () => resolve({ data: {} }), signal: () => signal, isSettled: () => isSettled };
}

test("a call whose client has disconnected keeps its slot until its work has stopped, which it is told to do", async () => {
  const { sent, ending, end, signal, isSettled } = aSubgraph();
  const refused = expect(sent).rejects.toMatchObject({ name: "Abandoned" });
  ending.abort(new ClientGone());
  await setTimeout(50);
  expect([isSettled(), signal()?.aborted]).toEqual([false, true]);
  end();
  await refused;
});

test("a call that exceeds its deadline fails immediately", async () => {
  const { sent, ending, end } = aSubgraph();
  ending.abort(new Error("No answer within 15000 ms."));
  await expect(sent).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE", service: "requests" } });
  end();
});
