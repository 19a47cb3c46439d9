import { afterAll, beforeAll, expect, test } from "vitest";
import { differences, giveWork, makePeople } from "./explained-access.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";

const seed = Math.floor(Math.random() * 1_000_000);
let tenants: TwoTenants;

beforeAll(async () => {
  tenants = await startTwoTenants();
});

afterAll(() => tenants.stop());

/** WEFT_EXPLAINED_CALLS=10000 looks longer. */
const runs = Number(process.env["WEFT_EXPLAINED_CALLS"] ?? 4_000);

test(`explainAccess agrees with the call, ${runs} times (seed ${seed})`, { timeout: 600_000 }, async () => {
  const { acme } = tenants;
  const people = await makePeople(acme, seed, 60);
  const work = await giveWork(acme, people);
  const { wrong } = await differences(acme, people, work, { seed, runs });
  expect(wrong).toEqual([]);
});
