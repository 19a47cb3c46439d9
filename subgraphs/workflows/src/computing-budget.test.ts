import type { Context } from "@weft/shared";
import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertCanCompute, canCompute, spendComputing } from "./computing-budget.js";

let weft: TestWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft();
  acme = await weft.tenant();
});
afterAll(() => weft.stop());

const text = (more: string) =>
  `weft: 1\nkey: tried\nname: Tried\ninitial: open\nstates:\n  open: { transitions: { stay: { to: open }, close: { to: closed } } }\n  closed: { final: completed }\n${more}`;
/** One field, asked for under many names. */
const under = (names: number, field: string): string => Array.from({ length: names }, (_, at) => `a${at}: ${field}`).join(" ");
const limits = (errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[] | undefined): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions?.["limit"] ?? extensions?.["code"]);

test("what one operation computes is counted together, each operation by itself", () => {
  const [one, other] = [{} as Context, {} as Context];
  for (let n = 0; n < 5; n++) {
    assertCanCompute(one);
    spendComputing(one, 1_001);
  }
  expect([canCompute(one), canCompute(other)]).toEqual([false, true]);
  expect(() => assertCanCompute(one)).toThrow(
    expect.objectContaining({ extensions: expect.objectContaining({ limit: "computingMs" }) as object }),
  );
  assertCanCompute(other);
});

test("texts that come with the question are counted, under however many names they come", async () => {
  const source = text(`# ${"x".repeat(200_000)}\n`);
  const asked = {
    simulateWorkflow: `simulateWorkflow(source: $source, steps: [{ transition: "close" }]) { status }`,
    validateDefinition: "validateDefinition(source: $source) { isValid }",
  };
  for (const field of Object.values(asked)) {
    const { data, errors } = await acme.admin.send(`query ($source: String!) { ${under(20, field)} }`, { source });
    expect(new Set(limits(errors))).toEqual(new Set(["definitionCharacters"]));
    expect(Object.values(data ?? {}).filter((answer) => answer !== null)).toHaveLength(12);
  }
});
