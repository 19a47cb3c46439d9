import { expect, test } from "vitest";
import { diagramOfVersion } from "../diagram/diagrams.js";
import { compiledTextSteps, placesIn } from "./texts.js";
import { machineOfVersion } from "./version.js";

/** 200 states in a row; the last one references a role. */
const large = (role: string): string => {
  const states = Array.from({ length: 200 }, (_, at) => {
    const next = at === 199 ? "done" : `s${at + 1}`;
    const allow = at === 199 ? `, allow: { roles: [${role}] }` : "";
    return `  s${at}: { transitions: { go: { to: ${next}${allow} }, stop: { to: done } } }\n`;
  });
  return `weft: 1\nkey: large\nname: Large\ninitial: s0\nstates:\n${states.join("")}  done: { final: completed }\n`;
};

function pulled<T>(steps: Generator<void, T, void>): { readonly steps: number; readonly value: T } {
  for (let count = 1; ; count++) {
    const next = steps.next();
    if (next.done === true) return { steps: count, value: next.value };
  }
}

test("the locations in a text are read in many steps", () => {
  const { steps, value } = pulled(placesIn(large("anybody"), "YAML"));
  expect(steps).toBeGreaterThan(10);
  expect(value(["states", "s199"])).toEqual({ line: 205, column: 3 });
});

test("problems of a text whose document is known have their locations, which are read in many steps", () => {
  const source = large("auditor");
  const reading = pulled(compiledTextSteps(source, "YAML", { roles: ["auditor"], permissions: [] }));
  expect(reading.value.result.ok).toBe(true);
  const again = pulled(compiledTextSteps(source, "YAML", { roles: ["clerk"], permissions: [] }));
  expect(again.value.result).toMatchObject({ ok: false, problems: [{ line: 205 }] });
  expect(again.steps).toBeGreaterThan(reading.steps);
});

test.each([true, false])("the machine and the diagram of a version are built in many steps (draft: %s)", (isDraft) => {
  const version = (role: string) => ({ id: `${role}${isDraft}`, source: large(`${role}${isDraft}`), format: "YAML", version: 1, isDraft });
  expect(pulled(machineOfVersion("tenant", version("first"))).steps).toBeGreaterThan(10);
  const drawn = pulled(diagramOfVersion("tenant", version("second"), "svg"));
  expect([drawn.steps > 10, drawn.value.parts]).toEqual([true, 601]);
  expect(pulled(diagramOfVersion("tenant", version("second"), "svg"))).toEqual({ steps: 1, value: drawn.value });
});
