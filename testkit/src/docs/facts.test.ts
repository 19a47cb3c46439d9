import { configurationSchema } from "@weft/platform/configuration";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSchema, GraphQLError, parse, validate } from "graphql";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const pages = globSync(["README.md", "docs/**/*.md"], { cwd: root, exclude: (path) => path.includes("node_modules") })
  .sort()
  .map((path) => ({ path, text: read(path) }));

/** Returns the names matching `names` that the pages mention but that are not known, with the page. */
function unknown(names: RegExp, isKnown: (name: string) => boolean): string[] {
  return pages.flatMap(({ path, text }) =>
    [...new Set([...text.matchAll(names)].map(([, name = ""]) => name))].filter((name) => !isKnown(name)).map((name) => `${path}: ${name}`),
  );
}

test("operations shown on a page are valid against the schema", () => {
  const schema = buildSchema(read("schema.graphql"), { assumeValidSDL: true });
  const problems = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/^```graphql(?: \w+)?\n(.*?)^```$/gms)].flatMap(([, block = ""]) => {
      // An ellipsis marks what the reader fills in. A block that describes types is not an operation.
      if (block.includes("…") || /^\s*(?:type|input|enum|interface)\b/.test(block)) return [];
      return problemsOf(block).map((problem) => `${path}: ${problem}`);
    }),
  );
  expect(problems).toEqual([]);

  /** A block can have several documents, so the same name or an anonymous operation can occur several times. */
  function problemsOf(block: string): string[] {
    try {
      const { definitions } = parse(block);
      const fragments = definitions.filter(({ kind }) => kind === "FragmentDefinition");
      return definitions
        .filter(({ kind }) => kind === "OperationDefinition")
        .flatMap((operation) => validate(schema, { kind: "Document" as never, definitions: [operation, ...fragments] }))
        .map(({ message }) => message)
        .filter((message) => !message.startsWith("Fragment"));
    } catch (error) {
      if (error instanceof GraphQLError) return [`${error.message} in ${block.slice(0, 80)}`];
      throw error;
    }
  }
});

test("commands shown on a page exist", () => {
  const scripts = (path: string): string[] => Object.keys((JSON.parse(read(path)) as { scripts: Record<string, string> }).scripts);
  const known = new Set([...scripts("package.json"), ...scripts("examples/clients/package.json"), "exec", "install", "run"]);
  expect(unknown(/npx --yes pnpm (?:run )?([a-z][\w:]*)/g, (name) => known.has(name))).toEqual([]);
});

test("settings mentioned on a page exist", () => {
  const example = read(".env.example");
  const known = new Set([...example.matchAll(/^# ([A-Z][A-Z_]+)=/gm)].map(([, name = ""]) => name));
  // Other sources of secrets, which the description of the setting names.
  for (const name of known)
    for (const source of [`${name}_FILE`, `${name}_VAULT`]) if (new RegExp(`\\b${source}\\b`).test(example)) known.add(source);
  // The passwords that Docker Compose requires, the password that the command line reads, error codes, statuses, and reasons of ended sessions.
  for (const [, name = ""] of read("docker-compose.env.example").matchAll(/^([A-Z_]+)=/gm)) known.add(name);
  for (const name of [
    "WEFT_ADMIN_PASSWORD",
    // Read by the command line, not by servers.
    "WEFT_URL",
    "WEFT_TENANT",
    "WEFT_USER",
    "WEFT_PASSWORD",
    "WEFT_SECOND_FACTOR",
    "WEFT_API_KEY",
    "WEFT_ENVIRONMENT",
    "LIMIT_EXCEEDED",
    "LIMIT_REACHED",
    "PASSWORD_CHANGE",
    "PASSWORD_CHANGED",
    "PASSWORD_CHANGE_REQUIRED",
    "PASSWORD_RESET",
  ])
    known.add(name);
  expect(known.size).toBeGreaterThan(50);
  expect(unknown(/\b((?:WEFT|DATABASE|LIMIT|LOG|MAIL|PASSWORD|REDIS|SMTP)_[A-Z_]*[A-Z])\b(?!_)/g, (name) => known.has(name))).toEqual([]);
});

test("services and programs started on a page exist", () => {
  const services = new Set([...read("docker-compose.yml").matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name));
  expect(unknown(/docker compose run --rm (?:-T )?(\w+)/g, (name) => services.has(name))).toEqual([]);
  expect(unknown(/--scale (\w+)=/g, (name) => services.has(name))).toEqual([]);
  const sources = new Set(globSync("{gateway,{apps,subgraphs}/*}/src/*.ts", { cwd: root }).map((path) => path.replaceAll("\\", "/")));
  const sourceOf = (program: string): string => program.replace("/dist/", "/src/").replace(/\.js$/, ".ts");
  expect(unknown(/\b((?:gateway|apps\/\w+|subgraphs\/\w+)\/dist\/[\w-]+\.js)/g, (name) => sources.has(sourceOf(name)))).toEqual([]);
});

test("metrics mentioned on a page exist", () => {
  const sources = [
    "gateway/src/metrics.ts",
    "apps/worker/src/metrics.ts",
    "subgraphs/workflows/src/metrics.ts",
    "packages/api/src/secret-metrics/secret-metrics.ts",
  ].map(read);
  const known = new Set([...sources.join("\n").matchAll(/"(weft_\w+)"/g)].map(([, name = ""]) => name));
  expect(known.size).toBeGreaterThan(5);
  expect(unknown(/`(weft_\w+_(?:total|seconds|waiting|sockets|subscriptions|connections))`/g, (name) => known.has(name))).toEqual([]);
});

test("fields, arguments and values mentioned in a guide exist", () => {
  const known = new Set(read("schema.graphql").match(/\b[A-Za-z_]\w*\b/g));
  // Names of the definition format, of configurations of connectors, of errors and log lines, of the keys file, of libraries, and of custom fields in examples.
  const others = [
    "notSameAs",
    "waitingForInformation",
    "retryAfter",
    "currentVersion",
    "openTasks",
    "durationMs",
    "loginHash",
    "operationName",
    "operatorId",
    "databasePasswords",
    // A parameter of the REST API.
    "includeTotal",
    // A member of the body of /session.
    "endsWithBrowser",
    // The storage of browsers.
    "sessionStorage",
    "localStorage",
    // Settings of GraphQL Code Generator and the Relay compiler.
    "documentMode",
    "persistedDocuments",
    "persistConfig",
    // Attributes and classes of directories.
    "inetOrgPerson",
    "objectCategory",
    "userAccountControl",
    "sAMAccountName",
    "posixGroup",
    "memberUid",
    "objectSid",
    "nsUniqueId",
    "ipaUniqueID",
    // Attributes of SCIM.
    "userName",
    "mailNickname",
    "tooMany",
    "displayName",
    "phoneNumbers",
    "itemsPerPage",
    "masterKey",
    "previousMasterKeys",
    "requireTLS",
    "energyClass",
    "acceptsIdempotencyKey",
    "replyTo",
    "maxRows",
    // Subscriptions over HTTP: an option of graphql-sse, a parameter of a media type, and a member of errors of a stream.
    "singleConnection",
    "subscriptionSpec",
    "closeCode",
    // What the client preset of GraphQL Code Generator writes.
    "getFragmentData",
    // What host applications call.
    "startWeft",
    "composeWeft",
    // Members of an entry in an exported file of the audit trail.
    "previousHash",
    "entryHash",
    // Member of an entry in a message of syslog.
    "isShortened",
    // Of the contexts of OpenFeature.
    "targetingKey",
    // Triggers of connectors, and members of their configurations and items.
    "newObjects",
    "newRows",
    "cursorColumn",
    "idColumn",
    "modifiedAt",
    "startAfter",
  ];
  for (const name of others) known.add(name);
  // Settings of the configuration, at any depth.
  const addSettings = ({ properties = {}, additionalProperties }: typeof configurationSchema): void => {
    for (const [name, setting] of Object.entries(properties)) {
      known.add(name);
      addSettings(setting);
    }
    if (typeof additionalProperties === "object") addSettings(additionalProperties);
  };
  addSettings(configurationSchema);
  // What the packages for authors export, and its members.
  for (const path of globSync("packages/{client,react,server}/src/**/*.{ts,tsx}", { cwd: root }))
    for (const [name] of read(path).matchAll(/\b[a-z]+[A-Z]\w*/g)) known.add(name);
  // Properties of workflows whose data Weft fills.
  const definitions = globSync("examples/definitions/*.yaml", { cwd: root }).map(read).join("\n");
  for (const [, name = ""] of definitions.matchAll(/^ +(\w+): \{ type: /gm)) known.add(name);
  const guides = pages.filter(({ path }) => path.startsWith("docs/how-to/"));
  expect(guides.length).toBeGreaterThan(15);
  const missing = guides.flatMap(({ path, text }) => {
    const code = text.replaceAll(/^ *```.*?^ *```$/gms, "").matchAll(/`([^`\n]+)`/g);
    const names = [...code].flatMap(([, span = ""]) => span.match(/(?<![\w.$/-])[a-z]+[A-Z]\w*(?![\w.]*[/.-]\w)/g) ?? []);
    return [...new Set(names)].filter((name) => !known.has(name)).map((name) => `${path}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test("messages shown on the troubleshooting page exist", () => {
  const sources = globSync("{gateway,drizzle,{apps,packages,subgraphs}/*}/src/**/*.ts", {
    cwd: root,
    exclude: (path) => path.includes("node_modules"),
  });
  const all = sources
    .filter((path) => !path.endsWith(".test.ts"))
    .map(read)
    .join("\n");
  const page = read("docs/how-to/troubleshooting.md");
  // A message is at least four words. Its variable parts are an ellipsis, a quoted value, an address, or a setting.
  const messages = [...page.matchAll(/`([^`\n]+)`/g)]
    .map(([, text = ""]) => text)
    .filter((text) => text.split(" ").length >= 4 && !/^(?:npx|select|PORT=)/.test(text));
  expect(messages.length).toBeGreaterThan(8);
  const parts = messages.flatMap((text) => text.split(/…\S*|"[^"]*"|\b[A-Z]+_[A-Z_]+\b:?|127\.0\.0\.1:\d+/).map((part) => part.trim()));
  expect(parts.filter((part) => part.includes(" ") && !all.includes(part))).toEqual([]);
});
