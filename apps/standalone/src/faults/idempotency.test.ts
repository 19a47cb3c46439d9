import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type ApiResult, brokenInvariants, type TestUser } from "@weft/testkit";
import type { IdempotencyCase, Stage } from "@weft/testkit/idempotency/case";
import { idempotencyCases, ownCases } from "@weft/testkit/idempotency/cases";
import { startTwoTenants, type TwoTenants } from "@weft/testkit/isolation/two-tenants";
import { drawn, isTried } from "@weft/testkit/sizes";
import { loopingDefinition } from "@weft/testkit/tenants/looping-definition";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

// F12: every mutation with an idempotency key, through the API.

let tenants: TwoTenants;
let stage: Stage;
beforeAll(async () => {
  tenants = await startTwoTenants();
  const { weft, owner, acme: fixture } = tenants;
  const acme = await aMaintenanceTenant(weft);
  await acme.tenant.definition(loopingDefinition);
  const { operator } = await weft.platform();
  stage = { weft, acme, fixture, operator, owner };
});
afterAll(() => tenants.stop());

type Case = IdempotencyCase & { readonly mutation: string };
type Input = Readonly<Record<string, unknown>>;
const cases: readonly Case[] = Object.entries(idempotencyCases).map(([mutation, one]) => ({ mutation, ...one }));

/** Ten duplicates are enough for the others; fifty of each would take too long. */
const thorough = new Set(["createRequest", "submitRequest", "startWorkflow", "fireTransition"]);

function send({ mutation, selection }: Case, actor: TestUser, input: Input): Promise<ApiResult> {
  const type = inputTypeOf(mutation);
  return actor.send(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input });
}

/** Retries like a client that was told to: the same call with the same key. */
async function sendUntilServed(each: Case, actor: TestUser, input: Input): Promise<ApiResult> {
  for (let tries = 0; ; tries++) {
    const answer = await send(each, actor, input);
    if (answer.errors?.[0]?.extensions?.code !== "SERVICE_UNAVAILABLE" || tries === 20) return answer;
  }
}

/** Returns the numbers of audit, event, and history rows in the user's tenant, which show whether a call had an effect. Rows are only added. */
async function traces(user: TestUser): Promise<number[]> {
  // Notifications are events too, and are created later.
  await stage.weft.weft.worker.idle();
  const [row] = await stage.owner<{ counts: number[] }[]>`
    select array[(select count(*) from audit.entries a where a.tenant_id = u.tenant_id), (select count(*) from events.log e where e.tenant_id = u.tenant_id),
                 (select count(*) from workflows.history h where h.tenant_id = u.tenant_id)]::int[] as counts
      from identity.users u where u.id = ${decodeId("user", user.id)}`;
  return row?.counts ?? [];
}

const added = (before: readonly number[], after: readonly number[]): number[] => after.map((count, index) => count - (before[index] ?? 0));

/** Mutations whose case leaves no audit entry, event, or history: the bulk operation has ended before it is canceled. */
const traceless: ReadonlySet<string> = new Set(["cancelBulkOperation"]);

const others = cases.filter(({ mutation }) => !thorough.has(mutation));

describe.each([...cases.filter(({ mutation }) => thorough.has(mutation)), ...drawn(others, { of: 3 })])("F12 $mutation", (each) => {
  const idempotencyKey = "twice";
  let actor: TestUser;
  let input: Input;
  let other: Input;
  let first: { readonly after: readonly number[]; readonly left: readonly number[]; readonly result: ApiResult };
  beforeAll(async () => {
    actor = await each.who(stage);
    ({ input, other } = await each.inputs(stage, actor));
    const before = await traces(actor);
    const result = await send(each, actor, { ...input, idempotencyKey });
    const after = await traces(actor);
    first = { after, left: added(before, after), result };
  });

  test("runs once and returns the same result if the key is repeated, and returns CONFLICT with a different input", async () => {
    expect(first.result.errors).toBeUndefined();
    expect(first.left.some((count) => count > 0)).toBe(!traceless.has(each.mutation));
    expect(await send(each, actor, { ...input, idempotencyKey })).toEqual(first.result);
    const { errors } = await send(each, actor, { ...other, idempotencyKey });
    expect(errors?.[0]?.extensions?.code).toBe("CONFLICT");
    expect(errors?.[0]?.message).toMatch(/idempotency key "twice"/);
    expect(added(first.after, await traces(actor))).toEqual([0, 0, 0]);
  });

  const times = thorough.has(each.mutation) ? 50 : 10;
  const isConcurrent = isTried(each.mutation, { of: 4 }) || thorough.has(each.mutation);
  // All mutations take the lock of their key in the same place.
  test.each(isConcurrent ? [times] : [])("%i concurrent calls: one runs, and all return its result", async () => {
    const together = await each.inputs(stage, actor);
    const before = await traces(actor);
    const many = await Promise.all(
      Array.from({ length: times }, () => sendUntilServed(each, actor, { ...together.input, idempotencyKey: "together" })),
    );
    expect(many.find(({ errors }) => errors !== undefined)).toBeUndefined();
    expect(new Set(many.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(added(before, await traces(actor))).toEqual(first.left);
  });
});

test("every case of its own is of a mutation with an idempotency key", () => {
  expect(Object.keys(ownCases).filter((name) => !(name in idempotencyCases))).toEqual([]);
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: stage.weft.database.ownerUrl })).toEqual([]);
});
