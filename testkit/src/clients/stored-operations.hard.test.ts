import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newApplication, newOperations } from "../tenants/new-application.js";

/** Its tools and clients are those that applications use. `pnpm test:hard` installs them. */
const examples = fileURLToPath(new URL("../../../examples/clients/", import.meta.url));
const schema = fileURLToPath(new URL("../../../schema.graphql", import.meta.url));

let weft: SharedWeft;
let tenant: TestTenant;
let user: TestUser;
let folder: string;

beforeAll(async () => {
  if (!existsSync(join(examples, "node_modules"))) throw new Error("examples/clients is not installed. `pnpm test:hard` does it.");
  mkdirSync(join(examples, "dist"), { recursive: true });
  folder = mkdtempSync(join(examples, "dist/stored-"));
  weft = await sharedWeft();
  tenant = await weft.tenant();
  user = await tenant.user("operations");
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { security: { storedOperations: "REQUIRED" } }, message: "Only what our applications send" },
    },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of the example clients, or a module of the folder. Returns what it writes. */
async function run(module: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [module, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], WEFT_URL: weft.url, TOKEN: user.token },
  });
  return stdout;
}
const tool = (path: string): string => join(examples, "node_modules", path);

/** An application for GraphQL Code Generator, with a fragment, a variable, and two root fields. */
const codegenSource = `
import { gql } from "./gql/index.js";
gql(\`fragment Person on User { name id }\`);
gql(\`query One($id: ID!) { user(id: $id) { ...Person } me { id } }\`);
`;

/** The same for Apollo Client. */
const apolloSource = `
import { gql } from "@apollo/client";
const person = gql\`fragment Person on User { name id }\`;
export const one = gql\`query One($id: ID!) { user(id: $id) { ...Person } me { id } } \${person}\`;
`;

const expected = () => ({ user: { name: expect.any(String) as string, id: user.id }, me: { id: user.id } });

test("GraphQL Code Generator's persistedDocuments: the client sends only the hash that the preset embeds", async () => {
  writeFileSync(join(folder, "codegen-source.ts"), codegenSource);
  const config = {
    schema,
    documents: join(folder, "codegen-source.ts"),
    generates: {
      [join(folder, "gql/")]: {
        preset: "client",
        presetConfig: {
          gqlTagName: "gql",
          fragmentMasking: false,
          persistedDocuments: { mode: "replaceDocumentWithHash", hashAlgorithm: "sha256" },
        },
        config: { documentMode: "string", useTypeImports: true, enumsAsTypes: true },
      },
    },
  };
  writeFileSync(join(folder, "codegen.json"), JSON.stringify(config));
  await run(tool("@graphql-codegen/cli/cjs/bin.js"), "--config", "codegen.json");
  const application = await newApplication(tenant.admin);
  await newOperations(tenant.admin, application, readFileSync(join(folder, "gql/persisted-documents.json"), "utf8"));
  writeFileSync(
    join(folder, "send.mts"),
    `import { OneDocument } from "./gql/graphql.ts";
    const body = { documentId: OneDocument.__meta__.hash, variables: { id: "${user.id}" } };
    const headers = { "content-type": "application/json", authorization: "Bearer " + process.env.TOKEN, "weft-application": "${application}" };
    const answer = await fetch(process.env.WEFT_URL + "/graphql", { method: "POST", headers, body: JSON.stringify(body) });
    console.log(await answer.text());`,
  );
  expect(JSON.parse(await run("send.mts"))).toEqual({ data: expected() });
}, 60_000);

test("Apollo's manifest and persisted query lists: the client sends only the ID of the manifest", async () => {
  writeFileSync(join(folder, "apollo-source.ts"), apolloSource);
  writeFileSync(
    join(folder, "persisted-query-manifest.config.json"),
    JSON.stringify({ documents: ["apollo-source.ts"], output: "manifest.json" }),
  );
  await run(tool("@apollo/generate-persisted-query-manifest/cli.js"));
  const application = await newApplication(tenant.admin);
  const send = async (): Promise<{ data?: unknown; error?: string; bodies: { query?: string }[] }> =>
    JSON.parse(await run("send-apollo.mts")) as { data?: unknown; error?: string; bodies: { query?: string }[] };
  writeFileSync(
    join(folder, "send-apollo.mts"),
    `import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
    import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
    import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
    import { readFileSync } from "node:fs";
    import { one } from "./apollo-source.ts";
    const bodies = [];
    const http = new HttpLink({
      uri: process.env.WEFT_URL + "/graphql",
      headers: { authorization: "Bearer " + process.env.TOKEN, "weft-application": "${application}" },
      fetch: (url, init) => (bodies.push(JSON.parse(init.body)), fetch(url, init)),
    });
    const loadManifest = async () => JSON.parse(readFileSync("manifest.json", "utf8"));
    const link = new PersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest })).concat(http);
    const client = new ApolloClient({ cache: new InMemoryCache(), link });
    const result = await client.query({ query: one, variables: { id: "${user.id}" } }).catch((error) => ({ error: String(error.message) }));
    console.log(JSON.stringify({ ...result, bodies }));
    process.exit(0);`,
  );
  const early = await send();
  expect(early.error).toContain("Only stored operations are accepted");
  await newOperations(tenant.admin, application, readFileSync(join(folder, "manifest.json"), "utf8"));
  await expect.poll(async () => (await send()).error, { timeout: 10_000 }).toBeUndefined();
  const { data, bodies } = await send();
  expect(data).toMatchObject(expected());
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).not.toHaveProperty("query");
}, 60_000);

test("Apollo's automatic persisted queries: the client sends the text once, and then only its hash", async () => {
  const other = await (await weft.tenant()).user("operations");
  writeFileSync(join(folder, "apollo-source.ts"), apolloSource);
  writeFileSync(
    join(folder, "send-automatic.mts"),
    `import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
    import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
    import { createHash } from "node:crypto";
    import { one } from "./apollo-source.ts";
    const bodies = [];
    const http = new HttpLink({
      uri: process.env.WEFT_URL + "/graphql",
      headers: { authorization: "Bearer ${other.token}" },
      fetch: (url, init) => (bodies.push(JSON.parse(init.body)), fetch(url, init)),
    });
    const link = new PersistedQueryLink({ sha256: (text) => createHash("sha256").update(text).digest("hex") }).concat(http);
    const client = new ApolloClient({ cache: new InMemoryCache(), link });
    for (let n = 0; n < 3; n++) await client.query({ query: one, variables: { id: "${other.id}" }, fetchPolicy: "network-only" });
    console.log(JSON.stringify(bodies.map(({ query }) => query !== undefined)));
    process.exit(0);`,
  );
  expect(JSON.parse(await run("send-automatic.mts"))).toEqual([false, true, false, false]);
}, 60_000);
