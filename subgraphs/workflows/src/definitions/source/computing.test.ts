import { sharedWeft, startTestWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { computedMs } from "@weft/testkit/cost/computed-ms";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
});

const text = (more: string) =>
  `weft: 1\nkey: tried\nname: Tried\ninitial: open\nstates:\n  open: { transitions: { stay: { to: open }, close: { to: closed } } }\n  closed: { final: completed }\n${more}`;
/** One field, selected with many aliases. */
const under = (names: number, field: string): string => Array.from({ length: names }, (_, at) => `a${at}: ${field}`).join(" ");
const limits = (errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[] | undefined): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions?.["limit"] ?? extensions?.["code"]);

/** Takes tens of milliseconds to compile. */
const large = (name: string): string => {
  const states = Array.from({ length: 200 }, (_, at) => {
    const next = at === 199 ? "done" : `s${at + 1}`;
    return `  s${at}: { transitions: { go: { to: ${next}, when: "data.n > ${at} && data.n < 9999" }, stop: { to: done } } }\n`;
  });
  return `weft: 1\nkey: large\nname: ${name}\ndata: { type: object, properties: { n: { type: number } } }\ninitial: s0\nstates:\n${states.join("")}  done: { final: completed }\n`;
};
const asked = {
  simulateWorkflow: `simulateWorkflow(source: $source, data: { n: 5 }, steps: [{ transition: "go" }]) { status }`,
  validateDefinition: "validateDefinition(source: $source) { isValid }",
  runScenarios: "runScenarios(source: $source) { isPassed }",
};

test.each(Object.entries(asked))("twenty aliases for one %s cost little more than one", async (name, field) => {
  const ask = async (names: number, source: string): Promise<number> => {
    const began = computedMs();
    const { errors } = await acme.admin.send(`query ($source: String!) { ${under(names, field)} }`, { source });
    expect(errors).toBeUndefined();
    return computedMs() - began;
  };
  await ask(20, large(`Warm ${name}`));
  const [one, twenty] = [await ask(1, large(`One ${name}`)), await ask(20, large(`Twenty ${name}`))];
  expect(twenty).toBeLessThan(4 * one + 50);
});

test("a compiled text is reused, for drafts and simulations alike", async () => {
  const source = large("At hand");
  const cost = async (): Promise<number> => {
    const began = computedMs();
    await acme.admin.run(`query ($source: String!) { ${asked.simulateWorkflow} }`, { source });
    return computedMs() - began;
  };
  const [first, second] = [await cost(), await cost()];
  expect(second).toBeLessThan(first / 2);
});

test("different texts in one operation are counted, in characters and in processor time", { tags: "slow" }, async () => {
  const fields = Array.from({ length: 14 }, (_, at) => `a${at}: validateDefinition(source: $s${at}) { isValid }`).join(" ");
  const names = Array.from({ length: 14 }, (_, at) => `$s${at}: String!`).join(", ");
  const variables = Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`s${at}`, text(`# ${at} ${"x".repeat(60_000)}\n`)]));
  expect((await acme.admin.send(`query (${names}) { ${fields} }`, variables)).errors).toBeUndefined();

  const strict = await startTestWeft({ settings: { LIMIT_COMPUTING_MS: 50 } });
  try {
    const { admin } = await strict.tenant();
    const many = Object.fromEntries(Object.keys(variables).map((name) => [name, large(name)]));
    const { data, errors } = await admin.send(`query (${names}) { ${fields} }`, many);
    expect(new Set(limits(errors))).toEqual(new Set(["computingMs"]));
    const answered = Object.values(data ?? {}).filter((answer) => answer !== null).length;
    expect(answered).toBeLessThan(14);
    // The next operation has its own budget.
    expect((await admin.send(`query ($source: String!) { ${asked.validateDefinition} }`, { source: text("") })).errors).toBeUndefined();
  } finally {
    await strict.stop();
  }
});

test("the calls that one operation makes to a subgraph share its budget", { tags: "slow" }, async () => {
  const strict = await startTestWeft({ settings: { LIMIT_COMPUTING_MS: 50 } });
  try {
    const { admin } = await strict.tenant();
    const names = Array.from({ length: 6 }, (_, at) => `$s${at}: String!`).join(", ");
    // Each field of a mutation is a separate call.
    const fields = Array.from({ length: 6 }, (_, at) => `a${at}: createDefinition(input: { source: $s${at} }) { definition { id } }`).join(
      " ",
    );
    const variables = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`s${at}`, large(`Draft ${at}`)]));
    expect(limits((await admin.send(`mutation (${names}) { ${fields} }`, variables)).errors)).toContain("computingMs");
  } finally {
    await strict.stop();
  }
});

test(
  "a flood of computation gets a limit error, never an error that the service is unavailable",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const hurried = await startTestWeft({ settings: { WEFT_REQUEST_TIMEOUT_MS: 12_000 } });
    try {
      const { admin } = await hurried.tenant();
      const neighbor = await hurried.tenant();
      const fields = Array.from({ length: 20 }, (_, at) => `a${at}: validateDefinition(source: $s${at}) { isValid }`).join(" ");
      const names = Array.from({ length: 20 }, (_, at) => `$s${at}: String!`).join(", ");
      const ask = (n: number) =>
        admin.send(
          `query (${names}) { ${fields} }`,
          Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`s${at}`, large(`${n} ${at}`)])),
        );
      const flood = Promise.all(Array.from({ length: 40 }, (_, n) => ask(n)));
      expect((await neighbor.admin.send("{ me { id } }")).errors).toBeUndefined();
      const codes = new Set(
        (await flood).flatMap(({ errors = [] }) =>
          errors.map(({ extensions }) => [extensions?.["code"], extensions?.["service"]].filter(Boolean).join(" of ")),
        ),
      );
      expect([...codes].filter((code) => code !== "RATE_LIMITED" && code !== "QUERY_LIMIT_EXCEEDED")).toEqual([]);
      expect(codes).toContain("RATE_LIMITED");
    } finally {
      await hurried.stop();
    }
  },
);
