import { randomInt } from "node:crypto";
import { encodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenInvariants } from "../invariants.js";
import { isAtRest } from "../isolation/fixture.js";
import { randomSource } from "../random-source.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { until } from "../until.js";
import {
  differencesInExport,
  differencesInLists,
  differencesInView,
  differentFromInstance,
  saveCondition,
  type SavedCondition,
  type Sight,
} from "./compare-requests.js";
import { followRequests } from "./live-requests.js";
import { RandomRequests, startRequestKit } from "./random-requests.js";
import { requestRows } from "./request-rows.js";

const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
/** Number of calls that change requests, or try to. For a long run: 100000. */
const calls = Number(process.env["WEFT_RANDOM_CALLS"] ?? 250);
const rounds = Math.min(10, Math.max(2, Math.round(calls / 500)));

let weft: TestWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test(
  `after ${calls} random changes, requests and their workflows agree, and lists, counts, search, exports, views and live clients show each user the same (seed ${seed})`,
  { timeout: 300_000 + calls * 200 },
  async () => {
    const kit = await startRequestKit(weft);
    const { tenant, people, admin } = kit;
    const random = randomSource(seed);
    const clients = await Promise.all(people.map(({ user }) => followRequests(user)));
    const views: SavedCondition[] = [];
    for (let n = 0; n < 4; n++) views.push(await saveCondition(admin, random, `View ${n}`));
    const work = new RandomRequests(kit, random);
    await work.doEachOnce();
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) await work.work(Math.ceil(calls / rounds));
      await weft.weft.worker.idle();
      await until(() => isAtRest(owner, tenant.id), { what: "the tenant is at rest" });
      const ids = await owner<{ id: string }[]>`select id from requests.requests where tenant_id = ${tenant.id} order by id`;
      const sights: Sight[] = [];
      for (const person of people)
        sights.push({
          person,
          rows: await requestRows(
            person.user,
            ids.map(({ id }) => encodeId("request", id)),
          ),
        });
      const wrong: string[] = [];
      for (const [index, sight] of sights.entries()) {
        wrong.push(...differentFromInstance(sight), ...(await differencesInLists(sight, random, 12)));
        for (const view of views) wrong.push(...(await differencesInView(sight, view)));
        const view = round % 2 === 0 ? null : random.pick(views);
        if (!sight.person.isOfVendor) wrong.push(...(await differencesInExport(sight, random, view)));
        await clients[index]?.untilEqual(sight.rows);
      }
      expect(wrong).toEqual([]);
      expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
      // Everybody sees something, and only some see everything.
      const counts = new Map(sights.map(({ person, rows }) => [person.name, rows.size]));
      expect(Math.min(...counts.values())).toBeGreaterThan(0);
      expect(counts.get("admin")).toBe(counts.get("operations"));
      for (const name of ["requester", "otherRequester", "reader", "vendor"])
        expect(counts.get(name)).toBeLessThan(counts.get("admin") ?? 0);
    }
    const done = ["createRequest", "mergeRequests", "splitRequest", "convertRequest", "deleteRequest", "restoreRequest", "linkRequests"];
    expect(done.flatMap((mutation) => (work.accepted.has(mutation) ? [] : [mutation, work.refused.get(mutation)]))).toEqual([]);
    await Promise.all(clients.map((client) => client.stop()));
  },
);
