import {
  advanceClock,
  aMaintenanceTenant,
  loadExampleDefinition,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const values = "name value count total";
const performance = `query ($vendorId: ID!, $filter: VendorPerformanceFilter) { vendorPerformance(vendorId: $vendorId, filter: $filter) {
  figures { ${values} requests { totalCount edges { node { outcome assignedAt respondedAt endedAt reopenedCount stars request { id } } } } }
  months { month figures { ${values} } } } }`;
const league = `query ($category: String) { vendorLeague(category: $category) { rank score vendor { id } figures { ${values} } } }`;
const scorecard = `query ($vendorId: ID!) { vendorScorecard(vendorId: $vendorId) { score entries { figure { ${values} } median weight points } } }`;

interface Figure {
  name: string;
  value: number | null;
  count: number;
  total: number;
}
interface Work {
  outcome: string;
  assignedAt: string;
  respondedAt: string | null;
  endedAt: string | null;
  reopenedCount: number;
  stars: number | null;
  request: { id: string } | null;
}
interface CountedFigure extends Figure {
  requests: { totalCount: number; edges: { node: Work }[] };
}
interface Performance {
  vendorPerformance: { figures: CountedFigure[]; months: { month: string; figures: Figure[] }[] };
}

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const read = async (who: TestUser, vendorId: string, filter?: object) =>
  (await who.run<Performance>(performance, { vendorId, filter })).vendorPerformance;
const figure = <F extends Figure>(figures: readonly F[], name: string): F => {
  const found = figures.find((one) => one.name === name);
  if (!found) throw new Error(`No figure ${name}.`);
  return found;
};
const rate = (who: TestUser, requestId: string, stars: number) =>
  who.run("mutation ($input: RateVendorInput!) { rateVendor(input: $input) { rating { id } } }", { input: { requestId, stars } });
const comment = (who: TestUser, id: string) =>
  who.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
    input: { id, audience: "PUBLIC", text: "We will come at noon" },
  });

/** To whom a request was assigned, in order. */
type Assignees = ("VENDOR" | "USER")[];

/** Counts again what the histories of requests say, step by step, without the table. */
async function recount({ admin, vendor }: MaintenanceTenant, requests: ReadonlyMap<string, Assignees>): Promise<Record<string, number>> {
  const sums = { assigned: 0, responded: 0, completed: 0, reopened: 0 };
  for (const [id, assignees] of requests) {
    type Step = { kind: string; transition: string | null; actor: { id: string } };
    const { request } = await admin.run<{ request: { workflow: { history: Step[] } } }>(
      "query ($id: ID!) { request(id: $id) { workflow { history { kind transition actor { id } } } } }",
      { id },
    );
    let given = -1;
    const parts = assignees.map((): Step[] => []);
    for (const step of request.workflow.history) {
      if (step.kind === "ASSIGNMENT") given += 1;
      else parts[given]?.push(step);
    }
    const ofVendor = parts.filter((_, n) => assignees[n] === "VENDOR");
    sums.assigned += ofVendor.length;
    sums.responded += ofVendor.filter((steps) => steps.some(({ actor }) => actor.id === vendor.user.id)).length;
    const completed = ofVendor.filter((steps) => steps.some(({ transition }) => transition === "close"));
    sums.completed += completed.length;
    sums.reopened += completed.filter((steps) => steps.some(({ transition }) => transition === "reopen")).length;
  }
  return sums;
}

describe("the performance of a vendor", () => {
  it(
    "counts assignments, responses, completions, reopenings and ratings, and lists the work of each figure",
    { tags: "slow" },
    async () => {
      const acme = await aMaintenanceTenant(kit);
      const assigned = await acme.request("assigned");
      const started = await acme.request("assigned");
      await advanceClock(kit, acme.tenant, { hours: 2 });
      await comment(acme.vendor.user, assigned.id);
      await acme.fire(acme.vendor.user, started, "start");
      await advanceClock(kit, acme.tenant, { hours: 3 });
      await acme.fire(acme.vendor.user, started, "complete", { input: { outcome: "mended" } });
      await acme.fire(acme.requester, started, "reopen", { comment: "It is back" });
      await acme.fire(acme.vendor.user, started, "complete", { input: { outcome: "mended" } });
      await acme.fire(acme.requester, started, "close");
      await acme.fire(acme.requester, started, "reopen", { comment: "And again" });
      expect(figure((await read(acme.admin, acme.vendor.id)).figures, "COMPLETED").count).toBe(0);
      await acme.fire(acme.vendor.user, started, "complete", { input: { outcome: "mended" } });
      await acme.fire(acme.requester, started, "close");
      const good = await acme.request("closed");
      await rate(acme.requester, good.id, 4);
      await rate(acme.requester, started.id, 2);
      await rate(acme.requester, started.id, 1);
      const away = await acme.request("assigned");
      await acme.assign(away, { userId: acme.manager.id });
      const { figures, months } = await read(acme.admin, acme.vendor.id);
      const of = (name: string) => figure(figures, name);
      expect(of("ASSIGNED")).toMatchObject({ value: 4, count: 4 });
      expect(of("RESPONSE_TIME").count).toBe(3);
      expect((of("RESPONSE_TIME").value ?? 0) / 3_600).toBeCloseTo(4 / 3, 1);
      expect(of("COMPLETED")).toMatchObject({ value: 2, count: 2 });
      expect((of("COMPLETION_TIME").value ?? 0) / 3_600).toBeCloseTo(2.5, 1);
      expect(of("FIRST_TIME_FIX")).toMatchObject({ value: 0.5, count: 1, total: 2 });
      expect(of("REOPENED")).toMatchObject({ value: 0.5, count: 1, total: 2 });
      expect(of("SLA_COMPLIANCE")).toMatchObject({ value: null, count: 0, total: 0 });
      expect(of("RATING")).toMatchObject({ value: 2.5, count: 2 });
      for (const { count, requests } of figures) expect([requests.totalCount, requests.edges.length]).toEqual([count, count]);
      const work = (name: string) => of(name).requests.edges.map(({ node }) => node);
      expect(work("REOPENED")).toMatchObject([{ outcome: "COMPLETED", reopenedCount: 2, stars: 1, request: { id: started.id } }]);
      expect(work("FIRST_TIME_FIX")).toMatchObject([{ reopenedCount: 0, stars: 4, request: { id: good.id } }]);
      const outcomes = work("ASSIGNED").map(({ request, outcome }) => `${request?.id} ${outcome}`);
      expect(outcomes).toContain(`${away.id} REASSIGNED`);
      expect(outcomes).toContain(`${assigned.id} OPEN`);
      const sum = (name: string) => months.reduce((all, month) => all + figure(month.figures, name).count, 0);
      for (const { name, count } of figures) expect([name, sum(name)]).toEqual([name, count]);
      const { figures: later } = await read(acme.admin, acme.vendor.id, { from: "2040-01-01T00:00:00Z", to: "2040-02-01T00:00:00Z" });
      expect(later.map(({ count }) => count)).toEqual(figures.map(() => 0));
    },
  );

  it(
    "continues the last work of the vendor when a request is reopened, whoever it was assigned to while it was closed",
    { tags: "slow" },
    async () => {
      const acme = await aMaintenanceTenant(kit);
      const other = await acme.tenant.vendor("Other");
      const outcomesOf = async (vendorId: string) => {
        const { figures } = await read(acme.admin, vendorId);
        const work = figure(figures, "ASSIGNED").requests.edges.map(({ node }) => node);
        return work
          .toSorted((a, b) => a.assignedAt.localeCompare(b.assignedAt))
          .map(({ outcome, reopenedCount }) => `${outcome} ${reopenedCount}`);
      };
      const reopen = (request: MaintenanceRequest) => acme.fire(acme.requester, request, "reopen", { comment: "It is back" });
      const close = async (who: TestUser, request: MaintenanceRequest) => {
        await acme.fire(who, request, "complete", { input: { outcome: "mended" } });
        await acme.fire(acme.requester, request, "close");
      };

      const returned = await acme.request("closed");
      await acme.assign(returned, { userId: acme.manager.id });
      await acme.assign(returned, { vendorId: acme.vendor.id });
      await reopen(returned);
      expect(await outcomesOf(acme.vendor.id)).toEqual(["COMPLETED 0", "OPEN 0"]);
      await close(acme.vendor.user, returned);
      await reopen(returned);
      expect(await outcomesOf(acme.vendor.id)).toEqual(["COMPLETED 0", "OPEN 1"]);
      await close(acme.vendor.user, returned);

      const passed = await acme.request("closed");
      await acme.assign(passed, { vendorId: other.id });
      await reopen(passed);
      expect(await outcomesOf(other.id)).toEqual(["OPEN 0"]);
      await acme.assign(passed, { vendorId: acme.vendor.id });
      await close(acme.vendor.user, passed);
      await reopen(passed);
      expect(await outcomesOf(other.id)).toEqual(["REASSIGNED 0"]);
      expect(await outcomesOf(acme.vendor.id)).toEqual(["COMPLETED 0", "COMPLETED 1", "COMPLETED 0", "OPEN 1"]);
    },
  );

  it("equals a recount of the histories after random operations, and leaves deleted requests out", { tags: "slow" }, async () => {
    const acme = await aMaintenanceTenant(kit);
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;
    const requests = new Map<string, Assignees>();
    for (let i = 0; i < 10; i += 1) {
      const isStarted = random(2) === 0;
      const request = await acme.request(isStarted ? "in_progress" : "assigned");
      const assignees: Assignees = ["VENDOR"];
      requests.set(request.id, assignees);
      if (random(3) === 0) {
        await acme.assign(request, { userId: acme.manager.id });
        assignees.push("USER");
        if (random(3) === 0) continue;
        await acme.assign(request, { vendorId: acme.vendor.id });
        assignees.push("VENDOR");
      }
      if (!isStarted) await acme.fire(acme.vendor.user, request, "start");
      for (let again = random(3); again >= 0; again -= 1) {
        await acme.fire(acme.vendor.user, request, "complete", { input: { outcome: "mended" } });
        if (again > 0) await acme.fire(acme.requester, request, "reopen", { comment: "Again" });
      }
      if (random(4) > 0) await acme.fire(acme.requester, request, "close");
    }
    const counted = async () => {
      const { figures } = await read(acme.admin, acme.vendor.id);
      const count = (name: string) => figure(figures, name).count;
      return { assigned: count("ASSIGNED"), responded: count("RESPONSE_TIME"), completed: count("COMPLETED"), reopened: count("REOPENED") };
    };
    const before = await counted();
    expect(before).toEqual(await recount(acme, requests));
    expect(before.completed).toBeGreaterThan(0);
    const { figures } = await read(acme.admin, acme.vendor.id);
    const gone = figure(figures, "COMPLETED").requests.edges[0]?.node.request?.id ?? "";
    await acme.operations.run("mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }", {
      input: { id: gone },
    });
    expect(await counted()).toEqual(await recount(acme, new Map([...requests].filter(([id]) => id !== gone))));
    await acme.operations.run("mutation ($input: VersionedIdInput!) { restoreRequest(input: $input) { request { id } } }", {
      input: { id: gone },
    });
    expect(await counted()).toEqual(before);
  });

  it("counts SLA clocks, except those that were breached before the assignment", { tags: "slow" }, async () => {
    const acme = await aMaintenanceTenant(kit);
    const source = await loadExampleDefinition("maintenance-request");
    await acme.tenant.definition(source.replace("initial: draft", "slas: { resolution: { target: PT4H } }\ninitial: draft"));
    const finish = async (request: { id: string; instanceId: string }) => {
      await acme.fire(acme.vendor.user, request, "start");
      await acme.fire(acme.vendor.user, request, "complete", { input: { outcome: "mended" } });
      await acme.fire(acme.requester, request, "close");
    };
    const early = await acme.request("assigned");
    await advanceClock(kit, acme.tenant, { hours: 1 });
    await finish(early);
    const late = await acme.request("assigned");
    const waiting = await acme.request("approved");
    await advanceClock(kit, acme.tenant, { hours: 5 });
    await acme.assign(waiting, { vendorId: acme.vendor.id });
    await advanceClock(kit, acme.tenant, { minutes: 1 });
    await finish(late);
    await finish(waiting);
    const { figures } = await read(acme.admin, acme.vendor.id);
    const compliance = figure(figures, "SLA_COMPLIANCE");
    expect(compliance).toMatchObject({ value: 0.5, count: 1, total: 2 });
    expect(compliance.requests.edges.map(({ node }) => node.request?.id)).toEqual([early.id]);
    expect(figure(figures, "COMPLETED").count).toBe(3);
  });

  it("is shown to users of the vendor, and to nobody else outside", { tags: "slow" }, async () => {
    const acme = await aMaintenanceTenant(kit);
    await acme.request("closed");
    const other = await acme.tenant.vendor("Other");
    expect(figure((await read(acme.vendor.user, acme.vendor.id)).figures, "COMPLETED").count).toBe(1);
    expect(await other.user.refusal(performance, { vendorId: acme.vendor.id })).toBe("NOT_FOUND");
    expect(await other.user.refusal(league)).toBe("FORBIDDEN");
    expect(await other.user.refusal(scorecard, { vendorId: other.id })).toBe("FORBIDDEN");
    expect(await acme.requester.refusal(performance, { vendorId: acme.vendor.id })).toBe("FORBIDDEN");
    const { admin } = await kit.tenant();
    expect(await admin.refusal(performance, { vendorId: acme.vendor.id })).toBe("NOT_FOUND");
    const empty = { from: "2026-03-02T00:00:00Z", to: "2026-03-01T00:00:00Z" };
    expect(await acme.admin.refusal(performance, { vendorId: acme.vendor.id, filter: empty })).toBe("BAD_USER_INPUT");
  });

  it("is not computed for a time zone that does not exist", async () => {
    const acme = await aMaintenanceTenant(kit);
    const filter = { timeZone: "Europe/Atlantis" };
    for (const read of [
      "query ($vendorId: ID!, $filter: VendorPerformanceFilter) { vendorPerformance(vendorId: $vendorId, filter: $filter) { from } }",
      "query ($vendorId: ID!, $filter: VendorPerformanceFilter) { vendorScorecard(vendorId: $vendorId, filter: $filter) { score } }",
    ])
      expect(await acme.admin.refusal(read, { vendorId: acme.vendor.id, filter })).toBe("BAD_USER_INPUT");
    const readLeague = "query ($filter: VendorPerformanceFilter) { vendorLeague(filter: $filter) { rank } }";
    expect(await acme.admin.refusal(readLeague, { filter })).toBe("BAD_USER_INPUT");
  });

  it("is compared in a league and in a scorecard, with the weights of the configuration", { tags: "slow" }, async () => {
    const acme = await aMaintenanceTenant(kit);
    const lazy = await acme.tenant.vendor("Lazy");
    const { id } = await acme.request("closed");
    await rate(acme.requester, id, 5);
    const bad = await acme.request("approved");
    await acme.assign(bad, { vendorId: lazy.id });
    await acme.fire(lazy.user, bad, "start");
    await acme.fire(lazy.user, bad, "complete", { input: { outcome: "mended" } });
    await acme.fire(acme.requester, bad, "reopen", { comment: "It is back" });
    await acme.fire(lazy.user, bad, "complete", { input: { outcome: "mended" } });
    await acme.fire(acme.requester, bad, "close");
    await rate(acme.requester, bad.id, 1);
    const idle = await acme.tenant.vendor("Idle");
    type League = { vendorLeague: { rank: number; score: number | null; vendor: { id: string } }[] };
    const { vendorLeague } = await acme.admin.run<League>(league);
    expect(vendorLeague.map(({ rank, vendor }) => [rank, vendor.id])).toEqual([
      [1, acme.vendor.id],
      [2, lazy.id],
      [3, idle.id],
    ]);
    expect(vendorLeague[2]?.score).toBeNull();
    expect((await acme.admin.run<League>(league, { category: "none" })).vendorLeague).toEqual([]);
    const weights = { RESPONSE_TIME: 0, COMPLETION_TIME: 0, FIRST_TIME_FIX: 1, SLA_COMPLIANCE: 0, RATING: 3 };
    const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    const set = (scoreWeights: object) => ({ input: { patch: { vendors: { scoreWeights } }, message: "Ratings count most" } });
    await acme.admin.run(update, set(weights));
    type Scorecard = { vendorScorecard: { score: number; entries: { figure: Figure; median: number; weight: number; points: number }[] } };
    const { vendorScorecard } = await acme.admin.run<Scorecard>(scorecard, { vendorId: acme.vendor.id });
    expect(vendorScorecard.score).toBe(100);
    const rating = vendorScorecard.entries.find((one) => one.figure.name === "RATING");
    expect(rating).toMatchObject({ median: 3, weight: 3, points: 100, figure: { value: 5 } });
    expect((await acme.admin.run<Scorecard>(scorecard, { vendorId: lazy.id })).vendorScorecard.score).toBe(0);
    expect(await acme.admin.refusal(update, set({ ...weights, RATING: -1 }))).toBe("BAD_USER_INPUT");
  });
});
