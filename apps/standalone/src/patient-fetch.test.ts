import { expect, test } from "vitest";
import { patiently } from "./patient-fetch.js";

const json = (body: object): Response => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
const refused = (code: string, retryAfter?: number): object => ({
  data: null,
  errors: [{ message: "No.", extensions: { code, retryAfter } }],
});

function answering(...answers: object[]): { send: ReturnType<typeof patiently>; waits: number[]; sent: () => number } {
  const waits: number[] = [];
  let sent = 0;
  const next = (): Promise<Response> => Promise.resolve(json(answers[Math.min(sent++, answers.length - 1)] ?? {}));
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  return { send: patiently(next, { forMs: 20_000, wait }), waits, sent: () => sent };
}

test("a request that was refused because the server is busy is repeated after the time that the refusal names", async () => {
  const { send, waits } = answering(refused("RATE_LIMITED", 5), refused("SERVICE_UNAVAILABLE"), { data: { login: { accessToken: "t" } } });
  expect(await (await send("http://weft/graphql")).json()).toEqual({ data: { login: { accessToken: "t" } } });
  expect(waits).toEqual([5_000, 1_000]);
});

test.each([
  ["another refusal", refused("FORBIDDEN")],
  [
    "an answer in part, whose mutation was executed",
    { data: { createRequest: { request: null } }, errors: [{ extensions: { code: "RATE_LIMITED" } }] },
  ],
])("%s is returned as it is", async (_what, answer) => {
  const { send, sent } = answering(answer);
  expect(await (await send("http://weft/graphql")).json()).toEqual(answer);
  expect(sent()).toBe(1);
});

test("a server that stays busy is asked for a limited time", async () => {
  const { send, sent } = answering(refused("RATE_LIMITED", 5));
  expect(await (await send("http://weft/graphql")).json()).toEqual(refused("RATE_LIMITED", 5));
  expect(sent()).toBe(5);
});
