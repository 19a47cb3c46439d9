import { startTestWeft, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It keeps the process busy." })));
afterAll(() => weft.stop());

// Each transition examines all rows.
const heavy = Array.from({ length: 20 }, () => "{ set: { data.rows: data.rows } }").join(", ");
const source = `weft: 1
key: heavy
name: Heavy
data: { type: object, properties: { n: { type: number }, rows: { type: array, items: { type: object, properties: { name: { type: string }, size: { type: number } } } } } }
initial: open
states:
  open: { transitions: { stay: { to: open, actions: [${heavy}] }, close: { to: closed } } }
  closed: { final: completed }
`;
const data = { n: 0, rows: Array.from({ length: 3_000 }, (_, size) => ({ name: `Row ${size}`, size })) };
const firings = (count: number): { transition: string }[] => Array.from({ length: count }, () => ({ transition: "stay" }));

test("twenty simulations in one operation use no more processor time than the limit for one operation", { timeout: 120_000 }, async () => {
  const acme = await weft.tenant();
  const variables = {
    source,
    data,
    // Each requests something different, because identical fields are evaluated once.
    ...Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`steps${at}`, firings(200 - at)])),
  };
  const names = Array.from(
    { length: 20 },
    (_, at) => `a${at}: simulateWorkflow(source: $source, data: $data, steps: $steps${at}) { status }`,
  );
  const declared = Array.from({ length: 20 }, (_, at) => `$steps${at}: [SimulationStepInput!]!`).join(", ");
  const began = process.cpuUsage();
  const { errors } = await acme.admin.send(`query ($source: String!, $data: JSON, ${declared}) { ${names.join(" ")} }`, variables);
  const used = process.cpuUsage(began);
  // They take turns, and end when the operation's computing time is used up.
  expect(errors?.map(({ message }) => message).filter((one) => !one.includes("computing"))).toEqual([]);
  expect((errors ?? []).map(({ extensions }) => extensions?.["limit"])).toContain("computingMs");
  // Of the entire process, including work other than the simulations.
  expect((used.user + used.system) / 1_000).toBeLessThan(20_000);
});

test("a simulation is not refused because of the processor time of another one in the same operation", { timeout: 60_000 }, async () => {
  const acme = await weft.tenant();
  const document = `query ($source: String!, $data: JSON, $many: [SimulationStepInput!]!, $one: [SimulationStepInput!]!) {
    many: simulateWorkflow(source: $source, data: $data, steps: $many) { status }
    one: simulateWorkflow(source: $source, data: { n: 1 }, steps: $one) { status state }
  }`;
  const result = await acme.admin.send(document, { source, data, many: firings(200), one: firings(1) });
  expect(result.errors?.map(({ path }) => path?.[0])).toEqual(["many"]);
  expect(result.errors?.[0]?.message).toContain("Use fewer steps or smaller data.");
  expect(result.data).toMatchObject({ one: { state: "open" } });
});
