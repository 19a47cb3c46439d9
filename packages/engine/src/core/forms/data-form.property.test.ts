import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { start } from "../instance/start.js";
import { dataForm } from "./data-form.js";

const names = ["p0", "p1", "p2", "p3", "p4"];

/** Properties of each kind with valid and invalid values. The first value is valid, and can be the default. */
const kinds: readonly { readonly schema: JsonObject; readonly values: readonly Json[] }[] = [
  { schema: { type: "string", maxLength: 3 }, values: ["abc", "", "long text", 5] },
  { schema: { type: "string", pattern: "^a+$" }, values: ["aa", "b", null] },
  { schema: { type: ["string", "null"], enum: ["low", "high", null] }, values: ["low", null, "middle"] },
  { schema: { enum: [1, "one", 1, { a: 1 }] }, values: [1, "one", { a: 1 }, 2] },
  { schema: { type: "integer", minimum: 0, multipleOf: 2 }, values: [2, 3, -2, 1.5] },
  { schema: { type: "number", exclusiveMaximum: 10, "x-unit": "EUR" }, values: [9.5, 10, "9"] },
  { schema: { type: "boolean", title: "Yes or no" }, values: [true, false, "true"] },
  { schema: { const: "fixed" }, values: ["fixed", "other"] },
  {
    schema: { type: "array", uniqueItems: true, maxItems: 2, items: { type: "string", enum: ["x", "y", "z"] } },
    values: [["x"], ["x", "x"], ["w"], [], ["x", "y", "z"]],
  },
  {
    schema: { required: ["a", "b"], properties: { a: { type: "number", default: 1 }, b: { type: "string" } } },
    values: [{ a: 2, b: "x" }, { b: "x" }, {}, { a: "2", b: "x" }, { b: "x", c: 1 }, "text"],
  },
  {
    schema: { type: "array", items: { type: "object", required: ["n"], properties: { n: { type: "integer", default: 0 } } } },
    values: [[{ n: 1 }], [{}], [{ n: "1" }], [{ m: 1 }]],
  },
  {
    schema: {
      type: "object",
      additionalProperties: { type: "object", required: ["k"], properties: { k: { type: "number", default: 1 } } },
    },
    values: [{ any: { k: 1 } }, { any: {} }, {}],
  },
];

interface Case {
  readonly machine: Machine;
  readonly chosen: readonly string[];
  readonly data: JsonObject;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    properties: fc.array(fc.record({ kind: fc.nat(kinds.length - 1), hasDefault: fc.boolean(), isRequired: fc.boolean() }), {
      minLength: 1,
      maxLength: names.length,
    }),
    isOpen: fc.boolean(),
    isChosen: fc.boolean(),
    set: fc.subarray(names.slice(0, 2)),
  })
  .chain(({ properties, isOpen, isChosen, set }) => {
    const present = names.slice(0, properties.length);
    const bodies = properties.map(({ kind, hasDefault }) => ({
      ...kinds[kind]?.schema,
      ...(hasDefault && { default: kinds[kind]?.values[0] ?? null }),
    }));
    const data = {
      required: present.filter((_name, index) => properties[index]?.isRequired),
      properties: Object.fromEntries(bodies.map((body, index) => [names[index] ?? "", body])),
      ...(isOpen && { additionalProperties: { type: "number" } }),
    };
    const onEntry = set.flatMap((name) => {
      const value = kinds[properties[names.indexOf(name)]?.kind ?? 0]?.values[0];
      return present.includes(name) && typeof value !== "object" ? [{ set: { [`data.${name}`]: JSON.stringify(value) } }] : [];
    });
    const states = { s: { onEntry, transitions: { go: { to: "e" } } }, e: { final: "completed" } };
    const compiled = compile({ weft: 1, key: "a", name: "A", data, initial: "s", states });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    const values = properties.map(({ kind }, index) => {
      const [fitting = null, ...others] = kinds[kind]?.values ?? [];
      const value = fc.oneof({ weight: 3, arbitrary: fc.constant(fitting) }, fc.constantFrom(...others));
      return fc.option(value, { nil: undefined, freq: 6 }).map((given): [string, Json | undefined] => [names[index] ?? "", given]);
    });
    const other = fc
      .option(fc.constantFrom<Json>(1, "x"), { nil: undefined, freq: 8 })
      .map((value): [string, Json | undefined] => ["other", value]);
    return fc.record({
      machine: fc.constant(compiled.machine),
      chosen: isChosen ? fc.shuffledSubarray(present, { minLength: 1 }) : fc.constant([]),
      data: fc
        .tuple(other, ...values)
        .map((entries) => Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined))),
    });
  });

const actor = { id: "rita", roles: [], permissions: [], principals: { userIds: [], teamIds: [], vendorId: null } };

/** Paths at which a client-side validator finds problems, in the notation of the server. */
function clientPaths(schema: JsonObject, data: JsonObject): string[] {
  const check = new Ajv({ strict: "log", strictTypes: false, allErrors: true }).compile(schema);
  if (check(data)) return [];
  return (check.errors ?? []).flatMap(({ instancePath, keyword, params, propertyName }) => {
    if (keyword === "not" && propertyName !== undefined) return [];
    const { missingProperty, additionalProperty, propertyName: misnamed } = params as Record<string, string | undefined>;
    const name = missingProperty ?? additionalProperty ?? misnamed;
    const path = `data${instancePath.replaceAll("/", ".")}${name === undefined ? "" : `.${name}`}`;
    return [path.replace(/\.(\d+)(?=\.|$)/g, "[$1]")];
  });
}

test("a client that validates with the form's schema reaches the server's decision, at the same paths", { tags: "slow" }, () => {
  let [accepted, refused] = [0, 0];
  const property = fc.property(cases, ({ machine, chosen, data }) => {
    const form = dataForm(machine, chosen);
    const result = start(machine, { data, chosen, ownerId: "rita", actor, now: "2026-03-01T10:00:00Z" });
    const rejection = result.ok ? null : result.rejection;
    const server = rejection?.code === "BAD_USER_INPUT" ? rejection.problems.map(({ path }) => path) : [];
    expect([...new Set(clientPaths(form.schema, data))].toSorted()).toEqual([...new Set(server)].toSorted());
    if (result.ok) accepted++;
    else refused++;
  });
  fc.assert(property, { numRuns: 500 });
  expect(Math.min(accepted, refused)).toBeGreaterThan(20);
});

test("the initial values are those that the server would fill in", () => {
  const property = fc.property(cases, ({ machine, chosen }) => {
    const { data } = dataForm(machine, chosen);
    const given = start(machine, { data, chosen, ownerId: "rita", actor, now: "2026-03-01T10:00:00Z" });
    const empty = start(machine, { data: {}, chosen, ownerId: "rita", actor, now: "2026-03-01T10:00:00Z" });
    expect(given).toEqual(empty);
  });
  fc.assert(property, { numRuns: 200 });
});
