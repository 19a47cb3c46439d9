import { advanceClock, aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const rateVendor = `mutation Rate($input: RateVendorInput!) { rateVendor(input: $input) {
  rating { id stars comment isForVendor version request { id } ratedBy { id } } } }`;
const ratingsOfVendors = `query Ratings($first: Int) { vendors { edges { node { id
  ratings(first: $first) { totalCount pageInfo { hasNextPage } edges { node { stars comment isForVendor } } } } } } }`;

interface Rated {
  rateVendor: { rating: { id: string; stars: number; comment: string | null; version: number } };
}
interface Ratings {
  vendors: {
    edges: { node: { id: string; ratings: { totalCount: number; edges: { node: { stars: number; comment: string | null } }[] } } }[];
  };
}

let kit: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  kit = await sharedWeft();
  acme = await aMaintenanceTenant(kit);
});

const rate = async (who: TestUser, input: Record<string, unknown>) => (await who.run<Rated>(rateVendor, { input })).rateVendor.rating;
const ratings = async (who: TestUser, vendorId: string, first = 100) =>
  (await who.run<Ratings>(ratingsOfVendors, { first })).vendors.edges.find(({ node }) => node.id === vendorId)?.node.ratings;

describe("ratings of a vendor", () => {
  it("are given by the owner of a completed request, and can be changed", { tags: "slow" }, async () => {
    const { id: requestId } = await acme.request("closed");
    const first = await rate(acme.requester, { requestId, stars: 4, comment: "On time" });
    expect(first).toMatchObject({ stars: 4, comment: "On time", isForVendor: false, version: 1, request: { id: requestId } });
    expect(first).toMatchObject({ ratedBy: { id: acme.requester.id } });
    const changed = await rate(acme.requester, { requestId, stars: 2, expectedVersion: 1 });
    expect(changed).toMatchObject({ id: first.id, stars: 2, comment: null, version: 2 });
    const stale = await acme.requester.refused(rateVendor, { input: { requestId, stars: 1, expectedVersion: 1 } });
    expect(stale.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
    const other = { input: { requestId, stars: 5 } };
    expect(await acme.admin.refusal(rateVendor, other)).toBe("CONFLICT");
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
      "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action } } } }",
      { id: first.id },
    );
    expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual(["vendorRating.create", "vendorRating.update"]);
  });

  it("need a request that a vendor completed", { tags: "slow" }, async () => {
    const message = async (requestId: string, stars = 3) =>
      (await acme.requester.refused(rateVendor, { input: { requestId, stars } })).extensions?.["problems"];
    const open = await acme.request("done");
    expect(await message(open.id)).toEqual([{ path: "input.requestId", message: expect.stringContaining("not ended") as string }]);
    const draft = await acme.request();
    await acme.fire(acme.requester, draft, "cancel");
    expect(await message(draft.id)).toEqual([{ path: "input.requestId", message: expect.stringContaining("not completed") as string }]);
    const own = await acme.request("approved");
    await acme.assign(own, { userId: acme.manager.id });
    await acme.fire(acme.manager, own, "start");
    await acme.fire(acme.manager, own, "complete", { input: { outcome: "done" } });
    await acme.fire(acme.requester, own, "close");
    expect(await message(own.id)).toEqual([
      { path: "input.requestId", message: expect.stringContaining("not assigned to a vendor") as string },
    ]);
    for (const stars of [0, 6]) expect(await message(own.id, stars)).toMatchObject([{ path: "input.stars" }]);
  });

  it("are given only for requests in reach, and never by the vendor", async () => {
    const { id: requestId } = await acme.request("closed");
    const input = { requestId, stars: 5 };
    const stranger = await acme.tenant.user("requester");
    expect(await stranger.refusal(rateVendor, { input })).toBe("NOT_FOUND");
    expect(await acme.vendor.user.refusal(rateVendor, { input })).toBe("FORBIDDEN");
    expect(await acme.operations.refusal(rateVendor, { input })).toBe("FORBIDDEN");
    const { admin } = await kit.tenant();
    expect(await admin.refusal(rateVendor, { input })).toBe("NOT_FOUND");
  });

  it("are one for each request, whatever runs at the same time", async () => {
    const { id: requestId } = await acme.request("closed");
    const input = { requestId, stars: 5, idempotencyKey: "once" };
    const same = await Promise.all([1, 2, 3].map(() => rate(acme.requester, input)));
    expect(new Set(same.map(({ id, version }) => `${id} ${version}`)).size).toBe(1);
    const all = await Promise.all([1, 2, 3].map((stars) => rate(acme.requester, { requestId, stars })));
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set(same.map(({ id }) => id)));
    expect(all.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
  });

  it("are shown on the request, to those who see it", { tags: "slow" }, async () => {
    const own = await aMaintenanceTenant(kit);
    const { id: rated } = await own.request("closed");
    const { id: unrated } = await own.request("closed");
    await rate(own.requester, { requestId: rated, stars: 4, comment: "On time" });
    const onRequest = "query ($id: ID!) { request(id: $id) { vendorRating { stars comment vendor { id } } } }";
    const shownTo = async (who: TestUser, id: string) =>
      (await who.run<{ request: { vendorRating: object | null } }>(onRequest, { id })).request.vendorRating;
    const rating = { stars: 4, comment: "On time", vendor: { id: own.vendor.id } };
    expect(await shownTo(own.admin, rated)).toEqual(rating);
    expect(await shownTo(own.vendor.user, rated)).toEqual({ ...rating, comment: null });
    expect(await shownTo(own.admin, unrated)).toBeNull();
    const toOwner = "query ($id: ID!) { request(id: $id) { vendorRating { stars comment ratedBy { id } } } }";
    expect(await own.requester.run(toOwner, { id: rated })).toEqual({
      request: { vendorRating: { stars: 4, comment: "On time", ratedBy: { id: own.requester.id } } },
    });
    expect(await own.vendor.user.refusal(toOwner, { id: rated })).toBe("FORBIDDEN");
    const stranger = await own.tenant.user("requester");
    expect(await stranger.refusal(toOwner, { id: rated })).toBe("NOT_FOUND");
    const throughNode = "query ($id: ID!) { node(id: $id) { ... on Request { vendorRating { stars } } } }";
    expect(await stranger.run(throughNode, { id: rated })).toEqual({ node: { vendorRating: null } });
    expect(await own.admin.run(throughNode, { id: rated })).toEqual({ node: { vendorRating: { stars: 4 } } });
  });

  it("of a list of requests are read in one statement", { tags: "slow" }, async () => {
    const own = await aMaintenanceTenant(kit);
    const add = async () => rate(own.requester, { requestId: (await own.request("closed")).id, stars: 3 });
    const list = "{ requests(first: 50) { edges { node { id vendorRating { stars } } } } }";
    await add();
    const one = await kit.statementCount(() => own.admin.run(list));
    for (let n = 0; n < 3; n++) await add();
    expect(await kit.statementCount(() => own.admin.run(list))).toBe(one);
  });

  it("are shown to the vendor without names, and with comments for it alone", { tags: "slow" }, async () => {
    const own = await aMaintenanceTenant(kit);
    const comments = [undefined, "Internal", "Thank you"] as const;
    for (const [i, comment] of comments.entries()) {
      const { id: requestId } = await own.request("closed");
      await rate(own.requester, { requestId, stars: i + 3, comment, isForVendor: comment === "Thank you" });
    }
    const shown = (who: TestUser) => ratings(who, own.vendor.id);
    const staff = [
      { node: { stars: 5, comment: "Thank you", isForVendor: true } },
      { node: { stars: 4, comment: "Internal", isForVendor: false } },
      { node: { stars: 3, comment: null, isForVendor: false } },
    ];
    expect(await shown(own.admin)).toMatchObject({ totalCount: 3, edges: staff });
    const hidden = staff.map(({ node }) => ({ node: { ...node, comment: node.isForVendor ? node.comment : null } }));
    expect(await shown(own.vendor.user)).toMatchObject({ totalCount: 3, edges: hidden });
    expect(await ratings(own.admin, own.vendor.id, 2)).toMatchObject({ pageInfo: { hasNextPage: true }, edges: staff.slice(0, 2) });
    const named = await own.vendor.user.refused("{ vendors { edges { node { ratings { edges { node { ratedBy { id } } } } } } } }");
    expect(named.extensions?.code).toBe("FORBIDDEN");
    const other = await own.tenant.vendor();
    expect((await other.user.run<Ratings>(ratingsOfVendors)).vendors.edges).toMatchObject([
      { node: { id: other.id, ratings: { totalCount: 0 } } },
    ]);
  });

  it("can be changed for 30 days", { tags: "slow" }, async () => {
    const sandbox = await aMaintenanceTenant(kit);
    const { id: requestId } = await sandbox.request("closed");
    await rate(sandbox.requester, { requestId, stars: 1 });
    await advanceClock(kit, sandbox.tenant, { days: 29 });
    expect(await rate(sandbox.requester, { requestId, stars: 2 })).toMatchObject({ version: 2 });
    await advanceClock(kit, sandbox.tenant, { days: 2 });
    const late = await sandbox.requester.refused(rateVendor, { input: { requestId, stars: 3 } });
    expect(late.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(late.message + JSON.stringify(late.extensions)).toContain("30 days");
  });
});
