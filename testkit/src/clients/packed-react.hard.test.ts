import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const checks = join(root, "testkit/package-checks/node_modules/.bin");
const run = async (command: string, args: readonly string[], cwd: string): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd, maxBuffer: 10_000_000 })).stdout;

/** An application that uses all of the package. */
const app = `
import { createWeftClient, memoryStore } from "@weft/client";
import {
  ErrorMessage, FileDrop, SignedIn, SignedOut, SlaClock, Timeline, TransitionButtons, useAction, useLive, useLiveQuery, useTask, useTransitions,
  WeftForm, WeftProvider, type ControlProps, type FormDescription, type HistoryEntry,
} from "@weft/react";
import { renderToString } from "react-dom/server";

const client = createWeftClient({ url: "https://weft.invalid", store: memoryStore() });
interface Changed { readonly taskChanged: { readonly task: { readonly id: string } } }

function List({ id }: { id: string }) {
  const { data, status } = useLiveQuery<{ me: { id: string } | null }, { id: string }, Changed>(
    "query ($id: ID!) { liveCursor me { id } }", "subscription ($after: String) { taskChanged(after: $after) { cursor task { id } } }",
    { id }, { concerns: ({ taskChanged }) => taskChanged.task.id === id },
  );
  const { data: event } = useLive<Changed>("subscription ($after: String) { taskChanged(after: $after) { cursor task { id } } }");
  return <p>{status} {data?.me?.id} {event?.taskChanged.task.id}</p>;
}

function Choice({ field, value, onChange, onBlur, inputProps }: ControlProps) {
  return <select {...inputProps} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} onBlur={onBlur}>
    {field.options.map(({ label }) => <option key={label}>{label}</option>)}
  </select>;
}

function Task({ id, form, history }: { id: string; form: FormDescription; history: readonly HistoryEntry[] }) {
  const { task, complete, claim, conflict } = useTask<{ attachments: null }>(id, { select: "attachments { totalCount }" });
  const { transitions, instance, fire } = useTransitions("wfi_1");
  const { run, error } = useAction<{ createRequest: { request: { id: string } } }, { input: object }>("mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }");
  return <>
    <button onClick={() => claim.run()}>Claim {conflict?.now?.title} {task?.attachments}</button>
    {task?.slaStatus && <SlaClock clock={task.slaStatus} />}
    <TransitionButtons transitions={task?.availableTransitions ?? []} action={complete} version={task?.instance?.version ?? null} />
    <TransitionButtons transitions={transitions} action={fire} version={instance?.version ?? null} />
    <WeftForm form={form} prefix="input" error={error} onSubmit={(input) => run({ input })} components={{ choice: Choice }} />
    <Timeline entries={history} />
    <FileDrop label="Photos" onUploaded={({ id }) => console.log(id)} />
    <ErrorMessage error={error} />
  </>;
}

const form: FormDescription = {
  name: "f", title: "Credit", description: null, data: {},
  schema: { type: "object", required: ["risk"], properties: { risk: { type: "string", enum: ["low", "high"] } } },
  uiSchema: { elements: [{ type: "Control", scope: "#/properties/risk", label: "Risk", options: { fieldType: "choice" } }] },
};
console.log(renderToString(
  <WeftProvider client={client}>
    <SignedOut>Log in <List id="tsk_1" /><Task id="tsk_1" form={form} history={[]} /></SignedOut>
    <SignedIn><List id="tsk_1" /></SignedIn>
  </WeftProvider>,
));
`;

let folder: string;
let tarballs: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-packed-react-"));
  // pnpm writes the version of the client instead of \`workspace:\`.
  for (const name of ["client", "react"])
    await run("npx", ["--yes", "pnpm", "pack", "--pack-destination", folder], join(root, "packages", name));
  tarballs = readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("publint and arethetypeswrong find nothing", async () => {
  const tarball = tarballs.find((name) => /weft-react-[\d.]+tgz$/.test(name)) ?? "";
  expect(await run(join(checks, "publint"), [tarball, "--strict"], folder)).toContain("All good");
  expect(await run(join(checks, "attw"), [tarball, "--profile", "esm-only"], folder)).toContain('"@weft/react"');
  const listed = (await run("tar", ["-tzf", tarball], folder)).split("\n");
  expect(listed).toEqual(expect.arrayContaining(["package/dist/index.js", "package/src/index.ts", "package/CHANGELOG.md"]));
  expect(listed.filter((path) => /\.test\.|testing|tsbuildinfo|node_modules/.test(path))).toEqual([]);
});

describe.each(["18", "19"])(
  "an application with React %s",
  (version) => {
    let home: string;
    beforeAll(async () => {
      home = join(folder, version);
      mkdirSync(home);
      writeFileSync(join(home, "package.json"), JSON.stringify({ private: true, type: "module" }));
      writeFileSync(join(home, "app.tsx"), app);
      const packages = ["react", "react-dom", "@types/react", "@types/react-dom"].map((name) => `${name}@${version}`);
      await run("npm", ["install", "--no-audit", "--no-fund", ...tarballs, ...packages], home);
    });

    test("compiles with strict types, those of the package included", async () => {
      const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--jsx", "react-jsx", "--module", "esnext"];
      const target = ["--moduleResolution", "bundler", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "react"];
      expect(await run(join(root, "node_modules/.bin/tsc"), [...options, ...target, "app.tsx"], home)).toBe("");
    });

    test("is bundled, and renders", async () => {
      const build = await rolldown({ input: join(home, "app.tsx"), platform: "node", logLevel: "silent", transform: { jsx: "react-jsx" } });
      await build.write({ file: join(home, "app.js"), format: "esm" });
      const page = await run(process.execPath, ["app.js"], home);
      expect(page).toContain("Log in");
      expect(page).toMatch(/<select[^>]*aria-required="true"/);
    });
  },
  240_000,
);
