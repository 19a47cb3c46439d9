import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestUser } from "../../test-user.js";
import { composedApi, rootFieldsOf } from "../api-schema.js";
import { mutationCases } from "../cases.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";
import { differenceOf, drawnTenant, findingDifference, inTurn } from "./differences.js";
import { randomSource } from "./random-source.js";
import type { Looked } from "./way.js";
import { actsOtherwise, readsNoObjects, rootNames, waysOfFinding, waysOfReading } from "./ways-of-reading.js";

// Whoever sees an object by one way sees it by every other, and whoever does not, by none: single reads, lists, counts, filters, references
// from other subgraphs, events, what is explained about access, and what mutations find.

const schema = composedApi();
const ways = waysOfReading(schema);
const findings = waysOfFinding(schema);
const seed = Math.floor(Math.random() * 1_000_000);
let tenants: TwoTenants;
let looked: Looked;
let people: TestUser[];

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ looked, people } = await drawnTenant(tenants, { seed, howMany: 8 }));
});

afterAll(() => tenants.stop());

test("every root field that reads has joined the ways of reading, and every mutation of an object those of finding", () => {
  const joined = new Set([...ways.flatMap(({ fields }) => fields), ...Object.keys(readsNoObjects)]);
  expect(rootNames(schema).filter((name) => !joined.has(name))).toEqual([]);
  const acting = rootFieldsOf(schema)
    .filter(({ kind, name }) => kind === "mutation" && Object.values(mutationCases[name]?.ids ?? {}).includes("object"))
    .map(({ name }) => name);
  expect([...findings.map(({ name }) => name), ...Object.keys(actsOtherwise)].toSorted()).toEqual(acting.toSorted());
});

test(`every way of reading shows the same to people with random rights (seed ${seed})`, { timeout: 120_000 }, async () => {
  const random = randomSource(seed);
  const pairs = ways.map((way) => ({ way, user: random.pick(people) }));
  expect(await inTurn(pairs, ({ way, user }) => differenceOf(way, user, looked))).toEqual([]);
  expect(ways.length).toBeGreaterThan(100);
});

test(`mutations find what access is explained to (seed ${seed})`, { timeout: 120_000 }, async () => {
  const random = randomSource(seed);
  const pairs = findings.map((way) => ({ way, user: random.pick(people) }));
  expect(await inTurn(pairs, ({ way, user }) => findingDifference(way, user, looked))).toEqual([]);
});
