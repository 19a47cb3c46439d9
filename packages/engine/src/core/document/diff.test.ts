import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documents } from "../fixtures/random.js";
import { completeDocuments } from "../fixtures/random-complete.js";
import { parseDefinition } from "./parse.js";
import { diffDocuments, type DocumentChange } from "./diff.js";

type Tree = { [key: string]: unknown };

const before = `weft: 1
key: loan
name: Loan
data: { required: [amount, purpose], properties: { amount: { type: number }, purpose: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: review, allow: { roles: [a, b] } }, drop: { to: gone } } }
  review:
    task: { title: Check, candidates: { roles: [a] } }
    transitions: { approve: { to: done, when: "data.amount < 5", actions: [{ set: { data.amount: 1, data.purpose: "'x'" } }] } }
  done: { final: completed }
  gone: { final: cancelled }
`;

const changesOf = (edit: (text: string) => string): string[] =>
  diffDocuments(parseDefinition(before).document, parseDefinition(edit(before)).document).map(
    ({ kind, part, path }) => `${kind} ${part} ${path.join(".")}`,
  );

test.each([
  ["a renamed definition", "name: Loan", "name: Credit", ["CHANGED DEFINITION name"]],
  ["a description", "initial: draft", "initial: draft\ndescription: New", ["ADDED DEFINITION description"]],
  ["another condition", "< 5", "< 7", ["CHANGED CONDITION states.review.transitions.approve.when"]],
  ["a removed condition", ', when: "data.amount < 5"', "", ["REMOVED CONDITION states.review.transitions.approve.when"]],
  ["another role", "roles: [a, b]", "roles: [a, c]", ["CHANGED RIGHTS states.draft.transitions.submit.allow.roles"]],
  ["roles in another order", "roles: [a, b]", "roles: [b, a]", []],
  ["required fields in another order", "[amount, purpose]", "[purpose, amount]", []],
  ["an added field", "properties: { amount", "properties: { term: { type: number }, amount", ["ADDED FIELD data.properties.term"]],
  ["a field of another type", "amount: { type: number }", "amount: { type: integer }", ["CHANGED FIELD data.properties.amount.type"]],
  ["another task", "title: Check", "title: Verify", ["CHANGED TASK states.review.task.title"]],
  ["a removed transition", ", drop: { to: gone }", "", ["REMOVED TRANSITION states.draft.transitions.drop"]],
  [
    "a transition whose name looks like a note",
    "drop: { to: gone }",
    "x-drop: { to: gone }",
    ["ADDED TRANSITION states.draft.transitions.x-drop", "REMOVED TRANSITION states.draft.transitions.drop"],
  ],
  ["a transition to another state", "drop: { to: gone }", "drop: { to: done }", ["CHANGED TRANSITION states.draft.transitions.drop.to"]],
  ["an added state", "  done:", "  late: { final: rejected }\n  done:", ["ADDED STATE states.late"]],
  [
    "assignments in another order",
    `data.amount: 1, data.purpose: "'x'"`,
    `data.purpose: "'x'", data.amount: 1`,
    ["CHANGED ACTIONS states.review.transitions.approve.actions"],
  ],
  ["a note", "initial: draft", "initial: draft\nx-owner: me", ["ADDED NOTE x-owner"]],
  ["comments and whitespace", "initial: draft", "# here\ninitial:    'draft'", []],
])("%s", (_what, from, to, expected) => {
  expect(changesOf((text) => text.replace(from, to))).toEqual(expected);
});

/** Returns the document after the changes. */
function applied(document: unknown, changes: readonly DocumentChange[]): unknown {
  // structuredClone keeps shared references shared.
  const copy = JSON.parse(JSON.stringify(document)) as Tree;
  for (const { kind, path, after } of changes) {
    const name = path.at(-1) ?? "";
    const parent = path.slice(0, -1).reduce<Tree>((node, key) => node[key] as Tree, copy);
    if (kind === "REMOVED") delete parent[name];
    else parent[name] = after;
  }
  return copy;
}

/** Returns the same document with the keys of each object in another order, except where the order matters. */
function reordered(value: unknown, reorder: (entries: [string, unknown][]) => [string, unknown][], key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, reorder));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => [name, reordered(item, reorder, name)]);
  return Object.fromEntries(key === "set" ? entries : reorder(entries));
}
const turned = (value: unknown): unknown => reordered(value, (entries) => entries.toReversed());
const inOrder = (value: unknown): unknown => reordered(value, (entries) => entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
/** Except fields and automatic transitions: their order matters. */
const turnedWhole = (value: unknown): unknown =>
  reordered(value, (entries) =>
    entries.some(([, one]) => typeof one === "object" && one !== null && ("auto" in one || "type" in one)) ? entries : entries.toReversed(),
  );

const mirrored = ({ kind, before: was, after: is, ...rest }: DocumentChange): DocumentChange => ({
  ...rest,
  kind: kind === "ADDED" ? "REMOVED" : kind === "REMOVED" ? "ADDED" : "CHANGED",
  ...(is !== undefined && { before: is }),
  ...(was !== undefined && { after: was }),
});

const sorted = (changes: readonly DocumentChange[]): DocumentChange[] =>
  changes.toSorted((a, b) => (a.path.join("\0") < b.path.join("\0") ? -1 : 1));

test("a different order of automatic transitions is a change, because they are tried in order", () => {
  const state = (transitions: object) => ({ states: { s: { transitions } } });
  const [a, b, c] = [{ to: "x", auto: true, when: "data.a" }, { to: "y", auto: true }, { to: "z" }];
  const parts = (from: object, to: object) => diffDocuments(from, to).map(({ kind, part, path }) => [kind, part, path.join(".")]);
  expect(parts(state({ a, b, c }), state({ b, a, c }))).toEqual([["CHANGED", "STATE", "states.s.transitions"]]);
  expect(parts(state({ a, c, b }), state({ c, a, b }))).toEqual([]);
  expect(parts(state({ a, b }), state({ c, a, b }))).toEqual([["ADDED", "TRANSITION", "states.s.transitions.c"]]);
});

test("votes, tasks, children and scenarios are separate parts, and data in them is treated as data, whatever its name", () => {
  const parts = (from: object, to: object) => diffDocuments(from, to).map(({ kind, part, path }) => `${kind} ${part} ${path.join(".")}`);
  const state = (more: object) => ({ states: { s: more } });
  expect(parts(state({ decide: { approve: "all" } }), state({ decide: { approve: 2 } }))).toEqual([
    "CHANGED DECISION states.s.decide.approve",
  ]);
  expect(parts(state({ tasks: { t: { due: "P1D" } } }), state({ tasks: { t: { due: "P2D" } } }))).toEqual([
    "CHANGED TASK states.s.tasks.t.due",
  ]);
  expect(parts(state({ join: { need: "all" } }), state({ join: { need: "any" } }))).toEqual(["CHANGED CHILDREN states.s.join.need"]);
  const child = (roles: string[]) => state({ children: { c: { data: { roles } } } });
  expect(parts(child(["a", "b"]), child(["b", "a"]))).toEqual(["CHANGED CHILDREN states.s.children.c.data.roles"]);
  const tried = (roles: string[]) => ({ scenarios: [{ name: "a", given: { data: { roles } } }] });
  expect(parts(tried(["a", "b"]), tried(["b", "a"]))).toEqual(["CHANGED SCENARIO scenarios"]);
});

test("forms are compared by field, and a different order of the fields is a change", () => {
  const withForms = (fields: object, inline: object = {}) => ({
    forms: { order: { title: "Order", fields } },
    states: { s: { task: { form: { fields: inline } }, transitions: { go: { to: "e", form: "order" } } } },
  });
  const [a, b, c] = [{ type: "text" }, { type: "number" }, { type: "date" }];
  const parts = (from: object, to: object) => diffDocuments(from, to).map(({ kind, part, path }) => [kind, part, path.join(".")]);
  expect(parts(withForms({ a, b }), withForms({ a: { ...a, required: true }, b, c }))).toEqual([
    ["ADDED", "FORM", "forms.order.fields.a.required"],
    ["ADDED", "FORM", "forms.order.fields.c"],
  ]);
  expect(parts(withForms({ a, b }), withForms({ b, a }))).toEqual([["CHANGED", "FORM", "forms.order.fields"]]);
  expect(parts(withForms({ a }, { a, b }), withForms({ a }, { b, a }))).toEqual([["CHANGED", "FORM", "states.s.task.form.fields"]]);
  expect(parts(withForms({ a }), { ...withForms({ a }), forms: {} })).toEqual([["REMOVED", "FORM", "forms.order"]]);
  const opening = (fields: object) => ({ states: { s: { onEntry: [{ openTask: { form: { fields } } }] } } });
  expect(parts(opening({ a, b }), opening({ b, a }))).toEqual([["CHANGED", "ACTIONS", "states.s.onEntry"]]);
});

test("steps are compared by their IDs, and a different order of those in both is a change", () => {
  const [build, deploy] = [
    { id: "build", type: "set", with: { a: 1, b: 2 } },
    { id: "deploy", type: "wait", with: { for: "1h" } },
  ];
  const parts = (from: object[], to: object[]) =>
    [{ steps: 0 }, { states: { s: { run: { steps: 0 } } } }].map((document) => {
      const withSteps = (steps: object[]) => JSON.parse(JSON.stringify(document).replace("0", JSON.stringify(steps))) as unknown;
      return diffDocuments(withSteps(from), withSteps(to)).map(({ kind, part, path }) => [kind, part, path.join(".")]);
    });
  const added = [build, { id: "test", type: "assert" }, { ...deploy, with: { for: "2h" } }];
  expect(parts([build, deploy], added)).toEqual(
    ["steps", "states.s.run.steps"].map((steps) => [
      ["ADDED", "STEP", `${steps}.test`],
      ["CHANGED", "STEP", `${steps}.deploy.with.for`],
    ]),
  );
  expect(parts([build, deploy], [deploy])[0]).toEqual([["REMOVED", "STEP", "steps.build"]]);
  expect(parts([build, deploy], [deploy, build])[0]).toEqual([["CHANGED", "STEP", "steps"]]);
  // While somebody writes, IDs can be missing or used twice.
  for (const bad of [
    [build, { type: "set" }],
    [build, { ...build, type: "wait" }],
  ])
    expect(parts([build], bad)[0]).toEqual([["CHANGED", "STEP", "steps"]]);
});

describe("for any two definitions", () => {
  test("a definition does not differ from itself, also with its keys in another order", { tags: "slow" }, () => {
    fc.assert(
      fc.property(documents, completeDocuments, (document, whole) => {
        expect(diffDocuments(document, structuredClone(document))).toEqual([]);
        expect(diffDocuments(document, turned(document))).toEqual([]);
        expect(diffDocuments(whole, structuredClone(whole))).toEqual([]);
        expect(diffDocuments(whole, turnedWhole(whole))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test("applying the changes to one gives the other, and the reverse changes mirror them", { tags: "slow" }, () => {
    fc.assert(
      fc.property(fc.oneof(documents, completeDocuments), fc.oneof(documents, completeDocuments), (a, b) => {
        const changes = diffDocuments(a, b);
        expect(diffDocuments(inOrder(applied(a, changes)), inOrder(b))).toEqual([]);
        expect(sorted(diffDocuments(b, a))).toEqual(sorted(changes.map(mirrored)));
        for (const { path } of changes.slice(0, 3))
          expect(changes.filter((other) => other.path.join("\0").startsWith(`${path.join("\0")}\0`))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("any JSON is compared without an exception, and only equal documents are equal", () => {
    const objects = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true });
    fc.assert(
      fc.property(objects, objects, (a, b) => {
        expect(diffDocuments(a, a)).toEqual([]);
        if (diffDocuments(a, b).length === 0) expect(turned(JSON.parse(JSON.stringify(a)))).toEqual(turned(JSON.parse(JSON.stringify(b))));
      }),
      { numRuns: 200 },
    );
  });
});
