import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap, type SourceMapping, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { TestUser } from "@weft/testkit/test-user";
import { until } from "@weft/testkit/until";
import { bundleOf } from "@weft/testkit/processes/bundler";
import { runProgram, weftProcess } from "@weft/testkit/processes/weft-process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programs } from "./programs.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
let data: string;
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "weft-bundle-"));
  for (const program of ["main", "server", "demo", "gateway", "worker", "keys-cli"] as const)
    folder = dirname(await bundleOf(programs[program]));
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

test("a bundled Weft starts PostgreSQL, migrates, seeds, plays the story, and stops", async () => {
  const port = await findFreePort();
  const env = { PORT: String(port), WEFT_DATA_DIR: join(data, "data"), WEFT_DEMO_DATA: "minimal", LOG_LEVEL: "info", LOG_FORMAT: "json" };
  const weft = weftProcess({ name: "bundled Weft", program: join(folder, "main.js"), env }, `http://127.0.0.1:${port}`);
  await weft.start();
  try {
    const story = await runProgram({ program: join(folder, "demo.js"), env: { PORT: String(port) } });
    expect(story).toMatchObject({ code: 0 });
    const admin = await TestUser.login(weft.url, "admin@acme.com", "admin123");
    const explorer = await fetch(`${weft.url}/explorer`);
    expect([explorer.status, (await explorer.text()).includes("examples")]).toEqual([200, true]);
    // A plan that is not compiled is executed by Apollo's executor, with what the bundle loads on demand.
    expect(await admin.refusal('{ request(id: "req_00000000000000000000000000") { id } }')).toBe("NOT_FOUND");
    // After half a second of planning, the thread starts from files outside of the bundle.
    for (let text = 0; text < 500 && !/A thread plans|did not start/.test(weft.output()); text++) await admin.run(newQuery(text));
    await until(() => /A thread plans/.test(weft.output()), { what: "the thread plans operations" });
    expect(await admin.run(newQuery(500))).toMatchObject({ n500: "Query" });
  } finally {
    expect(await weft.end("SIGTERM")).toBe(0);
  }
  expect(weft.output()).not.toMatch(/"level":"(?:error|fatal)"|Warning/);
});

test("the programs of separate processes load, and refuse to start without their settings", async () => {
  const file = join(data, "keys.json");
  expect(await runProgram({ program: join(folder, "keys-cli.js"), args: [file], env: {} })).toMatchObject({ code: 0 });
  // A mistyped command creates no keys file with its name.
  expect(await runProgram({ program: join(folder, "keys-cli.js"), args: ["rewarp"], env: {} })).toMatchObject({
    code: 2,
    output: expect.stringContaining('"rewarp" is not a command') as string,
  });
  const env = { WEFT_MODE: "production", WEFT_KEYS_FILE: file };
  for (const program of ["gateway", "worker"] as const)
    expect(await runProgram({ program: join(folder, `${program}.js`), env })).toMatchObject({
      code: 78,
      output: expect.stringContaining("DATABASE_URL") as string,
    });
});

test("the source map leads from a line of the bundle to the line of the TypeScript source", () => {
  const file = readdirSync(folder).find((name) => /^keys-cli\b.*\.js$/.test(name) && read(name).includes("function writeKeysFile(")) ?? "";
  const generated = read(file).split("\n");
  const line = generated.findIndex((text) => text.includes("function writeKeysFile("));
  const map = new SourceMap(JSON.parse(read(`${file}.map`)) as SourceMapPayload);
  const { originalSource, originalLine } = map.findEntry(line, generated[line]?.indexOf("function") ?? 0) as SourceMapping;
  const source = join(folder, originalSource);
  expect(source).toBe(join(root, "packages/platform/src/config/keys.ts"));
  expect(readFileSync(source, "utf8").split("\n")[originalLine]).toContain("function writeKeysFile(");
});

test("a bundle contains one copy of graphql", () => {
  const text = readdirSync(folder)
    // The thread that plans operations is a program of its own.
    .filter((name) => /^server\b.*\.js$/.test(name) && !name.startsWith("server.planner-thread."))
    .map(read)
    .join("\n");
  expect(text.match(/exports\.GraphQLSchema = GraphQLSchema;/g)).toHaveLength(1);
});

/**
 * Code that only a patched package has, and code that only the unpatched one has, by patch. A package has several builds; the bundler decides which of
 * them a program contains.
 */
const patched: Readonly<Record<string, { readonly has: RegExp; readonly lacks: RegExp; readonly programs: readonly string[] }>> = {
  "@apollo__gateway": {
    has: /async updateWithSchemaAndNotify\(/,
    lacks: /(?<!async |this\.)updateWithSchemaAndNotify\(supergraph/,
    programs: ["server", "gateway"],
  },
  "@apollo__server": {
    has: /http: new GatewayResponseHead\(/,
    lacks: /set status\(newStatus\) \{\s*newRequestContext/,
    programs: ["server", "gateway"],
  },
  "@opentelemetry__api": { has: /self\.getValue = getValue\b/, lacks: /self\.getValue = (?:function|\()/, programs: ["server", "gateway"] },
  "graphql-shield": {
    has: /rule === (?:undefined|void 0)|isUndefined\S* = /,
    lacks: /\bisUndefined\b[^}]*\} from "(?:node:)?util"|util\S*\.isUndefined/,
    programs: ["server"],
  },
  pino: {
    has: /getCallSites\(\{ sourceMap: (?:false|!1) \}\)/,
    lacks: /getCallSites\(\)/,
    programs: ["server", "gateway", "worker"],
  },
};

test("each patch of a package is in the bundles of the programs that contain the package", () => {
  const names = readdirSync(join(root, "patches")).map((file) => file.slice(0, file.lastIndexOf("@")));
  expect(Object.keys(patched).toSorted()).toEqual(names.toSorted());
  for (const [name, { has, lacks, programs: inPrograms }] of Object.entries(patched))
    for (const program of inPrograms) {
      const files = readdirSync(folder).filter((file) => file.startsWith(`${program}.`) && file.endsWith(".js"));
      const text = files.map(read).join("\n");
      expect([name, program, has.test(text), lacks.test(text)]).toEqual([name, program, true, false]);
    }
});

test("the database driver of the bundles is Weft's, and they do not contain the published one, which drizzle would load", () => {
  for (const program of ["main", "server", "worker", "gateway"]) {
    const files = readdirSync(folder).filter((file) => file.startsWith(`${program}.`) && file.endsWith(".js"));
    const text = files.map(read).join("\n");
    expect([program, text.match(/\bBindExecuteUnnamed = /g)?.length, /this\.resolve = \(?x\)? =>/.test(text)]).toEqual([program, 1, false]);
  }
});

/** A query whose text differs for each number, and takes some time to plan. */
const newQuery = (text: number): string => {
  const fields =
    "edges { node { id number type { name } createdBy { name roles { name } } workflow { state tasks { id assignee { name } } } } }";
  return `{ n${text}: __typename ${Array.from({ length: 5 }, (_, field) => `a${field}: requests(first: 1) { ${fields} }`).join(" ")} }`;
};
