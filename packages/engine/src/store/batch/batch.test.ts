import { isInstanceVisible, visibleInstances } from "@weft/platform/rights";
import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import type { Scope } from "@weft/shared/viewer";
import { type Database, type Databases, openDatabases } from "@weft/platform/db";
import { keyedCallOf } from "@weft/platform/idempotency";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { instanceRows } from "@weft/testkit/tenants/instance-rows";
import { anEngineTenant, taskOf, type EnginePerson, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { eq, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimTask, fireInstance, CallBatches, startInstance, type AlreadyRead, type QueuedCall, type InstanceHead } from "../../index.js";
import { runBatch } from "./run-batch.js";
import { callCounts, type UnbatchedReason } from "./call-counts.js";
import type { CallAnswer } from "./queued-call.js";
import { headColumns } from "../model/instance-head.js";

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;
let loan: EngineTenant;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 6 } });
  owner = postgres(database.ownerUrl, { max: 2, onnotice: () => {} });
  loan = await anEngineTenant(databases.app);
});
afterAll(async () => {
  await owner.end();
  await databases.close();
  await database.drop();
});

type FiringCall = Extract<QueuedCall, { firing: unknown }>;
type More = Partial<FiringCall["firing"]> & { readonly key?: string };

function firing(who: EnginePerson, id: string, transition: string, { key, ...more }: More = {}): FiringCall {
  const input = { id, transition, ...more };
  return { meta: who.meta, key: keyedCallOf(who.meta, { mutation: "fire", key, input }), firing: { ...input, actor: who.actor } };
}

const starting = (who: EnginePerson, more: object = {}): Extract<QueuedCall, { starting: unknown }> => ({
  meta: who.meta,
  key: null,
  starting: { id: newId(), definitionKey: "loan", data: { amount: 50 }, ownerId: who.viewer.userId, actor: who.actor, ...more },
});

const batch = (...firings: QueuedCall[]): Promise<readonly CallAnswer[]> => runBatch(databases.app, loan.tenantId, firings);

const outcomes = (answers: readonly CallAnswer[]): unknown[] =>
  answers.map((answer) =>
    answer.kind === "refused" ? (answer.error as { extensions?: { code?: string } }).extensions?.code : answer.kind,
  );

const stateOf = async (id: string): Promise<unknown> =>
  (await loan.owner.write((tx) => tx.select(headColumns).from(workflows.instances).where(eq(workflows.instances.id, id))))[0];

const keysOf = (who: EnginePerson) =>
  who.write((tx) =>
    tx.execute<{ key: string }>(sql`select key from app.idempotency_keys where user_id = ${who.viewer.userId} order by key`),
  );

const rowsOf = (id: string): Promise<string> => instanceRows(owner, id);

describe("calls in one batch", () => {
  test("write the same rows as a single call", async () => {
    const [single, first, second] = [await loan.submit(), await loan.submit(), await loan.submit()];
    for (const { id } of [single, first, second]) {
      const task = await taskOf(loan.operations, id);
      await loan.operations.write((tx) => claimTask(tx, loan.operations.meta, { id: task.id, actor: loan.operations.actor }));
    }
    const after = await loan.operations.fire(single.id, "reject", { comment: "no" });
    const answers = await batch(
      firing(loan.operations, first.id, "reject", { comment: "no" }),
      firing(loan.operations, second.id, "reject", { comment: "no" }),
    );
    expect(outcomes(answers)).toEqual(["written", "written"]);
    expect([await rowsOf(first.id), await rowsOf(second.id)]).toEqual([await rowsOf(single.id), await rowsOf(single.id)]);
    const [head] = answers.map((answer) => (answer.kind === "written" ? answer.head : null));
    const times = { id: "", createdAt: "", updatedAt: "", finishedAt: "" };
    expect({ ...head, ...times }).toEqual({ ...after, ...times });
    expect(head?.finishedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(head).toEqual({ ...((await stateOf(first.id)) as object) });
  });

  test("start instances with the same rows as a single call, and count them", async () => {
    const used = async (): Promise<unknown> => owner`select metric, sum(used)::int as used from app.usage where tenant_id = ${loan.tenantId}
      and metric in ('runningInstances', 'executionsPerHour', 'executionsPerMonth') group by metric order by metric`;
    const single = await loan.start();
    const before = (await used()) as { metric: string; used: number }[];
    const ending = await loan.submit();
    const answers = await batch(
      starting(loan.owner),
      starting(loan.owner),
      starting(loan.owner, { data: { amount: -1 } }),
      starting(loan.owner, { definitionKey: "unknown" }),
      starting(loan.owner, { teamId: newId() }),
      firing(loan.operations, ending.id, "reject", { comment: "no" }),
    );
    expect(outcomes(answers)).toEqual(["written", "written", "BAD_USER_INPUT", "unbatched", "unbatched", "written"]);
    const heads = answers.flatMap((answer) => (answer.kind === "written" ? [answer.head] : []));
    expect(await rowsOf(heads[1]?.id ?? "")).toEqual(await rowsOf(single.id));
    expect(heads[0]).toEqual(await stateOf(heads[0]?.id ?? ""));
    // Three were started, one of them without a batch; one has ended.
    expect(await used()).toEqual(
      before.map(({ metric, used: count }) => ({ metric, used: count + (metric === "runningInstances" ? 2 : 3) })),
    );
  });

  test("run unbatched if they would exceed a limit together, and nothing is counted twice", async () => {
    const small = await anEngineTenant(databases.app);
    const limits = { runningInstances: 2 };
    await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      values (${small.tenantId}, 'CONTRACT', ${small.tenantId}, 1, ${owner.json({ limits })}, ${small.tenantId}, 'Test.')`;
    await small.start();
    const together = (count: number) =>
      runBatch(
        databases.app,
        small.tenantId,
        Array.from({ length: count }, () => starting(small.owner)),
      );
    expect(outcomes(await together(2))).toEqual(["unbatched", "unbatched"]);
    const [row] =
      await owner`select count(*)::int as instances, (select sum(used)::int from app.usage where tenant_id = ${small.tenantId} and metric = 'runningInstances') as used
      from workflows.instances where tenant_id = ${small.tenantId}`;
    expect(row).toEqual({ instances: 1, used: 1 });
  });

  test("take two statements, regardless of their number", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await loan.submit()).id);
    const seen = await statementNames(databases.app, async () => {
      expect(outcomes(await batch(...ids.map((id) => firing(loan.operations, id, "approve"))))).toEqual(ids.map(() => "written"));
    });
    expect(seen).toEqual(["readBatch", "runBatch"]);
  });

  test("have one result each, and a rejected call does not affect the others", async () => {
    const good = await loan.submit();
    const expensive = await loan.submit(5000);
    const old = await loan.submit();
    const silent = await loan.submit();
    const mine = await loan.start();
    const foreign = await anEngineTenant(databases.app);
    const theirs = await foreign.submit();
    const stranger = await loan.person("requester", "OWN");
    const answers = await batch(
      firing(loan.operations, expensive.id, "approve"),
      firing(loan.operations, good.id, "approve"),
      firing(loan.operations, old.id, "approve", { expectedVersion: 1 }),
      firing(loan.operations, silent.id, "reject"),
      firing(loan.operations, newId(), "approve"),
      firing(loan.operations, theirs.id, "approve"),
      firing(stranger, mine.id, "submit"),
      firing(loan.owner, mine.id, "submit"),
      firing(loan.operations, good.id, "nonsense"),
    );
    // A user who cannot see it gets the error from the unbatched path.
    expect(outcomes(answers)).toEqual([
      "TRANSITION_REJECTED",
      "written",
      "CONFLICT",
      "BAD_USER_INPUT",
      "unbatched",
      "unbatched",
      "unbatched",
      "written",
      "TRANSITION_REJECTED",
    ]);
    expect([await stateOf(good.id), await stateOf(expensive.id), await stateOf(mine.id)]).toMatchObject([
      { state: "work", version: 3 },
      { state: "review", version: 2 },
      { state: "review", version: 2 },
    ]);
  });

  test("on one instance: the first accepted call wins, and the others get CONFLICT with the current state", async () => {
    const { id } = await loan.submit();
    const answers = await batch(
      firing(loan.operations, id, "finish"),
      firing(loan.operations, id, "approve"),
      firing(loan.operations, id, "approve"),
      firing(loan.operations, id, "reject", { comment: "no" }),
    );
    expect(outcomes(answers)).toEqual(["TRANSITION_REJECTED", "written", "CONFLICT", "CONFLICT"]);
    expect(answers[3]).toMatchObject({ error: { extensions: { currentVersion: 3, currentState: "work" } } });
  });

  test("do not wait for an instance or a task that is locked: that firing runs unbatched", async () => {
    const [held, claimed, free] = [await loan.submit(), await loan.submit(), await loan.submit()];
    const task = await taskOf(loan.operations, claimed.id);
    const locked = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const holder = owner.begin(async (tx) => {
      await tx`select from workflows.instances where id = ${held.id} for update`;
      await tx`select from workflows.tasks where id = ${task.id} for update`;
      locked.resolve();
      await leave.promise;
    });
    await locked.promise;
    const answers = await batch(...[held, free, claimed].map(({ id }) => firing(loan.operations, id, "approve", { key: `busy-${id}` })));
    leave.resolve();
    await holder;
    expect(outcomes(answers)).toEqual(["unbatched", "written", "unbatched"]);
    // Their keys can be used again.
    expect((await keysOf(loan.operations)).map(({ key }) => key)).toEqual([`busy-${free.id}`]);
  });

  test("lose to a transition or a claim that happened between their read and their write", async () => {
    const [rejected, claimed, free] = [await loan.submit(), await loan.submit(), await loan.submit()];
    const task = await taskOf(loan.operations, claimed.id);
    const other = await loan.person("operations");
    const meanwhile = async (): Promise<void> => {
      await other.fire(rejected.id, "reject", { comment: "no" });
      await other.write((tx) => claimTask(tx, other.meta, { id: task.id, actor: other.actor }));
    };
    const firings = [rejected, claimed, free].map(({ id }) => firing(loan.operations, id, "approve"));
    const answers = await runBatch(interrupted(databases.app, "runBatch", meanwhile), loan.tenantId, firings);
    expect(outcomes(answers)).toEqual(["CONFLICT", "unbatched", "written"]);
    expect(answers[0]).toMatchObject({ error: { extensions: { currentVersion: 3, currentState: "rejected" } } });
    expect(await stateOf(claimed.id)).toMatchObject({ state: "review", version: 2 });
  });

  test("with a key: one of two identical calls runs, a replay runs unbatched, and a refused call leaves no key", async () => {
    const { id } = await loan.submit(5000);
    const [one, two] = [await loan.submit(), await loan.submit()];
    const who = await loan.person("operations");
    const answers = await batch(
      firing(who, one.id, "approve", { key: "a" }),
      firing(who, one.id, "approve", { key: "a" }),
      firing(who, two.id, "approve", { key: "b" }),
      firing(who, id, "approve", { key: "c" }),
      firing(loan.operations, two.id, "approve", { key: "a" }),
    );
    // Keys belong to a user: the key "a" of another user is a different key.
    expect(outcomes(answers)).toEqual(["written", "unbatched", "written", "TRANSITION_REJECTED", "CONFLICT"]);
    expect((await keysOf(who)).map(({ key }) => key)).toEqual(["a", "b"]);
    expect(outcomes(await batch(firing(who, one.id, "approve", { key: "a" }), firing(who, two.id, "finish", { key: "b" })))).toEqual([
      "unbatched",
      "unbatched",
    ]);
    expect(await stateOf(one.id)).toMatchObject({ version: 3 });
  });

  test("a single call with a key: the key is stored with the transition, a replay runs unbatched, and a call that loses leaves no key", async () => {
    const [one, two] = [await loan.submit(), await loan.submit()];
    const who = await loan.person("operations");
    expect(outcomes(await batch(firing(who, one.id, "approve", { key: "a" })))).toEqual(["written"]);
    expect(outcomes(await batch(firing(who, two.id, "approve", { key: "a" })))).toEqual(["unbatched"]);
    expect(outcomes(await batch(firing(who, one.id, "approve", { key: "a" })))).toEqual(["unbatched"]);
    expect(outcomes(await batch(firing(who, one.id, "approve", { key: "b" })))).toEqual(["TRANSITION_REJECTED"]);
    const other = await loan.person("operations");
    const meanwhile = async (): Promise<void> => void (await other.fire(two.id, "reject", { comment: "no" }));
    const late = await runBatch(interrupted(databases.app, "writeOne", meanwhile), loan.tenantId, [
      firing(who, two.id, "approve", { key: "c" }),
    ]);
    expect(late).toMatchObject([
      { kind: "refused", error: { extensions: { code: "CONFLICT", currentVersion: 3, currentState: "rejected" } } },
    ]);
    expect((await keysOf(who)).map(({ key }) => key)).toEqual(["a"]);
  });

  test("are rolled back together if the database refuses the batch, and then run unbatched", async () => {
    const [one, two] = [await loan.submit(), await loan.submit()];
    const fail = () => Promise.reject(Object.assign(new Error("no"), { code: "23514" }));
    const answers = await runBatch(
      interrupted(databases.app, "runBatch", fail),
      loan.tenantId,
      [one, two].map(({ id }) => firing(loan.operations, id, "approve", { key: `undone-${id}` })),
    );
    expect(outcomes(answers)).toEqual(["unbatched", "unbatched"]);
    expect((await keysOf(loan.operations)).filter(({ key }) => key.startsWith("undone"))).toEqual([]);
    expect(await stateOf(one.id)).toMatchObject({ version: 2 });
  });

  test("fail together if their backend is terminated, and nothing is written", async () => {
    const [one, two] = [await loan.submit(), await loan.submit()];
    const firings = [one, two].map(({ id }) => firing(loan.operations, id, "approve"));
    const ending = replaced(databases.app, "runBatch", "select pg_terminate_backend(pg_backend_pid()) as answer");
    await expect(runBatch(ending, loan.tenantId, firings)).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } });
    expect(await stateOf(one.id)).toMatchObject({ version: 2 });
    expect(outcomes(await batch(...firings))).toEqual(["written", "written"]);
  });

  test("are refused in a transaction of a vendor's user and in one without a tenant", async () => {
    const vendors = await loan.person("vendor", "TENANT", loan.vendorId);
    const call = sql`select engine.apply_batch('{}', '{}', '{}')`;
    await expect(vendors.write((tx) => tx.execute(call))).rejects.toMatchObject({ cause: { code: "WF001" } });
    await expect(databases.app.begin((tx) => tx.execute(call))).rejects.toMatchObject({ cause: { code: "WF001" } });
    const foreign = newId();
    for (const own of [
      sql`select engine.read_batch(${foreign}::uuid, '{}', '{}', '{}', 1)`,
      sql`select engine.write_batch(${foreign}::uuid, '{}', '{}', '{}')`,
      sql`select engine.read_batch(null, '{}', '{}', '{}', 1)`,
    ])
      await expect(loan.operations.write((tx) => tx.execute(own))).rejects.toMatchObject({ cause: { code: "WF001" } });
    const mine = sql`select engine.read_batch(${loan.tenantId}::uuid, '{}', '{}', '{}', 1)`;
    await expect(vendors.write((tx) => tx.execute(mine))).rejects.toMatchObject({ cause: { code: "WF001" } });
  });
});

const automatic = {
  weft: 1,
  key: "automatic",
  name: "Automatic",
  data: { type: "object", properties: { amount: { type: "number" } } },
  initial: "first",
  states: {
    first: { transitions: { begin: { to: "second", auto: true } } },
    second: { transitions: { on: { to: "third", allow: { owner: true } } } },
    third: { transitions: { end: { to: "last", auto: true } } },
    last: { final: "completed" },
  },
};

describe("the call batches", () => {
  /** As the service of the API does it. */
  async function fire(
    batches: CallBatches,
    one: QueuedCall,
    unbatched: (alreadyRead?: AlreadyRead) => Promise<InstanceHead>,
  ): Promise<InstanceHead> {
    const result = await batches.submit(one);
    return result.head ?? unbatched(result.alreadyRead);
  }

  test("a single call runs immediately in two statements, and calls made in the same tick run together", async () => {
    const batches = new CallBatches(databases.app);
    const [one, ...others] = [await loan.submit(), await loan.submit(), await loan.submit()];
    const seen = await statementNames(databases.app, async () => {
      expect(await batches.submit(firing(loan.operations, one.id, "approve"))).toMatchObject({ head: { state: "work" } });
      await Promise.all(others.map(({ id }) => batches.submit(firing(loan.operations, id, "approve", { key: id }))));
    });
    expect(seen).toEqual(["readBatch", "writeOne", "readBatch", "runBatch"]);
  });

  test("every call is counted once: as written, as refused, or with the reason why it ran in a transaction of its own", async () => {
    const batches = new CallBatches(databases.app);
    const before = callCounts();
    const [one, two] = [await loan.submit(), await loan.submit()];
    await Promise.allSettled([
      batches.submit(firing(loan.operations, one.id, "approve")),
      batches.submit(firing(loan.operations, two.id, "nonsense")),
      batches.submit(firing(loan.operations, newId(), "approve")),
      batches.submit(starting(loan.owner, { teamId: newId() })),
    ]);
    const { batches: ran, written, refused: refusals, unbatched } = callCounts();
    expect([ran - before.batches, written - before.written, refusals - before.refused]).toEqual([1, 1, 1]);
    const reasons = Object.entries(unbatched).filter(([reason, count]) => count > before.unbatched[reason as UnbatchedReason]);
    expect(reasons.map(([reason]) => reason)).toEqual(["references", "hidden"]);
  });

  /** Batches whose first one reads only when the gate opens. */
  function withGate(slowMs: number) {
    const [gate, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let reads = 0;
    const holding = interrupted(databases.app, "readBatch", async () => {
      reads++;
      begun.resolve();
      if (reads === 1) await gate.promise;
    });
    const batches = new CallBatches(holding, { slowMs });
    const submit = async (id: string): Promise<string | undefined> =>
      (await batches.submit(firing(loan.operations, id, "approve"))).head?.state;
    return { submit, begun: begun.promise, open: gate.resolve, reads: () => reads };
  }

  const submitted = (count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, async () => (await loan.submit()).id));

  test("calls that arrive one after the other while a batch is running share the next one", async () => {
    const [first = "", ...others] = await submitted(5);
    const { submit, begun, open, reads } = withGate(600_000);
    const seen = await statementNames(databases.app, async () => {
      const states = [submit(first)];
      await begun;
      for (const id of others) {
        states.push(submit(id));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(reads()).toBe(1);
      open();
      expect(await Promise.all(states)).toEqual(Array(5).fill("work"));
    });
    expect(seen).toEqual(["readBatch", "writeOne", "readBatch", "runBatch"]);
  });

  test("a call waits for a running batch for a limited time", async () => {
    const [first = "", second = ""] = await submitted(2);
    const { submit, begun, open } = withGate(1);
    const slow = submit(first);
    await begun;
    expect(await submit(second)).toBe("work");
    open();
    expect(await slow).toBe("work");
  });

  test("many calls do not wait for a running batch", async () => {
    const [first = "", ...others] = await submitted(21);
    const { submit, begun, open, reads } = withGate(600_000);
    const slow = submit(first);
    await begun;
    expect(await Promise.all(others.map(submit))).toEqual(Array(20).fill("work"));
    expect(reads()).toBe(2);
    open();
    expect(await slow).toBe("work");
  });

  test("slow calls do not delay the calls after them", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let held = 0;
    const batches = new CallBatches(
      interrupted(databases.app, "readBatch", async () => {
        const one = begun[held++];
        one?.resolve();
        if (one) await gate.promise;
      }),
    );
    const submit = async (): Promise<InstanceHead | undefined> =>
      (await batches.submit(firing(loan.operations, (await loan.submit()).id, "approve"))).head;
    const slow: Promise<InstanceHead | undefined>[] = [];
    for (const { promise } of begun) {
      slow.push(submit());
      await promise;
    }
    expect((await Promise.all([submit(), submit(), submit()])).map((head) => head?.state)).toEqual(["work", "work", "work"]);
    gate.resolve();
    expect((await Promise.all(slow)).map((head) => head?.state)).toEqual(["work", "work"]);
  });

  test("calls that cannot be batched are not read a second time", async () => {
    const batches = new CallBatches(databases.app);
    await loan.publish(automatic);
    const id = newId();
    const start = starting(loan.owner, { id, definitionKey: "automatic", data: {} });
    const go = (one: QueuedCall): Promise<string[]> =>
      statementNames(databases.app, () =>
        fire(batches, one, (alreadyRead) =>
          loan.owner.write((tx) =>
            "firing" in one ? fireInstance(tx, one.meta, one.firing, alreadyRead) : startInstance(tx, one.meta, one.starting, alreadyRead),
          ),
        ),
      );
    // Its machine is not cached yet.
    expect(await go({ ...start, starting: { ...start.starting, id: newId() } })).toEqual(["readBatch", "findPublished", "applyChain"]);
    expect(await go(start)).toEqual(["readBatch", "applyChain"]);
    expect(await go(firing(loan.owner, id, "on"))).toEqual(["readBatch", "applyChain"]);
    expect(await stateOf(id)).toMatchObject({ state: "last", version: 4 });
  });

  test("the key that seals an actor's address is fetched once", async () => {
    const batches = new CallBatches(databases.app);
    const who = await loan.person("operations");
    const submit = async (): Promise<string[]> => {
      const { id } = await loan.submit();
      const one = firing(who, id, "approve");
      return statementNames(databases.app, async () => {
        expect(await batches.submit({ ...one, meta: { ...one.meta, address: "10.1.2.3" } })).toMatchObject({ head: { state: "work" } });
      });
    };
    expect(await submit()).toEqual(["readBatch", "findPersonKeys", "writeOne"]);
    expect(await submit()).toEqual(["readBatch", "writeOne"]);
    const [entry] = await owner`select address from audit.entries where actor_id = ${who.viewer.userId} order by id desc limit 1`;
    expect(entry?.["address"]).toMatch(/^enc:v1:/);
  });

  test("a large call runs unbatched, whether the instance or the call is large", async () => {
    const batches = new CallBatches(databases.app);
    const [one, two] = [await loan.submit(), await loan.submit()];
    const comment = "x".repeat(40_000);
    const heads = await Promise.all([
      batches.submit(firing(loan.operations, one.id, "approve", { comment })),
      batches.submit(starting(loan.owner, { data: { amount: 1, verdict: comment } })),
    ]);
    expect(heads).toEqual([{}, {}]);
    const answer = (change: postgres.Fragment) => owner`update workflows.instances set data = ${change} where id = ${two.id}`;
    await answer(owner`data || jsonb_build_object('verdict', ${comment}::text)`);
    const answers = await batch(firing(loan.operations, one.id, "approve"), firing(loan.operations, two.id, "approve"));
    await answer(owner`data - 'verdict'`);
    expect(outcomes(answers)).toEqual(["written", "unbatched"]);
  });

  test("200 calls at once on 40 instances write exactly the accepted transitions", async () => {
    const batches = new CallBatches(databases.app);
    const people = [loan.operations, await loan.person("operations"), await loan.person("operations")];
    const ids: string[] = [];
    for (let n = 0; n < 40; n++) ids.push((await loan.submit(n % 10 === 0 ? 5000 : 50)).id);
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => {
        const who = people[n % 3] as EnginePerson;
        const one = firing(who, ids[n % 40] ?? "", "approve", n % 2 ? { key: `firing-${n}` } : {});
        return fire(batches, one, () => loan.operations.write((tx) => fireInstance(tx, one.meta, one.firing)));
      }),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(36);
    const heads = (await Promise.all(ids.map(stateOf))) as InstanceHead[];
    expect(heads.map(({ state, version }) => `${state} ${version}`)).toEqual(ids.map((_, n) => (n % 10 === 0 ? "review 2" : "work 3")));
  });
});

test("the process and the database agree about which rows a user can see, for any scopes, denials and teams", async () => {
  const [me, other, team, otherTeam] = [newId(), newId(), newId(), newId()];
  const { instances } = workflows;
  const ids = [null, me, other] as const;
  const teams = [null, team, otherTeam] as const;
  const rows = ids.flatMap((ownerId) =>
    teams.flatMap((teamId) =>
      [
        ...ids.map((assigneeUserId) => ({ assigneeUserId, assigneeTeamId: null })),
        ...teams.map((assigneeTeamId) => ({ assigneeUserId: null, assigneeTeamId })),
      ].map((assignee) => ({ ownerId, teamId, ...assignee, assigneeVendorId: null })),
    ),
  );
  const scopes: readonly Scope[] = ["OWN", "ASSIGNED", "TEAM", "TENANT"];
  const subsets = Array.from({ length: 16 }, (_, bits) => scopes.filter((_scope, index) => bits & (1 << index)));
  for (const held of subsets) {
    for (const denied of subsets) {
      const teamIds = (held.length + denied.length) % 3 === 0 ? [] : [team];
      const viewer = {
        ...loan.operations.viewer,
        userId: me,
        teamIds,
        permissions: { "workflow.fire": held },
        denials: { "workflow.fire": denied },
      };
      const predicate = new PgDialect().sqlToQuery(visibleInstances(viewer, "workflow.fire", instances));
      const text = `select array_agg(coalesce(${predicate.sql.replaceAll('"workflows"."instances".', "r.")}, false) order by n) as seen
        from rows from (jsonb_to_recordset($${predicate.params.length + 1}::text::jsonb) as (owner_id uuid, team_id uuid, assignee_user_id uuid, assignee_team_id uuid))
          with ordinality as r(owner_id, team_id, assignee_user_id, assignee_team_id, n)`;
      const json = rows.map((row) => ({
        owner_id: row.ownerId,
        team_id: row.teamId,
        assignee_user_id: row.assigneeUserId,
        assignee_team_id: row.assigneeTeamId,
      }));
      const [found] = await owner.unsafe(text, [...(predicate.params as string[]), JSON.stringify(json)]);
      expect(
        rows.map((row) => isInstanceVisible(viewer, "workflow.fire", row)),
        JSON.stringify({ held, denied }),
      ).toEqual(found?.["seen"]);
    }
  }
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

/** Returns the pool, whose statements of that name wait until `meanwhile` is done. */
function interrupted(db: Database, before: string, meanwhile: () => Promise<void>): Database {
  return {
    ...db,
    role: db.role,
    transact: (options, fn) => db.transact(options, fn),
    statement: async (text, params, options) => {
      if (text.startsWith(`/* ${before} */`)) await meanwhile();
      return db.statement(text, params, options);
    },
  };
}

/** Returns the pool, which runs another text instead of the statement of that name. */
function replaced(db: Database, name: string, by: string): Database {
  return {
    ...db,
    role: db.role,
    transact: (options, fn) => db.transact(options, fn),
    statement: (text, params, options) =>
      text.startsWith(`/* ${name} */`) ? db.statement(by, [], options) : db.statement(text, params, options),
  };
}
