import { decodeId, encodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { startTestWeft, userWithKey, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastShareUses } from "./uses/past-uses.js";

let weft: TestWeft;
let sql: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It configures a plan of the platform." });
  sql = postgres(weft.database.ownerUrl, { max: 3, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await weft.stop();
});

const fields = `id side mode status partnerSlug partnerName definitionKey definitionName maxStartsPerHour maxOpenRuns expiresAt version
  offeredBy { id } answeredBy { id } revokedBy { id } interface { isUsable inputs }`;
const offer = `mutation ($input: OfferDefinitionShareInput!) { offerDefinitionShare(input: $input) { share { ${fields} } } }`;
const change = (name: "accept" | "decline" | "revoke") =>
  `mutation ($id: ID!, $version: Int) { ${name}DefinitionShare(input: { id: $id, expectedVersion: $version }) { share { ${fields} } } }`;
const read = `query ($id: ID!) { definitionShare(id: $id) { ${fields} } }`;
const start = `mutation ($input: StartSharedWorkflowInput!) { startSharedWorkflow(input: $input) { start { id shareId ownerName startedBy { id } } } }`;
const readStart = "query ($id: ID!) { sharedStart(id: $id) { id result { status outputs finishedAt } } }";
const copy = `mutation ($input: CopySharedDefinitionInput!) { copySharedDefinition(input: $input) {
  definition { id key name number status source origin { ownerName shareId number } } } }`;

interface Share {
  readonly id: string;
  readonly status: string;
  readonly partnerSlug: string;
  readonly version: number;
  readonly interface: { readonly isUsable: boolean; readonly inputs: unknown } | null;
}

const greeting = `weft: 1
kind: automation
key: greeting
name: Greeting
inputs: { name: { type: string, required: true } }
steps: [{ id: greet, type: set, with: { values: { text: "Hello {{ inputs.name }}" } } }]
outputs: { text: "{{ steps.greet.outputs.text }}" }
`;

/** Waits for an hour. */
const resting = `weft: 1
kind: automation
key: greeting
name: Resting
inputs: { name: { type: string } }
steps: [{ id: rest, type: wait, with: { for: 1h } }]
`;

const update = `mutation ($input: UpdateDefinitionShareInput!) { updateDefinitionShare(input: $input) { share { ${fields} } } }`;
const revokeAll = `mutation ($id: ID!, $key: String) { revokeDefinitionShare(input: { id: $id, cancelOpenRuns: true, idempotencyKey: $key }) {
  share { status } operation { id total } } }`;
const runsOf = `query ($id: ID!) { runs(filter: { shareId: { eq: $id } }) { totalCount edges { node { id status } } } }`;

type Pair = { readonly owner: TestTenant; readonly recipient: TestTenant };

/** Two tenants, the first of which has an automation. */
async function aPair(source = greeting): Promise<Pair> {
  const [owner, recipient] = [await weft.tenant(), await weft.tenant()];
  await owner.definition(source);
  return { owner, recipient };
}

async function offered({ owner, recipient }: Pair, more: object = {}): Promise<Share> {
  const input = { definitionKey: "greeting", recipient: recipient.slug, mode: "START", ...more };
  return (await owner.admin.run<{ offerDefinitionShare: { share: Share } }>(offer, { input })).offerDefinitionShare.share;
}

const accept = (who: TestUser, id: string): Promise<unknown> => who.run(change("accept"), { id });

/** A share that can be used. Returns its ID. */
async function shared(pair: Pair, more: object = {}): Promise<string> {
  const { id } = await offered(pair, more);
  await accept(pair.recipient.admin, id);
  return id;
}

const shareOf = async (who: TestUser, id: string): Promise<Share> =>
  (await who.run<{ definitionShare: Share }>(read, { id })).definitionShare;

const startInput = (shareId: string, more: object = {}) => ({ input: { shareId, data: { name: "Ada" }, ...more } });

async function started(who: TestUser, shareId: string, more: object = {}): Promise<string> {
  const { startSharedWorkflow } = await who.run<{ startSharedWorkflow: { start: { id: string } } }>(start, startInput(shareId, more));
  return startSharedWorkflow.start.id;
}

async function resultOf(who: TestUser, id: string): Promise<unknown> {
  return (await who.run<{ sharedStart: { result: unknown } }>(readStart, { id })).sharedStart.result;
}

const instancesOf = async ({ admin }: TestTenant): Promise<{ id: string; startedByTenant: string | null; owner: { id: string } }[]> => {
  const query = "{ workflowInstances { edges { node { id startedByTenant owner { id } } } } }";
  const { workflowInstances } = await admin.run<{ workflowInstances: { edges: { node: never }[] } }>(query);
  return workflowInstances.edges.map(({ node }) => node);
};

/** Lets the time of a share end, in both tenants. */
const expire = (id: string): Promise<unknown> =>
  sql`update workflows.definition_shares set expires_at = clock_timestamp() where id = ${decodeId("definitionShare", id)}`;

const recorded = (tenant: TestTenant, id: string): Promise<{ action: string; type: string | null; text: string }[]> =>
  sql<{ action: string; type: string | null; text: string }[]>`
    select action, null as type, coalesce(before::text, '') || coalesce(after::text, '') || actor_id as text from audit.entries
     where tenant_id = ${tenant.id} and entity_id = ${decodeId("definitionShare", id)}
    union all
    select type, type, payload::text || actor_id from events.log where tenant_id = ${tenant.id} and subject_id = ${decodeId("definitionShare", id)}`;

const isReceived = async ({ recipient }: Pair, { id }: Share): Promise<boolean> =>
  (await sql`select from workflows.definition_shares where tenant_id = ${recipient.id} and id = ${decodeId("definitionShare", id)}`)
    .length > 0;

/** Takes a permission away from the administrator of a tenant. */
const deny = ({ id, admin }: TestTenant, permission: string): Promise<unknown> =>
  sql.begin(async (tx) => {
    const userId = decodeId("user", admin.id);
    await tx`insert into identity.user_permissions (tenant_id, user_id, permission, scope, effect) values (${id}, ${userId}, ${permission}, 'TENANT', 'DENY')`;
    await tx`update identity.users set rights_version = rights_version + 1 where tenant_id = ${id} and id = ${userId}`;
  });

describe("an offer", () => {
  test("shows each tenant what it needs to know, and nothing else", async () => {
    const pair = await aPair();
    const { owner, recipient } = pair;
    const given = await offered(pair);
    expect(given).toMatchObject({
      side: "OWNER",
      status: "OFFERED",
      partnerSlug: recipient.slug,
      partnerName: null,
      maxStartsPerHour: 60,
      maxOpenRuns: 100,
    });
    const received = await shareOf(recipient.admin, given.id);
    expect(received).toMatchObject({
      side: "RECIPIENT",
      status: "OFFERED",
      partnerSlug: owner.slug,
      partnerName: owner.name,
      offeredBy: null,
    });
    expect(received.interface).toBeNull();
    await accept(recipient.admin, given.id);
    expect(await shareOf(owner.admin, given.id)).toMatchObject({ status: "ACCEPTED", partnerName: recipient.name, answeredBy: null });
    expect(await shareOf(recipient.admin, given.id)).toMatchObject({
      status: "ACCEPTED",
      answeredBy: { id: recipient.admin.id },
      interface: { isUsable: true, inputs: { name: { type: "string", required: true } } },
    });
  });

  test("is answered and stored alike for a tenant that does not exist, with the same statements", { tags: "slow" }, async () => {
    const pair = await aPair();
    const unknown = { ...pair, recipient: { slug: "no-such-tenant" } as TestTenant };
    const shape = (share: Share) => ({ ...share, id: "", partnerSlug: "", expiresAt: "" });
    const offerTo = async (to: Pair) => {
      let answer: Share | undefined;
      const statements = await weft.statements(async () => {
        answer = await offered(to);
      });
      if (answer === undefined) throw new Error("Nothing was offered.");
      const { id } = answer;
      const revoking = await weft.statements(() => pair.owner.admin.run(change("revoke"), { id }));
      return { answer, counts: [statements.length, revoking.length], rows: await recorded(pair.owner, id) };
    };
    const [toKnown, toUnknown] = [await offerTo(pair), await offerTo(unknown)];
    expect(shape(toUnknown.answer)).toEqual(shape(toKnown.answer));
    expect(toUnknown.counts).toEqual(toKnown.counts);
    expect(toUnknown.rows.map(({ action }) => action)).toEqual(toKnown.rows.map(({ action }) => action));
    expect(JSON.stringify(toKnown.rows)).not.toContain(pair.recipient.id);
    // Nothing is left in a tenant that does not exist.
    const id = decodeId("definitionShare", toUnknown.answer.id);
    expect(await sql`select from workflows.definition_shares where id = ${id}`).toHaveLength(1);
    expect(await sql`select from audit.entries where entity_id = ${id}`).toHaveLength(2);
    expect(await sql`select from events.log where subject_id = ${id}`).toHaveLength(2);
  });

  test("to a suspended tenant reaches nobody", async () => {
    const pair = await aPair();
    await sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${pair.recipient.id}`;
    const { id, status } = await offered(pair);
    expect(status).toBe("OFFERED");
    expect(await sql`select from workflows.definition_shares where id = ${decodeId("definitionShare", id)}`).toHaveLength(1);
  });

  test("is refused for what is not published, no automation, one's own tenant, a past time, and twice", async () => {
    const pair = await aPair();
    const { owner, recipient } = pair;
    await owner.maintenance();
    const refused = async (more: object) => {
      const input = { definitionKey: "greeting", recipient: recipient.slug, mode: "START", ...more };
      const { extensions } = await owner.admin.refused(offer, { input });
      return [extensions?.code, (extensions as { problems?: { path: string }[] } | undefined)?.problems?.map(({ path }) => path)];
    };
    expect(await refused({ definitionKey: "missing" })).toEqual(["BAD_USER_INPUT", ["input.definitionKey"]]);
    expect(await refused({ definitionKey: "maintenance-request" })).toEqual(["BAD_USER_INPUT", ["input.definitionKey"]]);
    expect(await refused({ recipient: owner.slug })).toEqual(["BAD_USER_INPUT", ["input.recipient"]]);
    expect(await refused({ recipient: "Not a slug" })).toEqual(["BAD_USER_INPUT", ["input.recipient"]]);
    expect(await refused({ expiresAt: "2020-01-01T00:00:00Z" })).toEqual(["BAD_USER_INPUT", ["input.expiresAt"]]);
    expect(await refused({ expiresAt: "2099-01-01T00:00:00Z" })).toEqual(["BAD_USER_INPUT", ["input.expiresAt"]]);
    expect(await refused({ maxStartsPerHour: 0 })).toEqual(["BAD_USER_INPUT", ["input.maxStartsPerHour"]]);
    expect(await refused({ mode: "COPY", maxStartsPerHour: 5 })).toEqual(["BAD_USER_INPUT", ["input.maxStartsPerHour"]]);
    expect(await refused({ maxOpenRuns: 1001 })).toEqual(["BAD_USER_INPUT", ["input.maxOpenRuns"]]);
    await offered(pair);
    expect(await refused({})).toEqual(["BAD_USER_INPUT", ["input.recipient"]]);
  });

  test("is limited to a hundred within an hour, also of those that were withdrawn", async () => {
    const pair = await aPair();
    const { id, status } = await offered(pair);
    expect(status).toBe("OFFERED");
    await sql`insert into workflows.definition_shares (tenant_id, id, side, partner_slug, definition_key, definition_name, mode, status, expires_at, sponsor_id)
      select tenant_id, gen_random_uuid(), side, 'other', definition_key, definition_name, mode, 'REVOKED', expires_at, sponsor_id
        from workflows.definition_shares, generate_series(1, 99) where tenant_id = ${pair.owner.id} and id = ${decodeId("definitionShare", id)}`;
    const input = { definitionKey: "greeting", recipient: "one-more", mode: "COPY" };
    expect(await pair.owner.admin.refusal(offer, { input })).toBe("RATE_LIMITED");
  });

  test("can be made again after it has expired", async () => {
    const pair = await aPair();
    const { id } = await offered(pair);
    await expire(id);
    expect((await shareOf(pair.owner.admin, id)).status).toBe("EXPIRED");
    expect(await pair.recipient.admin.refusal(change("accept"), { id })).toBe("CONFLICT");
    expect((await offered(pair)).status).toBe("OFFERED");
  });

  test("can be accepted only by the recipient, and only once", async () => {
    const pair = await aPair();
    const { id, version } = await offered(pair);
    expect(await pair.owner.admin.refusal(change("accept"), { id })).toBe("FORBIDDEN");
    expect(await pair.recipient.admin.refusal(change("accept"), { id, version: version + 1 })).toBe("CONFLICT");
    await pair.recipient.admin.run(change("accept"), { id, version });
    expect(await pair.recipient.admin.refusal(change("accept"), { id })).toBe("CONFLICT");
    expect(await pair.recipient.admin.refusal(change("decline"), { id })).toBe("CONFLICT");
  });

  test("that was declined cannot be used, and can be made again", async () => {
    const pair = await aPair();
    const { id } = await offered(pair);
    await pair.recipient.admin.run(change("decline"), { id });
    expect((await shareOf(pair.owner.admin, id)).status).toBe("DECLINED");
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("CONFLICT");
    await sql`update workflows.definition_shares set answered_at = clock_timestamp() - interval '8 days' where id = ${decodeId("definitionShare", id)}`;
    expect(await isReceived(pair, await offered(pair))).toBe(true);
  });

  test("that was declined is not delivered again within a week, which its owner cannot see", { tags: "slow" }, async () => {
    const pair = await aPair();
    const first = await offered(pair);
    await pair.recipient.admin.run(change("decline"), { id: first.id });
    const again = await offered(pair);
    expect({ ...again, id: "", expiresAt: "" }).toEqual({ ...first, id: "", expiresAt: "" });
    expect(await isReceived(pair, again)).toBe(false);
    const statements = async (run: () => Promise<unknown>) => (await weft.statements(run)).length;
    const undelivered = await statements(() => pair.owner.admin.run(change("revoke"), { id: again.id }));
    let other = first;
    const offering = await statements(async () => {
      other = await offered(pair, { mode: "COPY" });
    });
    expect(await isReceived(pair, other)).toBe(true);
    expect(await statements(() => pair.owner.admin.run(change("revoke"), { id: other.id }))).toBe(undelivered);
    expect(await statements(() => offered(pair))).toBe(offering);
  });

  test("is not delivered to a tenant that has received too many, from one tenant or from all", async () => {
    for (const [count, partner] of [
      [50, "same"],
      [500, "others"],
    ] as const) {
      const pair = await aPair();
      await sql`insert into workflows.definition_shares (tenant_id, id, side, partner_id, partner_slug, definition_key, definition_name, mode, expires_at, sponsor_id)
        select ${pair.recipient.id}, gen_random_uuid(), 'RECIPIENT', case ${partner} when 'same' then ${pair.owner.id}::uuid else gen_random_uuid() end, 'any', 'any', 'Any',
               'COPY', clock_timestamp() + interval '1 day', gen_random_uuid() from generate_series(2, ${count})`;
      expect(await isReceived(pair, await offered(pair))).toBe(true);
      expect(await isReceived(pair, await offered(pair, { mode: "COPY" }))).toBe(false);
    }
  });
});

describe("a shared automation", () => {
  test("runs in the owner's tenant, and the recipient sees its status and outputs", async () => {
    const pair = await aPair();
    const { owner, recipient } = pair;
    const shareId = await shared(pair);
    const { startSharedWorkflow } = await recipient.admin.run<{ startSharedWorkflow: { start: { id: string } } }>(
      start,
      startInput(shareId),
    );
    expect(startSharedWorkflow.start).toMatchObject({ shareId, ownerName: owner.name, startedBy: { id: recipient.admin.id } });
    await weft.weft.worker.idle();
    expect(await resultOf(recipient.admin, startSharedWorkflow.start.id)).toMatchObject({
      status: "SUCCEEDED",
      outputs: { text: "Hello Ada" },
    });
    const [instance] = await instancesOf(owner);
    expect(instance).toMatchObject({ startedByTenant: recipient.name, owner: { id: owner.admin.id } });
    expect(await instancesOf(recipient)).toEqual([]);
    const list = `query ($id: ID!) { sharedStarts(filter: { shareId: { eq: $id } }) { edges { node { id } } } }`;
    expect(await recipient.admin.run(list, { id: shareId })).toEqual({
      sharedStarts: { edges: [{ node: { id: startSharedWorkflow.start.id } }] },
    });
  });

  test("is recorded in both tenants, without users and IDs of the other one", async () => {
    const pair = await aPair();
    const { owner, recipient } = pair;
    const id = await shared(pair);
    await started(recipient.admin, id);
    await recipient.admin.run(change("revoke"), { id });
    const actions = ["offer", "accept", "use", "revoke"].map((name) => `definitionShare.${name}`);
    const types = ["offered", "accepted", "used", "revoked"].map((name) => `definitionShare.${name}`);
    const foreign = {
      [owner.id]: [recipient.id, decodeId("user", recipient.admin.id)],
      [recipient.id]: [owner.id, decodeId("user", owner.admin.id)],
    };
    for (const tenant of [owner, recipient]) {
      const rows = await recorded(tenant, id);
      expect(rows.map(({ action }) => action).sort()).toEqual([...actions, ...types].sort());
      for (const one of foreign[tenant.id] ?? []) expect(JSON.stringify(rows)).not.toContain(one);
    }
  });

  test("is recorded in the other tenant without the address and the program of whoever made it", async () => {
    const pair = await aPair();
    const id = decodeId("definitionShare", (await offered(pair)).id);
    const originIn = ({ id: tenantId }: TestTenant): Promise<object[]> => sql<object[]>`
      select left(address, 4) as address, left(user_agent, 4) as agent, client_name from audit.entries
       where tenant_id = ${tenantId} and entity_id = ${id} and action = 'definitionShare.offer'`;
    expect(await originIn(pair.owner)).toEqual([{ address: "enc:", agent: "enc:", client_name: null }]);
    expect(await originIn(pair.recipient)).toEqual([{ address: null, agent: null, client_name: null }]);
  });

  test("starts once per idempotency key", async () => {
    const pair = await aPair();
    const shareId = await shared(pair);
    const ids = [];
    for (let times = 0; times < 2; times++) ids.push(await started(pair.recipient.admin, shareId, { idempotencyKey: "k" }));
    expect(ids[0]).toBe(ids[1]);
    expect(await instancesOf(pair.owner)).toHaveLength(1);
    const other = startInput(shareId, { idempotencyKey: "k", data: { name: "Bo" } });
    expect(await pair.recipient.admin.refusal(start, other)).toBe("CONFLICT");
  });

  test("names the problems of the inputs", async () => {
    const pair = await aPair();
    const shareId = await shared(pair);
    const { extensions } = await pair.recipient.admin.refused(start, startInput(shareId, { data: {} }));
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.name" }] });
  });

  test("can be started neither before the offer is accepted, nor from its expiry on, nor by a third tenant", async () => {
    const pair = await aPair();
    const { id } = await offered(pair);
    const third = await weft.tenant();
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("CONFLICT");
    await accept(pair.recipient.admin, id);
    for (const [query, variables] of [
      [start, startInput(id)],
      [read, { id }],
      [change("revoke"), { id }],
      [change("accept"), { id }],
    ] as const)
      expect(await third.admin.refusal(query, variables)).toBe("NOT_FOUND");
    expect(await pair.owner.admin.refusal(start, startInput(id))).toBe("FORBIDDEN");
    const before = await started(pair.recipient.admin, id);
    await expire(id);
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("CONFLICT");
    await weft.weft.worker.idle();
    expect(await resultOf(pair.recipient.admin, before)).toMatchObject({ status: "SUCCEEDED" });
  });

  test(
    "cannot be started from its revocation on by either tenant, shows no results any more, and continues in the owner's tenant",
    { tags: "slow" },
    async () => {
      for (const side of ["owner", "recipient"] as const) {
        const pair = await aPair();
        const id = await shared(pair);
        const use = await started(pair.recipient.admin, id);
        expect(await resultOf(pair.recipient.admin, use)).not.toBeNull();
        await pair[side].admin.run(change("revoke"), { id });
        expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("CONFLICT");
        expect(await resultOf(pair.recipient.admin, use)).toBeNull();
        expect((await shareOf(pair[side === "owner" ? "recipient" : "owner"].admin, id)).status).toBe("REVOKED");
        await weft.weft.worker.idle();
        expect(await instancesOf(pair.owner)).toHaveLength(1);
      }
    },
  );

  test("can also be revoked after its expiry, by either tenant, which hides its results", async () => {
    for (const side of ["owner", "recipient"] as const) {
      const pair = await aPair();
      const id = await shared(pair);
      const use = await started(pair.recipient.admin, id);
      await expire(id);
      expect(await resultOf(pair.recipient.admin, use)).not.toBeNull();
      await pair[side].admin.run(change("revoke"), { id });
      expect(await resultOf(pair.recipient.admin, use)).toBeNull();
      expect(await pair.owner.admin.refusal(change("revoke"), { id })).toBe("CONFLICT");
    }
    const unanswered = await aPair();
    const { id } = await offered(unanswered);
    await expire(id);
    expect(await unanswered.owner.admin.refusal(change("revoke"), { id })).toBe("CONFLICT");
  });

  test("cannot be used any more once the user who offered it has lost the rights for the offer", async () => {
    for (const [permission, ofCopy] of [
      ["definition.read", "CONFLICT"],
      ["workflow.start", undefined],
    ] as const) {
      const pair = await aPair();
      const [toStart, toCopy] = [await shared(pair), await shared(pair, { mode: "COPY" })];
      await deny(pair.owner, permission);
      expect(await pair.recipient.admin.refusal(start, startInput(toStart))).toBe("CONFLICT");
      const { errors } = await pair.recipient.admin.send(copy, { input: { shareId: toCopy } });
      expect(errors?.[0]?.extensions?.code).toBe(ofCopy);
    }
  });

  test("is not recorded as the act of the user who offered it, nor with the request of the other tenant", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    await started(pair.recipient.admin, id);
    const rows = await sql<{ tenant_id: string; actor_id: string; on_behalf_of: string | null; request_id: string; name: string }[]>`
      select tenant_id, actor_id, on_behalf_of, request_id, after->>'partnerName' as name from audit.entries
       where entity_id = ${decodeId("definitionShare", id)} and action = 'definitionShare.use'`;
    const [there, here] = [pair.owner, pair.recipient].map((tenant) => rows.find(({ tenant_id: of }) => of === tenant.id));
    expect(there).toMatchObject({
      actor_id: "00000000-0000-0000-0000-000000000000",
      on_behalf_of: decodeId("user", pair.owner.admin.id),
      name: pair.recipient.name,
    });
    expect(there?.request_id).not.toBe(here?.request_id);
  });

  test("is started by the use that names the other tenant, on behalf of the user who offered it", async () => {
    const pair = await aPair();
    await started(pair.recipient.admin, await shared(pair));
    const nobody = { actor_id: "00000000-0000-0000-0000-000000000000", on_behalf_of: decodeId("user", pair.owner.admin.id) };
    const begun = await sql`
      select e.actor_id, e.on_behalf_of, c.type, c.payload->>'partner' as partner from events.log e
        join events.log c on c.tenant_id = e.tenant_id and c.id = e.cause_id
       where e.tenant_id = ${pair.owner.id} and e.type in ('workflow.started', 'run.started')`;
    const caused = { ...nobody, type: "definitionShare.used", partner: pair.recipient.slug };
    expect([...begun]).toEqual([caused, caused]);
    const audited = await sql`
      select s.actor_id, s.on_behalf_of, u.after->>'partnerName' as name from audit.entries s
        join audit.entries u on u.tenant_id = s.tenant_id and u.action = 'definitionShare.use'
         and u.request_id = s.request_id and u.after->>'instanceId' = s.entity_id::text
       where s.tenant_id = ${pair.owner.id} and s.action = 'workflow.start'`;
    expect([...audited]).toEqual([{ ...nobody, name: pair.recipient.name }]);
  });

  test("is not started by calls that race with its revocation and lose", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    const calls = Array.from({ length: 6 }, () => pair.recipient.admin.send(start, startInput(id)));
    await pair.owner.admin.run(change("revoke"), { id });
    const answers = await Promise.all(calls);
    const done = answers.filter(({ errors }) => errors === undefined).length;
    expect(answers.filter(({ errors }) => errors?.[0]?.extensions?.code === "CONFLICT")).toHaveLength(6 - done);
    expect(await instancesOf(pair.owner)).toHaveLength(done);
    const [late] = await sql<{ n: number }[]>`
      select count(*)::int as n from workflows.definition_share_uses u join workflows.definition_shares s using (tenant_id)
       where s.id = ${decodeId("definitionShare", id)} and u.share_id = s.id and u.created_at > s.updated_at`;
    expect(late?.n).toBe(0);
  });

  test("waits for a revocation that is being written, and is then refused", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    const call = await sql.begin(async (tx) => {
      await tx`update workflows.definition_shares set status = 'REVOKED' where tenant_id = ${pair.owner.id} and id = ${decodeId("definitionShare", id)}`;
      const pending = { answer: pair.recipient.admin.send(start, startInput(id)) };
      await expect
        .poll(
          async () =>
            (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%lockDefinitionShare%'`).length,
        )
        .toBe(1);
      return pending;
    });
    expect((await call.answer).errors?.[0]?.extensions?.code).toBe("CONFLICT");
    expect(await instancesOf(pair.owner)).toEqual([]);
  });

  test("does not delay its revocation by many starts at once: they wait behind it", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    const waiting = async (name: string) =>
      (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${name}%`}`).length;
    const calls = await sql.begin(async (tx) => {
      await tx`select from workflows.definition_shares where tenant_id = ${pair.owner.id} and id = ${decodeId("definitionShare", id)} for update`;
      const pending = { starts: Array.from({ length: 4 }, () => pair.recipient.admin.send(start, startInput(id))) };
      await expect.poll(() => Promise.all([waiting("lockDefinitionShare"), waiting("lockUsesOfShare")])).toEqual([1, 3]);
      const revocation = pair.owner.admin.run(change("revoke"), { id });
      await expect.poll(() => waiting("lockDefinitionShare")).toBe(2);
      return { ...pending, revocation };
    });
    await calls.revocation;
    const codes = (await Promise.all(calls.starts)).map(({ errors }) => errors?.[0]?.extensions?.code);
    expect(codes.filter((code) => code === "CONFLICT")).toHaveLength(3);
  });

  test("is limited to the agreed number of starts within an hour, also at once", async () => {
    const pair = await aPair();
    const id = await shared(pair, { maxStartsPerHour: 2 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => pair.recipient.admin.send(start, startInput(id))));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "started").sort()).toEqual([
      "RATE_LIMITED",
      "RATE_LIMITED",
      "started",
      "started",
    ]);
    expect(await instancesOf(pair.owner)).toHaveLength(2);
  });

  test("is not started with rights that its user no longer has, after it was retired, or in a suspended tenant, without saying why", async () => {
    const refusalIn = async (change: (pair: Pair) => Promise<unknown>) => {
      const pair = await aPair();
      const id = await shared(pair);
      await change(pair);
      return pair.recipient.admin.refused(start, startInput(id));
    };
    const inactive = await refusalIn(({ owner }) => sql`update identity.users set status = 'DISABLED' where tenant_id = ${owner.id}`);
    const retired = await refusalIn(({ owner }) => sql`update workflows.definitions set status = 'RETIRED' where tenant_id = ${owner.id}`);
    const suspended = await refusalIn(({ owner }) => sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${owner.id}`);
    for (const error of [inactive, retired, suspended]) {
      expect(error.extensions?.code).toBe("CONFLICT");
      expect(error.message).toBe(inactive.message);
    }
  });

  test("counts towards the limits of the owner's plan, whose figures the recipient does not see", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    const { operator } = await weft.platform();
    await operator.run(
      "mutation ($input: UpdateContractConfigurationInput!) { updateContractConfiguration(input: $input) { configuration { version } } }",
      {
        input: { tenantId: encodeId("tenant", pair.owner.id), patch: { limits: { executionsPerHour: 1 } }, message: "A test" },
      },
    );
    await started(pair.recipient.admin, id);
    const { message, extensions } = await pair.recipient.admin.refused(start, startInput(id));
    expect(extensions?.code).toBe("CONFLICT");
    expect(message).not.toContain("limit");
    await pair.recipient.definition(greeting);
    await pair.recipient.admin.run(
      'mutation { startWorkflow(input: { definitionKey: "greeting", data: { name: "Bo" } }) { instance { id } } }',
    );
  });

  test("is refused by the owner's security profile, which the owner sees and the recipient does not", async () => {
    const pair = await aPair();
    const id = await shared(pair);
    await pair.owner.admin.run(
      "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
      {
        input: { patch: { automation: { securityProfile: "plan_only" } }, message: "A test" },
      },
    );
    const { message, extensions } = await pair.recipient.admin.refused(start, startInput(id));
    expect([extensions?.code, message.includes("plan_only")]).toEqual(["CONFLICT", false]);
    const violations = '{ events(filter: { type: { eq: "definition.profile_violated" } }) { edges { node { type } } } }';
    await expect.poll(() => pair.owner.admin.run(violations)).toMatchObject({ events: { edges: [{}] } });
    // More refusals within a minute are not recorded.
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("CONFLICT");
    const recordedOnes = await sql`select from events.log where tenant_id = ${pair.owner.id} and type = 'definition.profile_violated'`;
    expect(recordedOnes).toHaveLength(1);
  });

  test("passes secret inputs on without storing them in either tenant", async () => {
    const pair = await aPair(`weft: 1
kind: automation
key: greeting
name: Greeting
inputs: { token: { type: string, required: true, secret: true } }
steps: [{ id: rest, type: wait, with: { for: 1h } }]
`);
    const id = await shared(pair);
    await started(pair.recipient.admin, id, { data: { token: "pl4nted-shared-s3cret" } });
    const found =
      await sql`select from audit.entries where coalesce(before::text, '') || coalesce(after::text, '') like '%pl4nted-shared%'`;
    expect(found).toHaveLength(0);
    const [run] = await sql<{ text: string }[]>`select r::text as text from workflows.runs r where tenant_id = ${pair.owner.id}`;
    expect(run?.text).not.toContain("pl4nted-shared");
  });

  test("can be shared in both directions without starting each other", async () => {
    const pair = await aPair();
    await pair.recipient.definition(greeting);
    const there = await shared(pair);
    const back = await shared({ owner: pair.recipient, recipient: pair.owner });
    const [a, b] = await Promise.all([started(pair.recipient.admin, there), started(pair.owner.admin, back)]);
    await weft.weft.worker.idle();
    expect(await resultOf(pair.recipient.admin, a)).toMatchObject({ status: "SUCCEEDED" });
    expect(await resultOf(pair.owner.admin, b)).toMatchObject({ status: "SUCCEEDED" });
    expect([(await instancesOf(pair.owner)).length, (await instancesOf(pair.recipient)).length]).toEqual([1, 1]);
  });
});

describe("the owner of a shared automation", () => {
  test("finds what another tenant has started by a share, and nothing else", async () => {
    const pair = await aPair();
    const [shareId, other] = [await shared(pair), await shared({ ...pair, recipient: await weft.tenant() })];
    await started(pair.recipient.admin, shareId);
    await pair.owner.admin.run(
      'mutation { startWorkflow(input: { definitionKey: "greeting", data: { name: "Bo" } }) { instance { id } } }',
    );
    expect(await pair.owner.admin.run(runsOf, { id: shareId })).toMatchObject({ runs: { totalCount: 1 } });
    expect(await pair.owner.admin.run(runsOf, { id: other })).toMatchObject({ runs: { totalCount: 0 } });
    const own = "{ runs(filter: { shareId: { isNull: true } }) { totalCount } }";
    expect(await pair.owner.admin.run(own)).toEqual({ runs: { totalCount: 1 } });
    expect(await pair.recipient.admin.run(runsOf, { id: shareId })).toMatchObject({ runs: { totalCount: 0 } });
    const key = await userWithKey(pair.owner.admin, ["workflow.read"]);
    expect(await key.refusal(runsOf, { id: shareId })).toBe("FORBIDDEN");
  });

  test("cancels all open runs with the revocation, which the recipient sees of its own ones, without outputs", async () => {
    const pair = await aPair(resting);
    const other = { owner: pair.owner, recipient: await weft.tenant() };
    const [id, otherId] = [await shared(pair), await shared(other)];
    const uses = [await started(pair.recipient.admin, id), await started(pair.recipient.admin, id)];
    const kept = await started(other.recipient.admin, otherId);
    const call = { id, key: "stop" };
    const { revokeDefinitionShare: revoked } = await pair.owner.admin.run<{
      revokeDefinitionShare: { operation: { id: string; total: number } };
    }>(revokeAll, call);
    expect(revoked).toMatchObject({ share: { status: "REVOKED" }, operation: { total: 2 } });
    expect(await pair.owner.admin.run(revokeAll, call)).toMatchObject({
      revokeDefinitionShare: { operation: { id: revoked.operation.id } },
    });
    for (const use of uses) {
      const result = { status: "CANCELLED", outputs: null, finishedAt: expect.any(String) as string };
      await expect.poll(() => resultOf(pair.recipient.admin, use)).toEqual(result);
    }
    expect(await resultOf(other.recipient.admin, kept)).toMatchObject({ status: "RUNNING" });
    expect(await other.recipient.admin.refusal(readStart, { id: uses[0] })).toBe("NOT_FOUND");
    for (const tenant of [pair.owner, pair.recipient]) {
      const told = (await recorded(tenant, id)).find(({ type }) => type === "definitionShare.revoked");
      expect(told?.text).toContain('"cancelsOpenRuns": true');
    }
  });

  test("cancels open runs only with the rights for it, and never those of another tenant", async () => {
    const pair = await aPair(resting);
    const id = await shared(pair);
    await started(pair.recipient.admin, id);
    expect(await pair.recipient.admin.refusal(revokeAll, { id })).toBe("FORBIDDEN");
    const rights = ["definitionShare.read", "definitionShare.manage", "workflow.read", "workflow.cancel", "workflow.bulk"];
    for (const missing of rights.slice(2)) {
      const key = await userWithKey(
        pair.owner.admin,
        rights.filter((right) => right !== missing),
      );
      expect(await key.refusal(revokeAll, { id })).toBe("FORBIDDEN");
    }
    expect((await shareOf(pair.owner.admin, id)).status).toBe("ACCEPTED");
    await pair.owner.admin.run(change("revoke"), { id });
    expect(await pair.owner.admin.run(runsOf, { id })).toMatchObject({ runs: { edges: [{ node: { status: "RUNNING" } }] } });
  });

  test("lets no start that races with the revocation go on", async () => {
    const pair = await aPair(resting);
    const id = await shared(pair);
    const calls = Array.from({ length: 4 }, () => pair.recipient.admin.send(start, startInput(id)));
    const { revokeDefinitionShare: revoked } = await pair.owner.admin.run<{
      revokeDefinitionShare: { operation: { id: string; total: number } | null };
    }>(revokeAll, { id });
    const done = (await Promise.all(calls)).filter(({ errors }) => errors === undefined).length;
    expect(revoked.operation?.total ?? 0).toBe(done);
  });

  test("limits the runs that are open at the same time, also at once, and the recipient learns the limit", async () => {
    const pair = await aPair(resting);
    const id = await shared(pair, { maxOpenRuns: 2 });
    expect(await shareOf(pair.recipient.admin, id)).toMatchObject({ maxOpenRuns: 2 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => pair.recipient.admin.send(start, startInput(id))));
    const refused = answers.flatMap(({ errors = [] }) => errors);
    expect(refused).toHaveLength(2);
    for (const { extensions, message } of refused) {
      expect(extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "maxOpenRuns", used: 2, allowed: 2 });
      expect(message).toContain("maxOpenRuns");
    }
    const { runs } = await pair.owner.admin.run<{ runs: { edges: { node: { id: string } }[] } }>(runsOf, { id });
    await pair.owner.admin.run("mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }", { id: runs.edges[0]?.node.id });
    await started(pair.recipient.admin, id);
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("LIMIT_EXCEEDED");
  });

  test("counts a run as open while a workflow that it has started without waiting for it is open", async () => {
    const launching = greeting.replace(/^steps:.*$/mu, "steps: [{ id: launch, type: workflow, with: { key: waiter, await: false } }]");
    const pair = await aPair(launching.replace(/^outputs:.*$/mu, ""));
    await pair.owner.definition(resting.replace("key: greeting", "key: waiter"));
    const id = await shared(pair, { maxOpenRuns: 1 });
    const use = await started(pair.recipient.admin, id);
    await weft.weft.worker.idle();
    expect(await resultOf(pair.recipient.admin, use)).toMatchObject({ status: "SUCCEEDED" });
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("LIMIT_EXCEEDED");
    const { runs } = await pair.owner.admin.run<{ runs: { edges: { node: { id: string } }[] } }>(
      '{ runs(filter: { definitionKey: { eq: "waiter" } }) { edges { node { id } } } }',
    );
    expect(runs.edges).toHaveLength(1);
    await pair.owner.admin.run("mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }", { id: runs.edges[0]?.node.id });
    await weft.weft.worker.idle();
    await started(pair.recipient.admin, id);
  });

  test("changes the limits later, in both tenants, and each of them records it", async () => {
    const pair = await aPair(resting);
    const id = await shared(pair, { maxOpenRuns: 1 });
    await started(pair.recipient.admin, id);
    expect(await pair.recipient.admin.refusal(start, startInput(id))).toBe("LIMIT_EXCEEDED");
    const { version } = await shareOf(pair.owner.admin, id);
    const input = { id, maxOpenRuns: 2, expectedVersion: version };
    expect(await pair.owner.admin.run(update, { input })).toMatchObject({ updateDefinitionShare: { share: { maxOpenRuns: 2 } } });
    expect(await pair.owner.admin.refusal(update, { input })).toBe("CONFLICT");
    expect(await shareOf(pair.recipient.admin, id)).toMatchObject({ maxStartsPerHour: 60, maxOpenRuns: 2 });
    await started(pair.recipient.admin, id);
    for (const tenant of [pair.owner, pair.recipient]) {
      const rows = (await recorded(tenant, id)).map(({ action }) => action);
      expect(rows).toEqual(expect.arrayContaining(["definitionShare.update", "definitionShare.updated"]));
    }
  });

  test("alone changes the limits, of shares that can be started and have not ended", async () => {
    const pair = await aPair();
    const [id, toCopy] = [await shared(pair), await shared(pair, { mode: "COPY" })];
    const refused = async (input: object, who = pair.owner.admin) => {
      const { extensions } = await who.refused(update, { input });
      return [extensions?.code, (extensions as { problems?: { path: string }[] } | undefined)?.problems?.map(({ path }) => path)];
    };
    expect(await refused({ id, maxOpenRuns: 2 }, pair.recipient.admin)).toEqual(["FORBIDDEN", undefined]);
    expect(await refused({ id, maxOpenRuns: 2 }, (await weft.tenant()).admin)).toEqual(["NOT_FOUND", undefined]);
    expect(await refused({ id })).toEqual(["BAD_USER_INPUT", ["input"]]);
    expect(await refused({ id, maxOpenRuns: 0 })).toEqual(["BAD_USER_INPUT", ["input.maxOpenRuns"]]);
    expect(await refused({ id: toCopy, maxStartsPerHour: 2 })).toEqual(["BAD_USER_INPUT", ["input.maxStartsPerHour"]]);
    await pair.owner.admin.run(change("revoke"), { id });
    expect(await refused({ id, maxOpenRuns: 2 })).toEqual(["CONFLICT", undefined]);
  });

  test("cannot change the limits of an offer, so that the recipient accepts what it has read, nor many times a minute", async () => {
    const pair = await aPair();
    const { id } = await offered(pair);
    const input = { id, maxOpenRuns: 3 };
    expect(await pair.owner.admin.refusal(update, { input })).toBe("CONFLICT");
    await accept(pair.recipient.admin, id);
    await sql`update workflows.definition_shares set version = 20 where id = ${decodeId("definitionShare", id)}`;
    await pair.owner.admin.run(update, { input });
    expect(await pair.owner.admin.refusal(update, { input })).toBe("RATE_LIMITED");
  });

  test("loses the records of uses after the retention period, but of no run that is open, and no copy loses its origin", async () => {
    const pair = await aPair(resting);
    const [id, toCopy] = [await shared(pair), await shared(pair, { mode: "COPY" })];
    const [open, ended] = [await started(pair.recipient.admin, id), await started(pair.recipient.admin, id)];
    await pair.recipient.admin.run(copy, { input: { shareId: toCopy } });
    await sql`update workflows.instances set finished_at = clock_timestamp(), status = 'CANCELLED' where tenant_id = ${pair.owner.id}
      and id = (select instance_id from workflows.definition_share_uses where tenant_id = ${pair.owner.id} and id = ${decodeId("definitionShareUse", ended)})`;
    const left = async ({ id: tenantId }: TestTenant) => {
      const { databases } = weft.weft.services;
      await asTenant(databases.worker, { tenantId }, "write", (tx) =>
        pastShareUses(() => Promise.resolve(30)).deleteSome(tx, 100, tenantId),
      );
      return (await sql<{ id: string }[]>`select id from workflows.definition_share_uses where tenant_id = ${tenantId} order by id`).map(
        (row) => row.id,
      );
    };
    const before = [(await left(pair.owner)).length, (await left(pair.recipient)).length];
    expect(before).toEqual([3, 3]);
    await sql`update workflows.definition_share_uses set created_at = created_at - interval '31 days' where tenant_id in ${sql([pair.owner.id, pair.recipient.id])}`;
    expect(await left(pair.owner)).toEqual([decodeId("definitionShareUse", open)]);
    expect(await left(pair.recipient)).toHaveLength(1);
    const origins = "{ definitions { edges { node { origin { ownerName } } } } }";
    expect(await pair.recipient.admin.run(origins)).toMatchObject({
      definitions: { edges: [{ node: { origin: { ownerName: pair.owner.name } } }] },
    });
  });
});

describe("a copied definition", () => {
  test("becomes a draft of the recipient that names its origin, and further copies become its next versions", async () => {
    const pair = await aPair();
    const { owner, recipient } = pair;
    const shareId = await shared(pair, { mode: "COPY" });
    const made = async (more: object = {}) =>
      (await recipient.admin.run<{ copySharedDefinition: { definition: object } }>(copy, { input: { shareId, ...more } }))
        .copySharedDefinition.definition;
    expect(await made()).toMatchObject({
      key: "greeting",
      number: 1,
      status: "DRAFT",
      source: greeting,
      origin: { ownerName: owner.name, shareId, number: 1 },
    });
    await owner.definition(greeting.replace("Hello", "Good morning"));
    expect(await made()).toMatchObject({ number: 2, origin: { number: 2 } });
    expect(await made({ key: "welcome", name: "Welcome" })).toMatchObject({ key: "welcome", name: "Welcome", number: 1 });
    await owner.admin.run(change("revoke"), { id: shareId });
    expect(await recipient.admin.refusal(copy, { input: { shareId } })).toBe("CONFLICT");
  });

  test("can be fetched sixty times within an hour", async () => {
    const pair = await aPair();
    const shareId = await shared(pair, { mode: "COPY" });
    await sql`insert into workflows.definition_share_uses (tenant_id, id, share_id, side, mode, partner_name, definition_number)
      select ${pair.owner.id}, gen_random_uuid(), ${decodeId("definitionShare", shareId)}, 'OWNER', 'COPY', 'Name', 1 from generate_series(2, 60)`;
    await pair.recipient.admin.run(copy, { input: { shareId } });
    expect(await pair.recipient.admin.refusal(copy, { input: { shareId } })).toBe("RATE_LIMITED");
  });

  test("does not become a version of a definition that the recipient wrote itself", async () => {
    const pair = await aPair();
    await pair.recipient.definition(greeting);
    const shareId = await shared(pair, { mode: "COPY" });
    const { extensions } = await pair.recipient.admin.refused(copy, { input: { shareId } });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.key" }] });
  });

  test("cannot be started in the owner's tenant, nor can a definition that may only be started be copied", async () => {
    const pair = await aPair();
    const [toCopy, toStart] = [await shared(pair, { mode: "COPY" }), await shared(pair)];
    expect(await pair.recipient.admin.refusal(start, startInput(toCopy))).toBe("CONFLICT");
    expect(await pair.recipient.admin.refusal(copy, { input: { shareId: toStart } })).toBe("CONFLICT");
  });
});

describe("sharing", () => {
  test("requires permissions of its own, and API keys neither offer nor accept", async () => {
    const pair = await aPair();
    const shareId = await shared(pair);
    const manager = await pair.recipient.user("workflow_manager");
    await started(manager, shareId);
    expect(await manager.refusal(change("revoke"), { id: shareId })).toBe("FORBIDDEN");
    const viewer = await pair.recipient.user("viewer");
    for (const [query, variables] of [
      [start, startInput(shareId)],
      [read, { id: shareId }],
    ] as const)
      expect(await viewer.refusal(query, variables)).toBe("FORBIDDEN");
    const key = await userWithKey(pair.recipient.admin, [
      "definitionShare.use",
      "definitionShare.manage",
      "definition.read",
      "workflow.start",
    ]);
    await started(key, shareId);
    const input = { definitionKey: "greeting", recipient: pair.owner.slug, mode: "COPY" };
    expect(await key.refusal(offer, { input })).toBe("FORBIDDEN");
    expect(await key.refusal(change("accept"), { id: shareId })).toBe("FORBIDDEN");
  });

  test("lists what was given and received, with one statement for all interfaces", async () => {
    const pair = await aPair();
    const third = await weft.tenant();
    await third.definition(greeting);
    for (const owner of [pair.owner, third]) await shared({ owner, recipient: pair.recipient });
    await shared({ owner: pair.owner, recipient: pair.recipient }, { mode: "COPY" });
    const list = (side: string) =>
      `{ definitionShares(filter: { side: { eq: ${side} }, status: { eq: ACCEPTED } }) { totalCount edges { node { mode interface { isUsable } } } } }`;
    const received = await pair.recipient.admin.run<{ definitionShares: { totalCount: number } }>(list("RECIPIENT"));
    expect(received).toMatchObject({ definitionShares: { totalCount: 3 } });
    expect(JSON.stringify(received)).not.toContain('"interface":null');
    expect(await pair.recipient.admin.run(list("OWNER"))).toMatchObject({ definitionShares: { totalCount: 0 } });
    expect(await pair.owner.admin.run(list("OWNER"))).toMatchObject({ definitionShares: { totalCount: 2 } });
    const statements = await weft.statements(() => pair.recipient.admin.run(list("RECIPIENT")));
    expect(statements.filter((statement) => statement.includes("shared_interfaces"))).toHaveLength(1);
    // The switch of tenants ends with the statement: what follows in the request reads its own tenant.
    const both = `{ definitionShares { edges { node { interface { isUsable } } } } definitions { edges { node { key } } } }`;
    expect(await pair.recipient.admin.run(both)).toMatchObject({ definitions: { edges: [] } });
  });
});
