import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowser } from "./bundle-client.js";
import { linkCodeGenerator, pack, root, run } from "./packed.js";

const documents = `
query List { requests(first: 20) { edges { node { id ...Row } } } }
query Unused { me { id } }
fragment Row on Request { number state }
`;
const page = `
import { ListDocument, RowFragmentDoc } from "./gql/graphql";
import { getFragmentData } from "./gql/fragment-masking";
export const numbers = (data) => data.requests.edges.map(({ node }) => getFragmentData(RowFragmentDoc, node).number);
console.log(ListDocument);
`;

interface ViteConfig {
  readonly build: { readonly rolldownOptions: { readonly treeshake: { readonly manualPureFunctions: readonly string[] } } };
}

/** The JSON blocks of docs/how-to/client.md: the configurations of the code generator and of Vite. */
const [codegenConfig = "", viteConfig = ""] = [
  ...readFileSync(join(root, "docs/how-to/client.md"), "utf8").matchAll(/```json\n(.*?)```/gs),
].map(([, json = ""]) => json);
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-codegen-"));
  const [tarball = ""] = await pack(["client"], folder);
  const installed = join(folder, "node_modules/@weft/client");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed], folder);
  linkCodeGenerator(join(folder, "node_modules"));
  writeFileSync(join(folder, "codegen.json"), codegenConfig);
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/documents.graphql"), documents);
  writeFileSync(join(folder, "src/page.ts"), page);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the recipe of docs/how-to/client.md generates only the types of the documents, and the page bundles only those that it uses", async () => {
  const startedAt = performance.now();
  await run(process.execPath, ["node_modules/@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json"], folder);
  const seconds = (performance.now() - startedAt) / 1000;
  const generated = readFileSync(join(folder, "src/gql/graphql.ts"), "utf8");
  const { build } = JSON.parse(viteConfig) as ViteConfig;
  const code = await bundleForBrowser(`export * from ${JSON.stringify(join(folder, "src/page.ts"))};`, {
    minify: true,
    pure: build.rolldownOptions.treeshake.manualPureFunctions,
  });
  console.log(`codegen: ${seconds.toFixed(1)} s; generated ${generated.length} bytes; bundle ${code.length} bytes`);
  expect(generated.length).toBeLessThan(20_000);
  expect(code).toContain("query List");
  expect(code).not.toContain("query Unused");
  expect(code.length).toBeLessThan(2_000);
});
