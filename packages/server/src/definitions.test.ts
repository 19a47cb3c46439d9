import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sharedWeft, type TestTenant } from "@weft/testkit";
import { root, run } from "@weft/testkit/clients/packed";
import { blocksOf } from "@weft/testkit/guides/page-blocks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defineAutomation, defineWorkflow, toYaml, type Automation, type Lifecycle } from "./definitions.js";

const examples = globSync("examples/{definitions,automations}/*.yaml", { cwd: root }).map((path) => {
  const text = readFileSync(join(root, path), "utf8");
  return { name: basename(path, ".yaml"), text, value: parse(text) as Lifecycle | Automation };
});
const entry = join(root, "packages/server/src/definitions.ts");
const isAutomation = (value: Lifecycle | Automation): value is Automation => value.kind === "automation";

const visit = defineWorkflow({
  weft: 1,
  key: "visit",
  name: "Visit",
  data: { properties: { note: { type: "string" } } },
  initial: "open",
  states: {
    open: {
      task: { title: "Visit {{ data.note }}", candidates: { roles: ["workflow_manager"] } },
      transitions: { close: { to: "done", when: 'data.note != ""' }, refuse: { to: "refused" } },
    },
    done: { final: "completed" },
    refused: { final: "rejected" },
  },
});
const greeting = defineAutomation({
  weft: 1,
  kind: "automation",
  key: "greeting",
  name: "Greeting",
  inputs: { name: { type: "string", required: true } },
  steps: [
    { id: "check", type: "assert", with: { that: '{{ inputs.name != "" }}' } },
    { id: "greet", type: "set", with: { values: { text: "Hello {{ inputs.name }}" } }, depends_on: "check" },
  ],
});

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await (await sharedWeft()).tenant();
});

/** Publishes a definition, and returns what Weft has read. */
async function published(source: string): Promise<unknown> {
  const id = await tenant.definition(source);
  const { definition } = await tenant.admin.run<{ definition: { document: unknown } }>(
    "query ($id: ID!) { definition(id: $id) { document } }",
    { id },
  );
  return definition.document;
}

describe("a definition in TypeScript", () => {
  test.each([visit, greeting])("is published as YAML: $key", async (definition) => {
    expect(await published(toYaml(definition))).toEqual(definition);
  });

  test.each(examples)("gives YAML of the same value as the example $name", ({ value }) => {
    expect(parse(toYaml(value))).toEqual(value);
  });

  test.each(examples.filter(({ name }) => ["leave-request", "loan-underwriting", "hello"].includes(name)))(
    "is read by Weft as the example $name in YAML is",
    async ({ text, value }) => {
      expect(await published(toYaml(value))).toEqual(await published(text));
    },
  );
});

describe("the compiler", { tags: "slow" }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weft-definitions-"));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      types: [],
      target: "es2022",
      module: "preserve",
      allowImportingTsExtensions: true,
      typeRoots: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the compiler says of modules with these texts, by their names. */
  async function errorsIn(definitions: Readonly<Record<string, string>>): Promise<readonly string[]> {
    for (const [name, text] of Object.entries(definitions))
      writeFileSync(join(folder, `${name}.ts`), `import { defineAutomation, defineWorkflow } from ${JSON.stringify(entry)};\n${text}\n`);
    // It writes what is wrong to its standard output.
    const said = await run(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], folder).catch(
      (error: { stdout: string }) => error.stdout,
    );
    for (const name of Object.keys(definitions)) rmSync(join(folder, `${name}.ts`));
    // What a message says further is indented.
    return said.split(/\n(?=\S)/).filter((message) => message.includes("error"));
  }

  test("accepts each example", async () => {
    const texts = examples.map(({ name, value }) => {
      const define = isAutomation(value) ? "defineAutomation" : "defineWorkflow";
      return [name, `export const definition = ${define}(${JSON.stringify(value, null, 2)});`];
    });
    expect(await errorsIn(Object.fromEntries(texts) as Record<string, string>)).toEqual([]);
  });

  test("accepts the guide's definition", async () => {
    const [block] = blocksOf("docs/how-to/workers.md").filter(({ text }) => text.includes("@weft/server/definitions"));
    const given =
      "declare const client: { mutate(document: string, variables: object): Promise<unknown> }; declare const createDefinition: string;";
    const text = block?.text.replace(/^import .*$/m, `import { toYaml } from ${JSON.stringify(entry)};`) ?? "";
    expect(text).toContain("toYaml(billing)");
    expect(await errorsIn({ guide: `${given}\n${text}` })).toEqual([]);
  });

  const workflow = ({ initial = "open", to = "done", final = "completed", more = "" }): string =>
    `export const made = defineWorkflow({ weft: 1, key: "a", name: "A", initial: "${initial}", ${more}
      states: { open: { transitions: { close: { to: "${to}" } } }, done: { final: "${final}" } } });`;
  const automation = (step: string): string =>
    `export const made = defineAutomation({ weft: 1, kind: "automation", key: "a", name: "A",
      steps: [{ id: "first", type: "assert", with: { that: "x" } }, { id: "second", ${step} }] });`;

  test.each([
    ["a transition to a state that does not exist", workflow({ to: "gone" }), '"gone"'],
    ["an initial state that does not exist", workflow({ initial: "gone" }), '"gone"'],
    ["a key that does not exist", workflow({ more: "descripton: '', " }), "descripton"],
    ["a value that is not allowed", workflow({ final: "closed" }), '"closed"'],
    [
      "a final state with transitions",
      workflow({}).replace('final: "completed"', 'final: "completed", transitions: { again: { to: "open" } }'),
      "TS2322",
    ],
    ["an input whose value is not allowed", automation('type: "http", with: { url: "https://a.example", method: "DELTE" }'), '"DELTE"'],
    ["a step that waits for one that does not exist", automation('type: "wait", with: { for: "1s" }, depends_on: "gone"'), '"gone"'],
    ["a step without the input of its type", automation('type: "http", with: { method: "GET" }'), "url"],
    ["an input that the type of a step does not have", automation('type: "assert", with: { that: "x", url: "y" }'), "url"],
  ])("finds %s", async (_, text, name) => {
    const errors = await errorsIn({ mistake: text });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(name);
  });

  test("finds no mistake in definitions without one", async () => {
    expect(await errorsIn({ workflow: workflow({}), automation: automation('type: "wait", with: {}') })).toEqual([]);
  });
});
