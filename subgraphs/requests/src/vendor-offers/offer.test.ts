import {
  advanceClock,
  aMaintenanceTenant,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
  until,
} from "@weft/testkit";
import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { beforeAll, describe, expect, it } from "vitest";

const shown = "id status number title category buildingName dueAt note reason version request { id }";
const offer = `mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { ${shown} } } }`;
const accept = `mutation ($input: KeyedIdInput!) { acceptOffer(input: $input) { offer { ${shown} } } }`;
const decline = `mutation ($input: DeclineOfferInput!) { declineOffer(input: $input) { offer { ${shown} } } }`;
const list = `query ($filter: VendorOfferFilter) { vendorOffers(filter: $filter) { totalCount edges { node { ${shown} vendor { id } } } } }`;
const readRequest = "query ($id: ID!) { request(id: $id) { id } }";
const setAvailability = "mutation ($input: SetVendorAvailabilityInput!) { setVendorAvailability(input: $input) { vendor { id } } }";
const notices = "{ notifications { edges { node { kind title } } } }";

interface Offer {
  id: string;
  status: string;
  number: string;
}

let kit: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  kit = await sharedWeft();
  acme = await aMaintenanceTenant(kit);
});

async function offered({ id: requestId }: MaintenanceRequest, vendorId: string, more: object = {}, who = acme.operations): Promise<Offer> {
  const input = { requestId, vendorId, expiresInMinutes: 60, title: "Grinding elevator", ...more };
  return (await who.run<{ offerToVendor: { offer: Offer } }>(offer, { input })).offerToVendor.offer;
}

const statusOf = async (id: string, who = acme.operations) =>
  (await who.run<{ vendorOffer: Offer }>("query ($id: ID!) { vendorOffer(id: $id) { status } }", { id })).vendorOffer.status;

async function paths(who: TestUser, mutation: string, input: object): Promise<unknown> {
  const { extensions } = await who.refused(mutation, { input });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
}

const titles = async (who: TestUser, kind: string) =>
  (await who.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(notices)).notifications.edges
    .map(({ node }) => node)
    .filter((node) => node.kind === kind)
    .map(({ title }) => title);

describe("an offer to a vendor", () => {
  it("shows the vendor what it carries, and the request only after the acceptance", async () => {
    const request = await acme.request("approved");
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const { id, number } = await offered(request, vendorId, { note: "Keys at the desk", category: "Elevators" });
    const carried = {
      id,
      number,
      title: "Grinding elevator",
      category: "Elevators",
      note: "Keys at the desk",
      dueAt: null,
      reason: null,
    };
    const { vendorOffers } = await user.run<{ vendorOffers: { edges: { node: object }[] } }>(list);
    expect(vendorOffers.edges.map(({ node }) => node)).toEqual([
      { ...carried, status: "OPEN", version: 1, buildingName: expect.any(String) as string, request: null, vendor: { id: vendorId } },
    ]);
    expect(await user.refusal(readRequest, { id: request.id })).toBe("NOT_FOUND");
    const building = "query ($id: ID!) { building(id: $id) { name } }";
    expect(await user.refusal(building, { id: acme.buildingId })).toBe("NOT_FOUND");
    expect(await user.refusal("query ($id: ID!) { vendorOffer(id: $id) { offeredBy { id } } }", { id })).toBe("FORBIDDEN");
    await until(async () => (await titles(user, "VENDOR_OFFER")).length > 0, { what: "the vendor's user is notified" });
    expect(await titles(user, "VENDOR_OFFER")).toEqual([`Offered to your company: ${number}, Grinding elevator`]);
    expect(await user.run(accept, { input: { id } })).toMatchObject({
      acceptOffer: {
        offer: { status: "ACCEPTED", version: 2, request: { id: request.id } },
      },
    });
    expect(await user.run(readRequest, { id: request.id })).toEqual({ request: { id: request.id } });
    expect(await user.run(building, { id: acme.buildingId })).toMatchObject({ building: {} });
    await until(async () => (await titles(acme.operations, "VENDOR_OFFER_ENDED")).length > 0, { what: "the offerer is notified" });
    expect(await titles(acme.operations, "VENDOR_OFFER_ENDED")).toEqual([`An offer was accepted: ${number}, Grinding elevator`]);
    await acme.fire(user, request, "start");
  });

  it("is declined with a reason, and can be repeated", async () => {
    const request = await acme.request("approved");
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const { id } = await offered(request, vendorId);
    expect(await paths(user, decline, { id, reason: " " })).toEqual(["input.reason"]);
    expect(await user.run(decline, { input: { id, reason: " Too far " } })).toMatchObject({
      declineOffer: { offer: { status: "DECLINED", reason: "Too far", request: null } },
    });
    const late = await user.refused(accept, { input: { id } });
    expect(late.extensions).toMatchObject({ code: "CONFLICT", currentState: "DECLINED" });
    expect(await statusOf((await offered(request, vendorId)).id)).toBe("OPEN");
    const { vendorOffers } = await acme.operations.run<{ vendorOffers: { totalCount: number } }>(list, {
      filter: { vendor: { eq: vendorId }, status: { eq: "DECLINED" } },
    });
    expect(vendorOffers.totalCount).toBe(1);
  });

  it("expires by the organization's clock, for both sides", { tags: "slow" }, async () => {
    const sandbox = await aMaintenanceTenant(kit);
    const request = await sandbox.request("approved");
    const { id } = await offered(request, sandbox.vendor.id, { expiresInMinutes: 30 }, sandbox.operations);
    await advanceClock(kit, sandbox.tenant, { minutes: 29 });
    expect(await statusOf(id, sandbox.operations)).toBe("OPEN");
    await advanceClock(kit, sandbox.tenant, { minutes: 2 });
    expect(await statusOf(id, sandbox.operations)).toBe("EXPIRED");
    expect(await sandbox.vendor.user.refusal(accept, { input: { id } })).toBe("CONFLICT");
    for (const who of [sandbox.operations, sandbox.vendor.user]) {
      await until(async () => (await titles(who, "VENDOR_OFFER_ENDED")).length > 0, { what: "both sides are notified" });
      expect((await titles(who, "VENDOR_OFFER_ENDED"))[0]).toContain("An offer has expired");
    }
  });

  it("is withdrawn when the request is assigned otherwise", async () => {
    const request = await acme.request("approved");
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const { id } = await offered(request, vendorId);
    await acme.assign(request, { userId: acme.manager.id });
    expect(await statusOf(id)).toBe("WITHDRAWN");
    expect(await user.refusal(accept, { input: { id } })).toBe("CONFLICT");
    expect(await paths(acme.operations, offer, { requestId: request.id, vendorId, expiresInMinutes: 5, title: "x" })).toEqual([
      "input.requestId",
    ]);
  });

  it("is accepted within the capacity only", { tags: "slow" }, async () => {
    const [one, two] = [await acme.request("approved"), await acme.request("approved")];
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const [first, second] = [await offered(one, vendorId), await offered(two, vendorId)];
    await acme.admin.run(setAvailability, { input: { id: vendorId, maxOpen: 1 } });
    const results = await Promise.all([first, second].map(({ id }) => user.send(accept, { input: { id } })));
    const refusals = results.flatMap(({ errors }) => errors ?? []);
    expect(refusals.map(({ extensions }) => extensions?.code)).toEqual(["BAD_USER_INPUT"]);
    expect(JSON.stringify(refusals[0])).toContain("its limit maxOpen is 1");
    expect([await statusOf(first.id), await statusOf(second.id)].toSorted()).toEqual(["ACCEPTED", "OPEN"]);
    const third = await acme.request("approved");
    expect(await paths(acme.operations, offer, { requestId: third.id, vendorId, expiresInMinutes: 5, title: "x" })).toEqual([
      "input.vendorId",
    ]);
  });

  it("does not tell the vendor why it was suspended", async () => {
    const request = await acme.request("approved");
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const { id } = await offered(request, vendorId);
    await acme.admin.run('mutation ($id: ID!) { suspendVendor(input: { id: $id, reason: "Fraud" }) { vendor { id } } }', { id: vendorId });
    const refusal = await user.refused(accept, { input: { id } });
    expect(refusal.extensions?.code).toBe("BAD_USER_INPUT");
    expect(JSON.stringify(refusal)).not.toContain("Fraud");
  });

  it("is won by one of several vendors that accept at the same time", async () => {
    const request = await acme.request("approved");
    const vendors = await Promise.all(Array.from({ length: 5 }, (_, n) => acme.tenant.vendor(`Vendor ${n}`)));
    const offers: { id: string; user: TestUser }[] = [];
    for (const { id, user } of vendors) offers.push({ id: (await offered(request, id)).id, user });
    const results = await Promise.all(offers.map(({ id, user }) => user.send(accept, { input: { id } })));
    expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    const codes = results.flatMap(({ errors }) => errors ?? []).map(({ extensions }) => extensions?.code);
    expect(new Set(codes)).toEqual(new Set(["CONFLICT"]));
    const statuses = await Promise.all(offers.map(({ id }) => statusOf(id)));
    expect(statuses.toSorted()).toEqual(["ACCEPTED", "WITHDRAWN", "WITHDRAWN", "WITHDRAWN", "WITHDRAWN"]);
  });

  it("is accepted, or the request is assigned, but never both", { tags: "slow" }, async () => {
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";
    for (let n = 0; n < 3; n++) {
      const request = await acme.request("approved");
      const { id } = await offered(request, vendorId);
      const input = { id: request.id, assignee: { userId: acme.manager.id } };
      const [accepted, assigned] = await Promise.all([user.send(accept, { input: { id } }), acme.operations.send(assign, { input })]);
      const codes = [accepted, assigned].flatMap(({ errors }) => errors ?? []).map(({ extensions }) => extensions?.code);
      expect(codes.every((code) => code === "CONFLICT")).toBe(true);
      expect(accepted.errors === undefined && assigned.errors === undefined && (await statusOf(id)) === "WITHDRAWN").toBe(false);
    }
  });

  it("is withdrawn when the request ends, with an audit entry and a notification", async () => {
    const request = await acme.request();
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const { id, number } = await offered(request, vendorId);
    const { id: declined } = await offered(request, (await acme.tenant.vendor()).id);
    await acme.requester.run('mutation ($id: ID!) { cancelRequest(input: { id: $id, comment: "Repaired" }) { request { id } } }', {
      id: request.id,
    });
    expect([await statusOf(id), await statusOf(declined)]).toEqual(["WITHDRAWN", "WITHDRAWN"]);
    expect(await user.refusal(accept, { input: { id } })).toBe("CONFLICT");
    await until(async () => (await titles(user, "VENDOR_OFFER_ENDED")).length > 0, { what: "the vendor's user is notified" });
    expect(await titles(user, "VENDOR_OFFER_ENDED")).toEqual([`An offer was withdrawn: ${number}, Grinding elevator`]);
    const trail = "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action } } } }";
    expect(await acme.admin.run(trail, { id })).toMatchObject({
      auditEntries: { edges: expect.arrayContaining([{ node: { action: "vendorOffer.withdraw" } }]) as object },
    });
  });

  it("is not made while the request is being assigned", async () => {
    const request = await acme.request("approved");
    const { id: vendorId } = await acme.tenant.vendor("Northwind");
    const sql = postgres(kit.database.ownerUrl, { max: 2, onnotice: () => undefined });
    const waiting = async (count: number) =>
      (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length >= count;
    const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";
    let attempts: readonly ReturnType<TestUser["send"]>[] = [];
    await sql.begin(async (tx) => {
      await tx`select from workflows.instances i join requests.requests r on r.tenant_id = i.tenant_id and r.instance_id = i.id
        where r.tenant_id = ${acme.tenant.id} and r.id = ${decodeId("request", request.id)} for update of i`;
      const assigned = acme.operations.send(assign, { input: { id: request.id, assignee: { userId: acme.manager.id } } });
      await until(() => waiting(1), { what: "the assignment waits for the instance" });
      const input = { requestId: request.id, vendorId, expiresInMinutes: 60, title: "Too late" };
      const made = acme.operations.send(offer, { input });
      await Promise.race([made, until(() => waiting(2), { what: "the offer waits for the assignment" })]);
      attempts = [assigned, made];
    });
    await sql.end();
    const [assigned, made] = await Promise.all(attempts);
    expect(assigned?.errors).toBeUndefined();
    expect(made?.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.requestId" }] });
  });

  it("is made by users who assign requests, and answered by the vendor alone", async () => {
    const request = await acme.request("approved");
    const { id: vendorId, user } = await acme.tenant.vendor("Northwind");
    const input = { requestId: request.id, vendorId, expiresInMinutes: 5, title: "x" };
    expect(await acme.requester.refusal(offer, { input })).toBe("FORBIDDEN");
    expect(await user.refusal(offer, { input })).toBe("FORBIDDEN");
    expect(await paths(acme.operations, offer, { ...input, expiresInMinutes: 0 })).toEqual(["input.expiresInMinutes"]);
    const { id } = await offered(request, vendorId, { idempotencyKey: "once" });
    expect((await offered(request, vendorId, { idempotencyKey: "once" })).id).toBe(id);
    expect(await paths(acme.operations, offer, input)).toEqual(["input.vendorId"]);
    expect(await acme.admin.refusal(accept, { input: { id } })).toBe("FORBIDDEN");
    expect(await acme.vendor.user.refusal(accept, { input: { id } })).toBe("NOT_FOUND");
    const stranger = await acme.tenant.user("requester");
    expect(await stranger.run(list)).toMatchObject({ vendorOffers: { totalCount: 0 } });
    const theirs = await aMaintenanceTenant(kit);
    expect(await theirs.vendor.user.refusal(decline, { input: { id, reason: "No" } })).toBe("NOT_FOUND");
    expect(await theirs.operations.refusal(offer, { input })).toBe("NOT_FOUND");
    expect(await theirs.admin.run(list)).toMatchObject({ vendorOffers: { totalCount: 0 } });
  });
});
