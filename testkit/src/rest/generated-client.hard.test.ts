import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageChecks, run } from "../clients/packed.js";
import { sharedWeft } from "../shared-weft.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";

/** What a user of openapi-typescript and openapi-fetch writes. Each mistake that the types must find is marked. */
const program = `
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const client = createClient<paths>({ baseUrl: process.env["WEFT_URL"] + "/api/v1", headers: { authorization: "Bearer " + process.env["WEFT_TOKEN"] } });

const created = await client.POST("/buildings", { body: { code: "GEN", name: "Generated" }, params: { header: { "Idempotency-Key": "generated" } } });
if (created.data === undefined) throw new Error(created.error.code + ": " + created.error.detail);
const id: string = created.data.id;
const changed = await client.PUT("/buildings/{id}", { params: { path: { id }, header: { "If-Match": '"1"' } }, body: { city: "Bern", status: "ACTIVE" } });
const page = await client.GET("/buildings", { params: { query: { code: ["GEN", "NONE"], orderBy: "-CODE", includeTotal: true, first: 10 } } });
const missing = await client.GET("/buildings/{id}", { params: { path: { id: "bld_00000000000000000000000001" } } });

// @ts-expect-error a required member is missing
void (() => client.POST("/buildings", { body: { code: "GEN" } }));
// @ts-expect-error there is no such status
void (() => client.PUT("/buildings/{id}", { params: { path: { id } }, body: { status: "OPEN" } }));
// @ts-expect-error there is no such address
void (() => client.GET("/houses", {}));

const city: string | undefined = changed.data?.city;
console.log(JSON.stringify({ city, total: page.data?.totalCount, codes: page.data?.items.map((item) => item.code), code: missing.error?.code }));
`;

const config = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2024",
    types: [],
    lib: ["es2024", "dom"],
    skipLibCheck: true,
    outDir: "out",
  },
  include: ["*.ts"],
};

let weft: SharedWeft;
let admin: TestUser;
let folder: string;
beforeAll(async () => {
  weft = await sharedWeft();
  ({ admin } = await weft.tenant());
  folder = mkdtempSync(join(tmpdir(), "weft-openapi-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a client that is generated from the OpenAPI document compiles, finds mistakes by its types, and is answered", async () => {
  writeFileSync(join(folder, "openapi.json"), await (await fetch(`${weft.url}/api/v1/openapi.json`)).text());
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "program.ts"), program + "declare const process: { readonly env: Record<string, string> };\n");
  symlinkSync(join(packageChecks, "node_modules"), join(folder, "node_modules"));
  await run(process.execPath, ["node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", "api.ts"], folder);
  await run(process.execPath, ["node_modules/typescript/bin/tsc"], folder);
  const output = await run(process.execPath, ["out/program.js"], folder, { WEFT_URL: weft.url, WEFT_TOKEN: admin.token });
  expect(JSON.parse(output)).toEqual({ city: "Bern", total: 1, codes: ["GEN"], code: "NOT_FOUND" });
});
