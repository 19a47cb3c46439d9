import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { aMaintenanceTenant, sharedWeft, until } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import * as client from "./index.js";
import * as tanstack from "./tanstack-query.js";

/** Functions of the application, and of others, that the examples call. */
const ofOthers = ["askForCode", "show", "update", "print", "handle", "useQuery", "useMutation", "catch"];

const guide = readFileSync(new URL("../../../docs/how-to/client.md", import.meta.url), "utf8");

test("the quick start of docs/how-to/client.md loads a list and follows its changes", async () => {
  const weft = await sharedWeft();
  const tenant = await aMaintenanceTenant(weft);
  const first = await tenant.request("triage");
  const [, code = ""] = /```ts\n(import { createWeftClient.*?)```/s.exec(guide) ?? [];
  expect(code).toContain("weft.subscribe(");
  const text = stripTypeScriptTypes(code.replace(/^import .*$/m, "").replace("https://weft.example.com", weft.url))
    .replace("operations@acme.com", tenant.operations.login)
    .concat("return weft;");
  const shown: unknown[] = [];
  const changed: { id: string }[] = [];
  const failed: unknown[] = [];
  const module = `export const run = async (createWeftClient, password, show, update, report) => { ${text} };`;
  const { run } = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as {
    run: (...given: readonly unknown[]) => Promise<client.WeftClient>;
  };
  const started = await run(
    client.createWeftClient,
    tenant.operations.password,
    (list: unknown) => shown.push(list),
    (request: { id: string }) => changed.push(request),
    (error: unknown) => failed.push(error),
  );
  onTestFinished(() => started.close());
  expect(shown).toMatchObject([{ edges: [{ node: { id: first.id } }] }]);
  await tenant.fire(tenant.operations, first, "escalate");
  await until(() => changed.some(({ id }) => id === first.id), { what: "the change arrives" });
  expect(failed).toEqual([]);
});

test("the other examples of docs/how-to/client.md can be parsed, and call what the client exports", () => {
  const blocks = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  expect(blocks.length).toBeGreaterThan(8);
  const exported = new Set([...Object.keys(client), ...Object.keys(tanstack), ...ofOthers]);
  for (const code of blocks) {
    stripTypeScriptTypes(`async () => { ${code.replace(/^import .*$/m, "")} }`);
    const called = [...code.replaceAll(/"[^"\n]*"/g, "").matchAll(/(?<![.\w])(?:new )?([a-z]\w*)\(/g)].map(([, name = ""]) => name);
    expect(called.filter((name) => !exported.has(name) && !["if", "for"].includes(name))).toEqual([]);
  }
});
