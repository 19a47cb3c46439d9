import { decodeId, newId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import { backgroundContext } from "@weft/api/context";
import { numberingOf } from "@weft/api/numbers";
import {
  advanceClock,
  aMaintenanceTenant,
  type ApiError,
  type MaintenanceTenant,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { createDraft } from "./create-request.service.js";

let weft: SharedWeft;
let acme: TestTenant;
let place: Awaited<ReturnType<TestTenant["maintenance"]>>;
let requester: TestUser;
let olga: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  place = await acme.maintenance();
  requester = await acme.user("requester");
  olga = await acme.user("operations");
});

interface Head {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly version: number;
  readonly data: Record<string, unknown>;
}

const head = "id number state version data";
const create = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { ${head} building { id } asset { id } createdBy { id } } } }`;
const submit = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { ${head} } } }`;
const update = `mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { ${head} building { id } asset { id } } } }`;
const cancel = `mutation ($input: CancelRequestInput!) { cancelRequest(input: $input) { request { ${head} } } }`;
const assign = `mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { ${head} assignee { __typename } } } }`;
const read = `query ($id: ID!) { request(id: $id) { ${head} } }`;

const fields = { summary: "The lift grinds", estimate: 100 };

async function draft(more: Record<string, unknown> = {}): Promise<Head> {
  const { createRequest } = await requester.run<{ createRequest: { request: Head } }>(create, {
    input: { typeKey: "maintenance", data: fields, ...more },
  });
  return createRequest.request;
}

const problemsOf = (error: ApiError) => ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);

describe("creating", () => {
  test("returns a numbered draft whose workflow is in its initial state", async () => {
    const request = await draft({ assetId: place.assetId });
    expect(request).toMatchObject({ number: expect.stringMatching(/^MR-\d+$/) as string, state: "draft", version: 1, data: fields });
    expect(request).toMatchObject({ building: { id: place.buildingId }, asset: { id: place.assetId }, createdBy: { id: requester.id } });
  });

  test("numbers requests without gaps, even when many are created at once and some fail", async () => {
    const tenant = await weft.tenant("Numbers");
    await tenant.maintenance();
    const make = (data: object) =>
      tenant.admin.send<{ createRequest: { request: Head } | null }>(create, { input: { typeKey: "maintenance", data } });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => make(at % 3 === 0 ? { estimate: -1 } : fields)));
    const numbers = answers.flatMap(({ data }) => (data?.createRequest ? [data.createRequest.request.number] : []));
    expect(numbers.sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))).toEqual(Array.from({ length: 8 }, (_, at) => `MR-${at + 1}`));
  });

  describe("while another transaction is creating one", () => {
    const rolledBack = new Error("rolled back");
    /** Creates a request in a transaction that stays open. */
    async function open(tenant: TestTenant) {
      const { services } = weft.weft;
      const who = { tenantId: tenant.id, userId: decodeId("user", tenant.admin.id), sessionId: newId() };
      const viewer = await viewerOfUser(services.databases.auth, who);
      if (viewer === null) throw new Error("There is no such user.");
      const { meta } = backgroundContext(services, viewer, { requestId: "open", sessionId: null });
      const numbering = await numberingOf({ services, viewer });
      const [made, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const ended = asTenant(services.databases.app, viewer, "write", async (tx) => {
        const place = { buildingId: null, assetId: null, spaceId: null };
        await createDraft(tx, { viewer, meta }, { typeKey: "maintenance", data: fields, place, numbering });
        made.resolve();
        await ends.promise;
      });
      ended.catch(made.reject);
      await made.promise;
      return {
        commit: () => (ends.resolve(), ended),
        rollBack: async () => {
          ends.reject(rolledBack);
          await expect(ended).rejects.toThrow("rolled back");
        },
      };
    }
    async function numberOfNext(tenant: TestTenant): Promise<string> {
      const input = { typeKey: "maintenance", data: fields };
      return (await tenant.admin.run<{ createRequest: { request: Head } }>(create, { input })).createRequest.request.number;
    }

    test("does not wait for it, and the number of one that is rolled back is assigned next", async () => {
      const tenant = await weft.tenant();
      await tenant.maintenance();
      // The first request of a tenant also makes what all others share, such as its keys.
      expect(await numberOfNext(tenant)).toBe("MR-1");
      const [first, second] = [await open(tenant), await open(tenant)];
      expect([await numberOfNext(tenant), await numberOfNext(tenant)]).toEqual(["MR-4", "MR-5"]);
      await first.rollBack();
      await second.commit();
      expect([await numberOfNext(tenant), await numberOfNext(tenant)]).toEqual(["MR-2", "MR-6"]);
    });

    test("waits for it if the organization wants consecutive numbers", async () => {
      const tenant = await weft.tenant();
      await tenant.maintenance();
      await tenant.admin.run(
        "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
        { input: { patch: { numbers: { assignment: "consecutive" } }, message: "For the auditors" } },
      );
      const { services } = weft.weft;
      await until(async () => (await effectiveConfigOf(services, tenant.id)).numbers.assignment === "consecutive", {
        what: "the setting applies",
      });
      expect(await numberOfNext(tenant)).toBe("MR-1");
      const first = await open(tenant);
      const next = numberOfNext(tenant);
      await until(
        async () => {
          const waiting = await services.databases.app.begin((tx) =>
            tx.execute(sql`select from pg_locks l join pg_database d on d.oid = l.database
              where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`),
          );
          return waiting.length > 0;
        },
        { what: "the second transaction waits" },
      );
      await first.rollBack();
      expect(await next).toBe("MR-2");
    });
  });

  test("reports every field that does not match the schema", async () => {
    const error = await requester.refused(create, { input: { typeKey: "maintenance", data: { summary: "x".repeat(201), estimate: -1 } } });
    expect(error.extensions?.code).toBe("BAD_USER_INPUT");
    expect(problemsOf(error).sort()).toEqual(["input.data.estimate", "input.data.summary"]);
  });

  test("reports the unknown type", async () => {
    const error = await requester.refused(create, { input: { typeKey: "gardening", data: fields } });
    expect(error.message).toBe('input.typeKey: The request type "gardening" does not exist.');
    const slip = await requester.refused(create, { input: { typeKey: "maintenence", data: fields } });
    expect(slip.message).toBe('input.typeKey: The request type "maintenence" does not exist. Did you mean "maintenance"?');
  });

  test("refuses an asset that is not in the building", async () => {
    const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(
      'mutation { createBuilding(input: { code: "ANNEX", name: "Annex" }) { building { id } } }',
    );
    const error = await requester.refused(create, {
      input: { typeKey: "maintenance", data: fields, buildingId: createBuilding.building.id, assetId: place.assetId },
    });
    expect(problemsOf(error)).toEqual(["input.assetId"]);
  });

  test("returns the first request for a repeated key, and CONFLICT for another input", async () => {
    const first = await draft({ idempotencyKey: "lift-1" });
    const second = await draft({ idempotencyKey: "lift-1" });
    expect(second.id).toBe(first.id);
    expect(
      await requester.refusal(create, { input: { typeKey: "maintenance", data: { ...fields, estimate: 1 }, idempotencyKey: "lift-1" } }),
    ).toBe("CONFLICT");
  });
});

describe("transitions", () => {
  test("submits a draft, which is in the list of its new state at once", async () => {
    const { id, version } = await draft();
    const { submitRequest } = await requester.run<{ submitRequest: { request: Head } }>(submit, {
      input: { id, expectedVersion: version },
    });
    expect(submitRequest.request).toMatchObject({ state: "triage", version: 2 });
    const { requests } = await olga.run<{ requests: { edges: { node: { id: string } }[] } }>(
      'query { requests(first: 100, filter: { state: { eq: "triage" } }) { edges { node { id } } } }',
    );
    expect(requests.edges.map(({ node }) => node.id)).toContain(id);
  });

  test("returns the current version and state if the expected version is outdated", async () => {
    const { id } = await draft();
    await requester.run(submit, { input: { id } });
    const error = await requester.refused(submit, { input: { id, expectedVersion: 1 } });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2, currentState: "triage" });
  });

  test("does not submit twice", async () => {
    const { id } = await draft();
    await requester.run(submit, { input: { id } });
    expect(await requester.refusal(submit, { input: { id } })).toBe("TRANSITION_REJECTED");
  });

  test("cancels a draft", async () => {
    const { id } = await draft();
    const { cancelRequest } = await requester.run<{ cancelRequest: { request: Head } }>(cancel, { input: { id, comment: "Fixed itself" } });
    expect(cancelRequest.request.state).toBe("cancelled");
  });
});

describe("closing and reopening", () => {
  const close = `mutation ($input: CloseRequestInput!) { closeRequest(input: $input) { request { ${head} } } }`;
  const reopen = `mutation ($input: ReopenRequestInput!) { reopenRequest(input: $input) { request { ${head} } } }`;
  let maintenance: MaintenanceTenant;
  beforeAll(async () => {
    maintenance = await aMaintenanceTenant(weft);
  });

  test("closes a completed request as its owner", async () => {
    const { id } = await maintenance.request("done");
    const { closeRequest } = await maintenance.requester.run<{ closeRequest: { request: Head } }>(close, { input: { id } });
    expect(closeRequest.request.state).toBe("closed");
  });

  test("reopens it with the comment that the definition requires, and adds the comment to the history", async () => {
    const { id } = await maintenance.request("done");
    const missing = await maintenance.requester.refused(reopen, { input: { id } });
    expect(missing.extensions?.code).toBe("BAD_USER_INPUT");
    expect(problemsOf(missing)).toEqual(["input.comment"]);
    const { reopenRequest } = await maintenance.requester.run<{ reopenRequest: { request: Head } }>(reopen, {
      input: { id, comment: "It is cold again" },
    });
    expect(reopenRequest.request.state).toBe("in_progress");
    const { request } = await maintenance.requester.run<{ request: { workflow: { history: { transition: string; comment: string }[] } } }>(
      "query ($id: ID!) { request(id: $id) { workflow { history { transition comment } } } }",
      { id },
    );
    expect(request.workflow.history.at(-1)).toEqual({ transition: "reopen", comment: "It is cold again" });
  });

  test("is refused with the reason while the request isn't done", async () => {
    const early = await maintenance.request("triage");
    expect(await maintenance.requester.refusal(close, { input: { id: early.id } })).toBe("TRANSITION_REJECTED");
  });

  test("reopens a closed request for two weeks, in which it counts as ended", { tags: "slow" }, async () => {
    const sandbox = await aMaintenanceTenant(weft);
    const ended = async (id: string) => {
      const { request, open } = await sandbox.requester.run<{
        request: { state: string; status: string; closedAt: string | null };
        open: { edges: { node: { id: string } }[] };
      }>(
        "query ($id: ID!) { request(id: $id) { state status closedAt } open: requests(first: 50, filter: { closedAt: { isNull: true } }) { edges { node { id } } } }",
        { id },
      );
      expect(open.edges.some(({ node }) => node.id === id)).toBe(request.closedAt === null);
      return { ...request, closedAt: request.closedAt !== null };
    };
    const { id } = await sandbox.request("closed");
    expect(await ended(id)).toEqual({ state: "closed", status: "RUNNING", closedAt: true });
    await advanceClock(weft, sandbox.tenant, { hours: 13 * 24 });
    await sandbox.operations.run(reopen, { input: { id, comment: "It is cold again" } });
    expect(await ended(id)).toEqual({ state: "in_progress", status: "RUNNING", closedAt: false });
    const over = await sandbox.request("closed");
    await advanceClock(weft, sandbox.tenant, { hours: 15 * 24 });
    await weft.weft.worker.idle();
    expect(await ended(over.id)).toEqual({ state: "completed", status: "COMPLETED", closedAt: true });
    expect(await sandbox.requester.refusal(reopen, { input: { id: over.id, comment: "No" } })).toBe("TRANSITION_REJECTED");
  });

  test("the owner withdraws a request until work begins, and operations cancel it later with a reason", async () => {
    for (const state of ["triage", "assigned"] as const) {
      const { id } = await maintenance.request(state);
      const { cancelRequest } = await maintenance.requester.run<{ cancelRequest: { request: Head } }>(cancel, { input: { id } });
      expect(cancelRequest.request.state).toBe("cancelled");
    }
    const { id } = await maintenance.request("in_progress");
    expect(await maintenance.requester.refusal(cancel, { input: { id, comment: "Never mind" } })).toBe("TRANSITION_REJECTED");
    expect(problemsOf(await maintenance.operations.refused(cancel, { input: { id } }))).toEqual(["input.comment"]);
    const { cancelRequest } = await maintenance.operations.run<{ cancelRequest: { request: Head } }>(cancel, {
      input: { id, comment: "The building was sold" },
    });
    expect(cancelRequest.request.state).toBe("cancelled");
  });

  test("is allowed for the users that the definition permits", async () => {
    const { id } = await maintenance.request("done");
    const error = await maintenance.operations.refused(close, { input: { id } });
    expect(error.extensions).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "owner" }] });
  });

  test("names the type if it has no transition for it", async () => {
    const tenant = await weft.tenant("Without an end");
    await tenant.maintenance();
    const input = {
      key: "endless",
      name: "Endless",
      definitionKey: "maintenance-request",
      numberPrefix: "EN",
      fields: [],
      closeTransition: null,
    };
    const { createRequestType } = await tenant.admin.run<{ createRequestType: { requestType: Record<string, string | null> } }>(
      "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { closeTransition reopenTransition } } }",
      { input },
    );
    expect(createRequestType.requestType).toEqual({ closeTransition: null, reopenTransition: "reopen" });
    const { createRequest } = await tenant.admin.run<{ createRequest: { request: Head } }>(create, {
      input: { typeKey: "endless", data: fields },
    });
    const error = await tenant.admin.refused(close, { input: { id: createRequest.request.id } });
    expect(error).toMatchObject({
      message: 'Requests of the type "endless" have no transition for closing. Fire one of the workflow\'s own transitions instead.',
      extensions: { code: "TRANSITION_REJECTED" },
    });
  });

  test("a request of another tenant isn't found", async () => {
    const { id } = await maintenance.request("done");
    expect(await requester.refusal(close, { input: { id } })).toBe("NOT_FOUND");
    expect(await requester.refusal(reopen, { input: { id, comment: "Mine" } })).toBe("NOT_FOUND");
  });
});

describe("changing", () => {
  test("sets the given fields and keeps the others", async () => {
    const { id } = await draft();
    const { updateRequest } = await requester.run<{ updateRequest: { request: Head } }>(update, {
      input: { id, data: { estimate: 250 }, assetId: place.assetId },
    });
    expect(updateRequest.request).toMatchObject({
      data: { summary: fields.summary, estimate: 250 },
      version: 2,
      asset: { id: place.assetId },
      building: { id: place.buildingId },
    });
  });

  test("refuses the second of two users who change the same version with CONFLICT", async () => {
    const { id } = await draft();
    await requester.run(update, { input: { id, expectedVersion: 1, data: { estimate: 1 } } });
    expect(await olga.refusal(update, { input: { id, expectedVersion: 1, data: { estimate: 2 } } })).toBe("CONFLICT");
  });

  test("is allowed for the owner only before submission: users cannot alter what others decide on", async () => {
    const { id } = await draft();
    await requester.run(submit, { input: { id } });
    for (const input of [
      { id, data: { estimate: 1_000_000 } },
      { id, assetId: place.assetId },
    ]) {
      expect(await requester.refusal(update, { input })).toBe("TRANSITION_REJECTED");
    }
    await olga.run(update, { input: { id, data: { estimate: 6_000 } } });
    expect((await requester.run<{ request: Head }>(read, { id })).request.data).toMatchObject({ estimate: 6_000 });
  });

  test("revokes a vendor's access to a location that the request has left", async () => {
    const { id: vendorId, user } = await acme.vendor();
    const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(
      'mutation { createBuilding(input: { code: "NEXT", name: "Next door" }) { building { id } } }',
    );
    const { id } = await draft({ assetId: place.assetId });
    await olga.run(assign, { input: { id, assignee: { vendorId } } });
    await olga.run(update, { input: { id, assetId: null, buildingId: createBuilding.building.id } });
    expect(await user.run("query { buildings { edges { node { id } } } assets { edges { node { id } } } }")).toEqual({
      buildings: { edges: [{ node: { id: createBuilding.building.id } }] },
      assets: { edges: [] },
    });
  });

  test("lists what can be given when nothing is", async () => {
    const { id } = await draft();
    expect((await requester.refused(update, { input: { id } })).message).toContain("data, buildingId, assetId");
  });
});

describe("assigning", () => {
  test("shows a vendor's users the request with its location, and revokes both again", async () => {
    const { id: vendorId, user } = await acme.vendor();
    const { id } = await draft({ assetId: place.assetId });
    const assets = "query { assets { edges { node { id } } } }";
    expect(await user.refusal(read, { id })).toBe("NOT_FOUND");
    await olga.run(assign, { input: { id, assignee: { vendorId } } });
    expect((await user.run<{ request: Head }>(read, { id })).request.id).toBe(id);
    expect(await user.run(assets)).toEqual({ assets: { edges: [{ node: { id: place.assetId } }] } });
    expect(await user.run("query ($id: ID!) { request(id: $id) { workflow { history { changes } } } }", { id })).toMatchObject({
      request: { workflow: { history: [{}, { changes: { assignee: { type: "VENDOR", id: vendorId } } }] } },
    });
    await olga.run(assign, { input: { id, assignee: null } });
    expect(await user.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await user.run(assets)).toEqual({ assets: { edges: [] } });
  });

  test("shows its reason in the history to users who work on the request, not to the requester or the vendor", async () => {
    const { id: vendorId, user } = await acme.vendor();
    const { id } = await draft();
    await olga.run(assign, { input: { id, assignee: { vendorId }, reason: "The others were too slow." } });
    const history = "query ($id: ID!) { request(id: $id) { workflow { version history { kind audience comment version } } } }";
    const assigned = { kind: "ASSIGNMENT", audience: "PUBLIC", comment: null, version: 2 };
    const reason = { kind: "COMMENT", audience: "INTERNAL", comment: "The others were too slow.", version: 2 };
    const seenBy = async (who: TestUser) =>
      (await who.run<{ request: { workflow: { version: number; history: object[] } } }>(history, { id })).request.workflow;
    expect(await seenBy(olga)).toMatchObject({ version: 2, history: [{ kind: "START" }, assigned, reason] });
    for (const who of [requester, user]) expect((await seenBy(who)).history).toMatchObject([{ kind: "START" }, assigned]);
    for (const wrong of [" ", "x".repeat(10_001)]) {
      const error = await olga.refused(assign, { input: { id, assignee: { vendorId }, reason: wrong } });
      expect(problemsOf(error)).toEqual(["input.reason"]);
    }
  });

  test("leaves a vendor the building of another of its requests", async () => {
    const { id: vendorId, user } = await acme.vendor();
    const [one, other] = [await draft({ buildingId: place.buildingId }), await draft({ buildingId: place.buildingId })];
    for (const { id } of [one, other]) await olga.run(assign, { input: { id, assignee: { vendorId } } });
    await olga.run(assign, { input: { id: one.id, assignee: null } });
    expect(await user.run("query { buildings { edges { node { id } } } }")).toEqual({
      buildings: { edges: [{ node: { id: place.buildingId } }] },
    });
  });

  test("keeps a building visible to a vendor when one request for it arrives while another leaves", { tags: "slow" }, async () => {
    const { id: vendorId, user } = await acme.vendor();
    for (let round = 0; round < 10; round++) {
      const [goes, comes] = [await draft({ buildingId: place.buildingId }), await draft({ buildingId: place.buildingId })];
      await olga.run(assign, { input: { id: goes.id, assignee: { vendorId } } });
      await Promise.all([
        olga.run(assign, { input: { id: goes.id, assignee: null } }),
        olga.run(assign, { input: { id: comes.id, assignee: { vendorId } } }),
      ]);
      expect(await user.run("query { buildings { edges { node { id } } } }")).toEqual({
        buildings: { edges: [{ node: { id: place.buildingId } }] },
      });
      await olga.run(assign, { input: { id: comes.id, assignee: null } });
    }
  });

  test("accepts exactly one of user, team and vendor", async () => {
    const { id } = await draft();
    const error = await olga.refused(assign, { input: { id, assignee: {} } });
    expect(problemsOf(error)).toEqual(["input.assignee"]);
  });

  test("refuses a vendor's user: work is assigned to the vendor", async () => {
    const { user } = await acme.vendor();
    const { id } = await draft();
    const error = await olga.refused(assign, { input: { id, assignee: { userId: user.id } } });
    expect(error.extensions?.code).toBe("BAD_USER_INPUT");
  });

  test("is not allowed for users who only create requests", async () => {
    const { id } = await draft();
    expect(await requester.refusal(assign, { input: { id, assignee: { userId: requester.id } } })).toBe("FORBIDDEN");
  });
});

describe("another tenant and other users", () => {
  test("cannot find a request that is not theirs, with the same error as for one that never existed", async () => {
    const { id } = await draft();
    const globex = await weft.tenant("Globex");
    const other = await acme.user("requester");
    for (const stranger of [globex.admin, other]) {
      const foreign = await stranger.refused(read, { id });
      expect(foreign.extensions?.code).toBe("NOT_FOUND");
      const never = await stranger.refused(read, { id: "req_01m7w1jsshe009cvkm82qdg2gf" });
      expect(foreign.message.replace(id, "")).toBe(never.message.replace("req_01m7w1jsshe009cvkm82qdg2gf", ""));
      expect(await stranger.refusal(submit, { input: { id } })).toBe("NOT_FOUND");
    }
  });

  test("cannot move their request into a building of Acme", async () => {
    const globex = await weft.tenant("Globex");
    await globex.maintenance();
    const error = await globex.admin.refused(create, { input: { typeKey: "maintenance", data: fields, buildingId: place.buildingId } });
    expect(error.extensions?.code).toBe("BAD_USER_INPUT");
  });
});

describe("lists below a building", () => {
  test("take the same number of statements for one building and for many", { tags: "slow" }, async () => {
    const tenant = await weft.tenant("Many");
    await tenant.maintenance();
    const list =
      "query { buildings(first: 100) { edges { node { id assets(first: 2) { edges { node { tag } } } requests(first: 2) { edges { node { number type { key } } } } } } } }";
    const count = () => weft.statementCount(() => tenant.admin.run(list));
    const few = await count();
    for (let at = 0; at < 5; at++) {
      const { createBuilding } = await tenant.admin.run<{ createBuilding: { building: { id: string } } }>(
        `mutation { createBuilding(input: { code: "B${at}", name: "B" }) { building { id } } }`,
      );
      await tenant.admin.run(create, { input: { typeKey: "maintenance", data: fields, buildingId: createBuilding.building.id } });
    }
    expect(await count()).toBe(few + 1); // the request types, which are not queried without a request
  });

  test("continue after a cursor", async () => {
    const page = `query ($id: ID!, $after: String) { building(id: $id) { requests(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } totalCount } } }`;
    interface Page {
      building: {
        requests: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number };
      };
    }
    const tenant = await weft.tenant("Pages");
    const { buildingId } = await tenant.maintenance();
    for (let at = 0; at < 3; at++) await tenant.admin.run(create, { input: { typeKey: "maintenance", data: fields, buildingId } });
    const { building: first } = await tenant.admin.run<Page>(page, { id: buildingId });
    const { building: second } = await tenant.admin.run<Page>(page, { id: buildingId, after: first.requests.pageInfo.endCursor });
    expect([first.requests.pageInfo.hasNextPage, second.requests.pageInfo.hasNextPage, first.requests.totalCount]).toEqual([
      true,
      false,
      3,
    ]);
    expect(new Set([...first.requests.edges, ...second.requests.edges].map(({ node }) => node.id)).size).toBe(3);
  });
});
