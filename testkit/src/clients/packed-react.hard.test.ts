import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import * as react from "@weft/react";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf } from "../guides/page-blocks.js";
import { checkPacked, filesIn, pack, root, run } from "./packed.js";

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

/** What the blocks of the guide leave to the reader. */
const given: Readonly<Record<string, string>> = {
  Login: "() => null",
  MySelect: "(props: Record<string, unknown>) => null",
  MyField: "(props: react.FieldFrameProps) => null",
  taskQuery: "{} as TypedDocument<{ task: { id: string } | null }, { id: string }>",
  taskChanged: "{} as TypedDocument<{ taskChanged: { task: { id: string } } }, { after?: string | null }>",
  createTeam: "{} as TypedDocument<object, { input: { key: string; name: string } }>",
  createRequest: "{} as TypedDocument<object, { input: object }>",
  id: '""',
  form: "{} as react.FormDescription",
  send: "() => {}",
  task: "{} as { slaStatus: react.SlaClockFields }",
  instance: "{} as { history: readonly react.HistoryEntry[] }",
  attach: "(id: string) => {}",
};

/** Each block of the guide as a module. */
function guideModules(): string[] {
  const blocks = blocksOf("docs/how-to/react.md").filter(({ language }) => language === "tsx");
  return blocks.map(({ text }) => {
    const missing = Object.entries(given).filter(
      ([name]) => new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`(?:const|function) ${name}\\b`).test(text),
    );
    const hasImports = text.includes("import {");
    const names = [...new Set(text.match(/\b(?:use[A-Z]|[A-Z])\w+/g))].filter(
      (name) => name in react || ["ControlProps", "FormDescription"].includes(name),
    );
    return [
      'import type { TypedDocument } from "@weft/client";',
      'import type * as react from "@weft/react";',
      ...(hasImports ? [] : [`import { ${names.map((name) => (name in react ? name : `type ${name}`)).join(", ")} } from "@weft/react";`]),
      ...missing.map(([name, value]) => `const ${name} = ${value};`),
      text,
      "export {};",
    ].join("\n");
  });
}

let folder: string;
let tarballs: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-packed-react-"));
  tarballs = await pack(["client", "react"], folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("publint and arethetypeswrong find nothing", async () => {
  const tarball = tarballs[1] ?? "";
  const { publint, attw } = await checkPacked(tarball, folder);
  expect(publint).toContain("All good");
  expect(attw).toContain('"@weft/react"');
  const listed = await filesIn(tarball, folder);
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
      guideModules().forEach((text, index) => writeFileSync(join(home, `guide-${index}.tsx`), text));
      const packages = ["react", "react-dom", "@types/react", "@types/react-dom"].map((name) => `${name}@${version}`);
      await run("npm", ["install", "--no-audit", "--no-fund", ...tarballs, ...packages], home);
    });

    test("compiles with strict types, as do the blocks of docs/how-to/react.md", async () => {
      const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--jsx", "react-jsx", "--module", "esnext"];
      const target = ["--moduleResolution", "bundler", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "react"];
      const files = readdirSync(home).filter((name) => name.endsWith(".tsx"));
      expect(files.length).toBeGreaterThan(8);
      // It writes what is wrong to its standard output.
      const said = await run(join(root, "node_modules/.bin/tsc"), [...options, ...target, ...files], home).catch(
        (error: { stdout: string }) => error.stdout,
      );
      expect(said).toBe("");
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
