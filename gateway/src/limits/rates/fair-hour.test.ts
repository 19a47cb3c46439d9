import { type Counters, countersIn, OwnWindows } from "@weft/api/limits";
import { loadConfig } from "@weft/platform/config";
import { openLive, type LiveClient } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { randomSource } from "@weft/testkit/random-source";
import { sized } from "@weft/testkit/sizes";
import { newId } from "@weft/shared/ids";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../../testing/start-gateway.js";

/** Limits of an address become lower with the number of people, so that a part of them is as close to the limits as all would be. */
const people = sized({ sample: 50, part: 100, whole: 1_000 });
const share = people / 1_000;
const { limits } = loadConfig({});
const ofAddress = {
  LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: limits.anonymousOperationsPerMinute * share,
  LIMIT_ANONYMOUS_BYTES_PER_MINUTE: limits.anonymousBytesPerMinute * share,
  LIMIT_SOCKETS_PER_ADDRESS: limits.socketsPerAddress * share,
  LIMIT_CONNECTIONS_PER_ADDRESS: limits.connectionsPerAddress * share,
};
const ofUser = { LIMIT_RATE_USER: "100/second, 1200/minute, 20000/hour, 500000 cost/minute" };

const clock = { ms: 0 };

/** Counters on the virtual clock. */
const virtualCounters = (): Counters => countersIn(new OwnWindows(() => clock.ms));

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { ...ofAddress, ...ofUser },
    gateway: () => ({ counters: virtualCounters() }),
  });
});
afterAll(() => weft.stop());

const codeOf = async (query: string, { token, variables = {} }: { token?: string; variables?: Record<string, unknown> } = {}) =>
  (await weft.run(query, { ...(token !== undefined && { token }), variables })).errors?.[0]?.extensions?.["code"] ?? "OK";
const read = (token: string): Promise<unknown> => codeOf("{ me { name } }", { token });
const renew = (accessToken: string): Promise<unknown> =>
  codeOf("mutation Renew($token: String!) { renew(accessToken: $token) { accessToken } }", { variables: { token: accessToken } });
const mistype = (): Promise<unknown> => codeOf('mutation { login(password: "mistyped") }');

/**
 * What somebody does in an hour, by the second: a login in the first five minutes, sometimes with a mistyped password, a page of eight operations, then something
 * each minute, and a renewal every ten minutes.
 */
function hourOf(
  { token }: TestPerson,
  random: ReturnType<typeof randomSource>,
  onLogin: () => Promise<unknown>,
): Map<number, (() => Promise<unknown>)[]> {
  const plan = new Map<number, (() => Promise<unknown>)[]>();
  const at = (second: number, ...acts: (() => Promise<unknown>)[]): void => void plan.set(second, [...(plan.get(second) ?? []), ...acts]);
  const [readOnce, renewOnce] = [() => read(token), () => renew(token)];
  const login = random.below(300);
  if (random.chance(0.1)) at(login, mistype);
  at(login + 5, renewOnce, onLogin);
  at(login + 6, ...Array.from({ length: 8 }, () => readOnce));
  for (let second = login + 30; second < 3_600; second += 30 + random.below(60))
    at(second, ...Array.from({ length: 1 + random.below(4) }, () => readOnce));
  for (let second = login + 600; second < 3_600; second += 600) at(second, renewOnce);
  return plan;
}

/** 150 operations, at most some at the same time. */
async function floodOf({ token }: TestPerson): Promise<unknown[]> {
  const codes: unknown[] = [];
  const atOnce = Array.from({ length: Math.ceil(200 * share) }, async () => {
    while (codes.length < 150) {
      const place = codes.push(undefined) - 1;
      codes[place] = await read(token);
    }
  });
  await Promise.all(atOnce);
  return codes;
}

test(
  "a thousand people behind one address work for an hour without a refusal, and the flood of one of them is stopped alone",
  { tags: "slow", timeout: 1_200_000 },
  async () => {
    const random = randomSource(42);
    const tenantId = newId();
    await weft.sql`insert into identity.tenants (tenant_id, slug, name, plan) values (${tenantId}, ${`t-${tenantId}`}, 'Company', 'ENTERPRISE')`;
    const sockets: LiveClient[] = [];
    const plans: ReturnType<typeof hourOf>[] = [];
    for (let index = 0; index < people; index++) {
      const person = await weft.person({ tenantId });
      const connect = async (): Promise<unknown> => {
        sockets.push(await openLive(weft.url, { token: person.token }));
        return "OK";
      };
      plans.push(hourOf(person, random, connect));
    }
    const flooding = await weft.person({ tenantId });
    const flood = new Map<unknown, number>();
    const answers = new Map<unknown, number>();
    const count = (into: Map<unknown, number>, code: unknown): void => void into.set(code, (into.get(code) ?? 0) + 1);

    for (let second = 0; second < 3_600; second++) {
      clock.ms = second * 1_000;
      const acts = plans.flatMap((plan) => plan.get(second) ?? []);
      const [done, flooded] = await Promise.all([
        Promise.all(acts.map((act) => act())),
        second >= 1_800 && second < 1_820 ? floodOf(flooding) : [],
      ]);
      for (const code of done) count(answers, code);
      for (const code of flooded) count(flood, code);
    }

    expect([...answers.keys()]).toEqual(["OK"]);
    expect(sockets).toHaveLength(people);
    expect(sockets.filter(({ messages }) => messages.some(({ type }) => type === "connection_ack"))).toHaveLength(people);
    // A hundred in each second, until the 1,200 of the minute are used.
    expect(Object.fromEntries(flood)).toEqual({ OK: 1_200, RATE_LIMITED: 1_800 });
    for (const socket of sockets) socket.close();
  },
);

test("logins of one user, again and again, count for the address in the end", async () => {
  clock.ms = 10_000_000;
  const { token } = await weft.person();
  const codes: unknown[] = [];
  for (let index = 0; index < 20 + ofAddress.LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE; index++) codes.push(await renew(token));
  expect(new Set(codes)).toEqual(new Set(["OK"]));
  expect(await renew(token)).toBe("RATE_LIMITED");
  expect(await read(token)).toBe("OK");
});
