import { aMaintenanceTenant, type ApiResult, brokenInvariants, startTestWeft } from "@weft/testkit";
import type { IdempotencyCase, Stage } from "@weft/testkit/idempotency/case";
import { idempotencyCases } from "@weft/testkit/idempotency/cases";
import { keyedMutations } from "@weft/testkit/idempotency/keyed-mutations";
import { loopingDefinition } from "@weft/testkit/looping-definition";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// F12: each mutation with an idempotency key, through the API.

let stage: Stage;
beforeAll(async () => {
  const weft = await startTestWeft();
  const acme = await aMaintenanceTenant(weft);
  await acme.tenant.definition(loopingDefinition);
  const { operator } = await weft.platform();
  stage = { weft, acme, operator, owner: postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} }) };
});
afterAll(async () => {
  await stage.owner.end();
  await stage.weft.stop();
});

test("every mutation that takes an idempotency key has a case", () => {
  expect(keyedMutations().filter((name) => !(name in idempotencyCases))).toEqual(["registerOrganization"]);
});

type Case = IdempotencyCase & { readonly mutation: string };
type Input = Readonly<Record<string, unknown>>;
const cases: readonly Case[] = Object.entries(idempotencyCases).map(([mutation, one]) => ({ mutation, ...one }));

/** Ten twins show the rest as well, and fifty of each would take long. */
const thorough = new Set(["createRequest", "submitRequest", "startWorkflow", "fireTransition"]);

function send({ mutation, who, selection }: Case, input: Input): Promise<ApiResult> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  return who(stage).send(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input });
}

/** As a client does that was told to come back: the same call with the same key. */
async function sendUntilServed(each: Case, input: Input): Promise<ApiResult> {
  for (let tries = 0; ; tries++) {
    const answer = await send(each, input);
    if (answer.errors?.[0]?.extensions?.code !== "SERVICE_UNAVAILABLE" || tries === 20) return answer;
  }
}

/** How many rows of audit, events and history there are in the tenant: what an effect leaves behind. */
async function traces(): Promise<number[]> {
  // Notifications are events too, and come later.
  await stage.weft.weft.worker.idle();
  const tenant = stage.acme.tenant.id;
  const [row] = await stage.owner<{ counts: number[] }[]>`
    select array[(select count(*) from audit.entries where tenant_id = ${tenant}), (select count(*) from events.log where tenant_id = ${tenant}),
                 (select count(*) from workflows.history where tenant_id = ${tenant})]::int[] as counts`;
  return row?.counts ?? [];
}

async function tracesOf<T>(run: () => Promise<T>): Promise<{ left: number[]; result: T }> {
  const before = await traces();
  const result = await run();
  return { left: (await traces()).map((count, index) => count - (before[index] ?? 0)), result };
}

describe.each(cases)("F12 $mutation", (each) => {
  test("with the same key twice it runs once and answers the same; with another input it is CONFLICT", async () => {
    const { input, other } = await each.inputs(stage);
    const idempotencyKey = "twice";
    const first = await tracesOf(() => send(each, { ...input, idempotencyKey }));
    expect(first.result.errors).toBeUndefined();
    const second = await tracesOf(() => send(each, { ...input, idempotencyKey }));
    expect(second.result).toEqual(first.result);
    const third = await tracesOf(() => send(each, { ...other, idempotencyKey }));
    expect(third.result.errors?.[0]?.extensions?.code).toBe("CONFLICT");
    expect(third.result.errors?.[0]?.message).toMatch(/idempotency key "twice"/);
    expect([second.left, third.left]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  const times = thorough.has(each.mutation) ? 50 : 10;
  test(`${times} at once: one runs, all have its answer`, async () => {
    const [alone, together] = [await each.inputs(stage), await each.inputs(stage)];
    const one = await tracesOf(() => send(each, { ...alone.input, idempotencyKey: "alone" }));
    const many = await tracesOf(() =>
      Promise.all(Array.from({ length: times }, () => sendUntilServed(each, { ...together.input, idempotencyKey: "together" }))),
    );
    expect(many.result.find(({ errors }) => errors !== undefined)).toBeUndefined();
    expect(new Set(many.result.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(many.left).toEqual(one.left);
  });
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: stage.weft.database.ownerUrl })).toEqual([]);
});
