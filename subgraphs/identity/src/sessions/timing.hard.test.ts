import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importUsers } from "../provisioning/import-users.js";

// A26: nobody can find out which users exist by the time of an answer.

const tries = 200;
/** A background task of a known user must not slow down the next try. */
const pauseMs = 15;
const rounds = 3;
/** Twice the usual work, so that the two kinds of hash differ clearly on every machine. */
const importedCost = 12;

let weft: TestWeft;
let known: string[];
let slug: string;
beforeAll(async () => {
  weft = await startTestWeft({
    settings: {
      PASSWORD_MEMORY_KIB: 19_456,
      PASSWORD_PASSES: 2,
      WEFT_TRUSTED_PROXIES: "127.0.0.1",
    },
  });
  const tenant = await weft.tenant();
  slug = tenant.slug;
  known = [];
  for (let i = 0; i < 10; i++) known.push((await tenant.user("viewer")).login);
});
afterAll(() => weft.stop());

let client = 0;
/** Returns the milliseconds of a call from an address of its own, which no limit concerns. */
async function timeOf(query: string, input: object): Promise<number> {
  const number = ++client;
  const began = performance.now();
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": `${10 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}.1` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const text = await response.text();
  const elapsedMs = performance.now() - began;
  expect(text).not.toContain("RATE_LIMITED");
  return elapsedMs;
}

const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
const request = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { message } }";
const nobody = (): string => `${randomUUID()}@example.com`;
const aKnown = (): string => known[Math.floor(Math.random() * known.length)] ?? "";
const wrongPassword = (name: string) => timeOf(login, { login: name, password: "not the password" });
const reset = (name: string) => timeOf(request, { login: name });

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Returns the times of two kinds of tries, in a random order, so that a slow moment of the machine concerns both. */
async function interleaved(one: () => Promise<number>, other: () => Promise<number>, count: number): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  const left = [count, count] as [number, number];
  while (left[0] + left[1] > 0) {
    const which = Math.random() * (left[0] + left[1]) < left[0] ? 0 : 1;
    left[which]--;
    times[which].push(await (which === 0 ? one() : other()));
    await delay(pauseMs);
  }
  return times;
}

/**
 * Returns whether the medians differ by more than noise: by more than in 999 of 1,000 random divisions of the same times into two halves. Needs no
 * knowledge of the machine.
 */
function areDistinguishable([one, other]: [number[], number[]]): boolean {
  const observed = Math.abs(median(one) - median(other));
  const all = [...one, ...other];
  let larger = 0;
  for (let draw = 0; draw < 1_000; draw++) {
    for (let index = all.length - 1; index > 0; index--) {
      const swapped = Math.floor(Math.random() * (index + 1));
      [all[index], all[swapped]] = [all[swapped] ?? 0, all[index] ?? 0];
    }
    if (Math.abs(median(all.slice(0, one.length)) - median(all.slice(one.length))) >= observed) larger++;
  }
  return larger <= 1;
}

/** Whether each of several rounds distinguishes them. Chance would have to do that each time, and in the same direction. */
async function isRevealed(one: () => Promise<number>, other: () => Promise<number>, count = tries): Promise<boolean> {
  const directions = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const times = await interleaved(one, other, count);
    console.log(`round ${round + 1}: medians ${median(times[0]).toFixed(2)} ms and ${median(times[1]).toFixed(2)} ms`);
    if (!areDistinguishable(times)) return false;
    directions.add(Math.sign(median(times[0]) - median(times[1])));
    if (directions.size > 1) return false;
  }
  return true;
}

test("A26: 200 failed logins each of known and unknown users take the same time", async () => {
  // The first one of each kind prepares statements and the dummy hash.
  for (const name of [...known, ...known.map(nobody)]) await wrongPassword(name);
  expect(
    await isRevealed(
      () => wrongPassword(aKnown()),
      () => wrongPassword(nobody()),
    ),
  ).toBe(false);
}, 240_000);

test("A26: failed logins of users who must log in with an identity provider take the same time as those of nobody and of break-glass users", async () => {
  // Of many tenants, so that their settings are read again at nearly each try.
  const provided: string[] = [];
  const exempt: string[] = [];
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  for (let i = 0; i < 20; i++) {
    const tenant = await weft.tenant();
    provided.push((await tenant.user("viewer")).login);
    exempt.push(tenant.admin.login);
    await owner`insert into identity.identity_providers (tenant_id, id, kind, name, status, configuration, creates_users, accepts_unverified_email, redirect_urls, created_by)
      values (${tenant.id}, ${randomUUID()}, 'OIDC', 'P', 'ACTIVE', '{}', false, false, '{}', ${randomUUID()})`;
    await owner`update identity.users set is_break_glass = true where tenant_id = ${tenant.id} and email = ${tenant.admin.login}`;
  }
  await owner.end();
  let turn = 0;
  const next = (names: readonly string[]): string => names[turn++ % names.length] ?? "";
  for (const name of [...provided, ...exempt]) await wrongPassword(name);
  for (const others of [nobody, () => next(exempt)])
    expect(
      await isRevealed(
        () => wrongPassword(next(provided)),
        () => wrongPassword(others()),
      ),
    ).toBe(false);
}, 480_000);

test("A26: 200 requests each of resets for known and unknown users take the same time", async () => {
  for (const name of [...known, ...known.map(nobody)]) await reset(name);
  expect(
    await isRevealed(
      () => reset(aKnown()),
      () => reset(nobody()),
    ),
  ).toBe(false);
}, 240_000);

test("the comparison notices a hash that one of the two does not compute, with a fifth of the tries", async () => {
  const overlong = () => timeOf(login, { login: aKnown(), password: "x".repeat(300) });
  expect(await isRevealed(() => wrongPassword(aKnown()), overlong, tries / 5)).toBe(true);
}, 240_000);

test("A26: while there are imported hashes, known users take as long as one half of the names of nobody, or as the other half", async () => {
  const imported = `imported@${slug}.example`;
  const users = [{ email: imported, name: "Ina", roles: ["viewer"], passwordHash: await bcryptHash("a quiet river 42", importedCost) }];
  await importUsers(weft.weft.services, { slug, users });
  await wrongPassword(imported);
  // A busy machine only adds time, so the shortest of several tries tells the most.
  const ofName = async (name: string): Promise<number> => {
    const times: number[] = [];
    while (times.length < 3) times.push(await wrongPassword(name));
    return Math.min(...times);
  };
  const ofNobody: number[] = [];
  while (ofNobody.length < 40) ofNobody.push(await ofName(nobody()));
  const [shortest, longest] = [Math.min(...ofNobody), Math.max(...ofNobody)];
  expect(longest).toBeGreaterThan(4 * shortest);
  const limit = Math.sqrt(shortest * longest);
  const slow = ofNobody.filter((time) => time > limit);
  expect(slow.length).toBeGreaterThan(6);
  expect(slow.length).toBeLessThan(34);
  expect(await ofName(imported)).toBeGreaterThan(0.75 * Math.min(...slow));
  for (const name of known) expect(await ofName(name)).toBeLessThan(limit);
}, 480_000);
