import { readdirSync, readFileSync } from "node:fs";
import { loadExampleDefinition, templates } from "@weft/standalone";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenInvariants } from "../invariants.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { drawn } from "../sizes.js";
import { factsNeeded } from "./facts.js";
import { performScenario } from "./performance.js";
import { isOfEmployees, machineOf, openStage, type Stage } from "./stage.js";

let weft: TestWeft;
let stage: Stage;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  stage = await openStage(weft, await weft.tenant(), templates);
}, 120_000);
afterAll(() => weft.stop());

test("every definition of the examples is a template and has a description", () => {
  const root = new URL("../../../", import.meta.url);
  const files = readdirSync(new URL("examples/definitions/", root)).map((file) => file.replace(".yaml", ""));
  expect(files.toSorted()).toEqual(templates.toSorted());
  const page = readFileSync(new URL("docs/how-to/templates.md", root), "utf8");
  expect(templates.filter((key) => !page.includes(`(../../examples/definitions/${key}.yaml)`))).toEqual([]);
});

test.each(drawn(templates, { of: 1 }))(
  "%s: users follow every path and get every denial through the API",
  async (key) => {
    const machine = stage.machines.get(key);
    if (!machine) throw new Error(`There is no template ${key}.`);
    const shown = new Set<string>();
    for (const scenario of machine.scenarios.filter(isOfEmployees))
      for (const fact of await performScenario(stage, machine, scenario)) shown.add(fact);
    expect(factsNeeded(machine).filter((fact) => !shown.has(fact))).toEqual([]);
  },
  60_000,
);

test("a walk reports where the result differs from the scenario", async () => {
  const text = await loadExampleDefinition("maintenance-request");
  const walked = (from: string, to: string): Promise<unknown> => {
    const machine = machineOf(text.replace(from, to));
    const [first] = machine.scenarios;
    return first ? performScenario(stage, machine, first) : Promise.resolve();
  };
  await expect(walked("escalate, by: olga, because: when", "escalate, by: olga, because: role")).rejects.toThrow(
    /step 5: escalate by olga is rejected, but with TRANSITION_REJECTED/,
  );
  await expect(walked("rejected: approve, by: tom", "rejected: approve, by: olga")).rejects.toThrow(
    /step 3: This should have been refused/,
  );
  await expect(walked("state: closed, path: [draft", "state: closed, path: [triage")).rejects.toThrow(/expected the path/);
});

test("after all of them state, history, tasks, events, and audit agree", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
