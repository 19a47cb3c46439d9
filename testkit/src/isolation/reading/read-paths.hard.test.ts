import { afterEach, expect, test } from "vitest";
import { composedApi } from "../api-schema.js";
import { sized } from "../../sizes.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";
import { differenceOf, drawnTenant, findingDifference, inTurn } from "./differences.js";
import { searchPaths, readPaths } from "./read-paths.js";

const schema = composedApi();
let tenants: TwoTenants | undefined;

afterEach(() => tenants?.stop());

/** Number of drawn tenants. WEFT_READ_PATH_TENANTS=10 looks longer. */
const tenantCount = Number(process.env["WEFT_READ_PATH_TENANTS"] ?? 1);
/** A usual run draws fewer people, and looks for a part of the objects that a mutation should not find. */
const howMany = sized({ part: 5, whole: 16 });
const shareOfOthers = sized({ part: 1 / 3, whole: 1 });
const given = process.env["SEED"];
const seeds = given === undefined ? Array.from({ length: tenantCount }, () => Math.floor(Math.random() * 1_000_000)) : [Number(given)];

test.each(seeds)("every user gets consistent results on every read path (seed %i)", { timeout: 600_000 }, async (seed) => {
  tenants = await startTwoTenants();
  const { looked, people } = await drawnTenant(tenants, { seed, howMany });
  const pairs = <T>(ways: readonly T[]) => ways.flatMap((way) => people.map((user) => ({ way, user })));
  expect(await inTurn(pairs(readPaths(schema)), ({ way, user }) => differenceOf(way, user, looked))).toEqual([]);
  expect(await inTurn(pairs(searchPaths(schema)), ({ way, user }) => findingDifference(way, user, { looked, shareOfOthers }))).toEqual([]);
});
