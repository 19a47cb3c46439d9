import { readFileSync } from "node:fs";
import { computedMs } from "@weft/testkit/cost/computed-ms";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import type { Actor } from "../model/actor.js";
import { available } from "../transition/available.js";
import { compile } from "../definition/compile.js";
import { contextOf, type Context } from "../conditions/context.js";
import { fire } from "../transition/fire.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { parseDefinition } from "../document/parse.js";
import type { Snapshot } from "../model/snapshot.js";
import { formsIn } from "./asked.js";
import { deliverForm } from "./deliver.js";
import type { Form } from "../model/form.js";
import { readFormInput } from "./input.js";
import { referencesIn } from "./references.js";

const USER = "usr_01jabcdefghjkmnpqrstvwxyz0";
const now = "2026-03-01T10:00:00.000000Z";
const actor: Actor = { id: USER, roles: ["clerk"], permissions: [], principals: { userIds: [USER], teamIds: [], vendorId: null } };

const data = {
  properties: {
    amount: { type: "number" },
    summary: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    approver: { type: "string" },
  },
};

const documentOf = (form: object, more: object = {}): object => ({
  weft: 1,
  key: "a",
  name: "A",
  data,
  initial: "s",
  forms: { check: form },
  states: { s: { transitions: { go: { to: "e", form: "check", ...more } } }, e: { final: "completed" } },
});

function compiled(document: object): Machine {
  const result = compile(document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.machine;
}

const formOf = (fields: object, more: object = {}): Form => {
  const form = compiled(documentOf({ fields, ...more })).forms.get("check");
  if (!form) throw new Error("no form");
  return form;
};

const problemsOf = (document: object): string[] => {
  const result = compile(document);
  return result.ok ? [] : result.problems.map(({ path, code, message }) => `${path} ${code} ${message}`);
};

const snapshot: Snapshot = {
  state: "s",
  status: "RUNNING",
  data: {},
  version: 1,
  ownerId: null,
  teamId: null,
  assignee: null,
  openTasks: [],
};

const contextWith = (values: JsonObject): Context => contextOf(snapshot, { data: values, actor, now });

const answer = (form: Form, input: Json, values: JsonObject = {}): string[] | JsonObject | null => {
  const read = readFormInput(form, contextWith(values), input);
  return read.problems.length > 0 ? read.problems.map(({ path, message }) => `${path}: ${message}`) : read.input;
};

const fields: readonly [object, Json, string | null][] = [
  [{ type: "text", minLength: 2, maxLength: 3 }, "abcd", "The text has 4 characters; the maximum is 3."],
  [{ type: "text", pattern: "^[A-Z]+$" }, "ab", '"ab" does not match'],
  [{ type: "text", format: "email" }, "ana at home", "not a valid email"],
  [{ type: "text" }, "", null],
  [{ type: "text", required: true }, "", "the minimum is 1"],
  [{ type: "number", min: 300, max: 850, integer: true }, 299.5, "Expected a whole number"],
  [{ type: "number", min: 300, max: 850 }, 299, "less than the minimum"],
  [{ type: "number", step: 0.5 }, 1.25, "not a multiple of 0.5"],
  [{ type: "money", currency: "EUR" }, 19.99, null],
  [{ type: "money", currency: "EUR" }, 19.999, "not a multiple of 0.01"],
  [{ type: "money", currency: "JPY", decimals: 0 }, 19.9, "not a multiple of 1"],
  [{ type: "money", currency: ["EUR", "USD"], min: 1 }, { amount: 2.5, currency: "USD" }, null],
  [{ type: "money", currency: ["EUR", "USD"], min: 1 }, { amount: 0.5, currency: "USD" }, "less than the minimum"],
  [{ type: "money", currency: ["EUR", "USD"] }, { amount: 2.5, currency: "GBP" }, "not one of the allowed values"],
  [{ type: "date" }, "2026-02-30", "not a valid date"],
  [{ type: "date", time: true }, "2026-02-28T10:00:00Z", null],
  [{ type: "boolean" }, "yes", "Expected true or false"],
  [{ type: "choice", options: ["low", { value: "high", label: "Very high" }] }, "high", null],
  [{ type: "choice", options: ["low", "high"] }, "hihg", 'Did you mean "high"?'],
  [{ type: "multiChoice", options: ["a", "b", "c"], max: 2 }, ["a", "b", "c"], "the maximum is 2"],
  [{ type: "multiChoice", options: ["a", "b"] }, ["a", "a"], "must be unique"],
  [{ type: "multiChoice", options: ["a", "b"], required: true }, [], "the minimum is 1"],
  [{ type: "user" }, USER, null],
  [{ type: "user" }, "ast_01jabcdefghjkmnpqrstvwxyz0", "does not match the pattern"],
  [{ type: "user", many: true }, [USER, USER], "must be unique"],
  [{ type: "asset" }, "ast_01jabcdefghjkmnpqrstvwxyz0", null],
  [{ type: "file", accept: ["image/png"], maxBytes: 100 }, "fil_01jabcdefghjkmnpqrstvwxyz0", null],
  [{ type: "file" }, "https://files.example.com/1", "does not match the pattern"],
  [{ type: "file" }, USER, "does not match the pattern"],
  [{ type: "file", many: true }, ["fil_01jabcdefghjkmnpqrstvwxyz0", "fil_01jabcdefghjkmnpqrstvwxyz0"], "must be unique"],
  [
    { type: "table", columns: { item: { type: "text", required: true }, price: { type: "money", currency: "EUR" } } },
    [{ item: "chair", price: 3 }],
    null,
  ],
  [{ type: "table", columns: { item: { type: "text", required: true } } }, [{}], '"item" is required'],
  [{ type: "table", columns: { item: { type: "text" } }, max: 1 }, [{}, {}], "the maximum is 1"],
];

test.each(fields)("a field %j with the answer %j: %s", (field, value, refusal) => {
  const found = answer(formOf({ x: field }), { x: value });
  if (refusal === null) expect(found).toEqual({ x: value });
  else expect(found).toEqual([expect.stringContaining(refusal)]);
});

const score = formOf({
  score: { type: "number", required: true },
  reason: { type: "text", visible: "input.score < 600", required: true },
  deputy: { type: "user", visible: "has(input.reason)", required: { lt: [{ path: "input.score" }, 400] } },
  limit: { type: "number", visible: "data.amount > 1000", required: true },
});

test("a field is asked for while its condition holds, and answers to fields that other answers hide are dropped", () => {
  expect(answer(score, { score: 700 })).toEqual({ score: 700 });
  expect(answer(score, { score: 700, reason: "left over", deputy: USER })).toEqual({ score: 700 });
  expect(answer(score, { score: 500 })).toEqual(['input.reason: "reason" is required.']);
  expect(answer(score, { score: 500, reason: "" })).toEqual(['input.reason: "reason" is required.']);
  expect(answer(score, { score: 300, reason: "bad" })).toEqual(['input.deputy: "deputy" is required.']);
  expect(answer(score, { score: 300, reason: "bad", deputy: USER })).toEqual({ score: 300, reason: "bad", deputy: USER });
  expect(answer(score, { score: "x", reason: 1, other: 2 })).toEqual([
    'input.score: Expected a number, found "x".',
    "input.reason: Expected text, found 1.",
    'input.other: There is no property "other". Known values: "score", "reason", "deputy", "limit".',
  ]);
});

test("an answer to a field that is not asked for, whatever the other answers are, is refused, and clients never see the field", () => {
  expect(answer(score, { score: 700, limit: 1 })).toEqual(['input.limit: "limit" is not asked for here.']);
  expect(answer(score, { score: 700, limit: 1 }, { amount: 5000 })).toEqual({ score: 700, limit: 1 });
  expect(answer(score, { score: 700 }, { amount: 5000 })).toEqual(['input.limit: "limit" is required.']);
  expect(Object.keys(deliverForm(score, contextWith({})).schema["properties"] as object)).toEqual(["score", "reason", "deputy"]);
  expect(deliverForm(score, contextWith({ amount: 5000 })).schema["properties"]).toHaveProperty("limit");
  // No instance is known, so the field might be requested.
  expect(deliverForm(score, null).schema["properties"]).toHaveProperty("limit");
});

test("a hidden answer cannot show or hide another field", () => {
  const form = formOf({
    isUrgent: { type: "boolean", visible: "data.amount > 1000" },
    isSure: { type: "boolean", visible: "!(input.isUrgent == true)", required: true },
    vip: { type: "boolean" },
    code: { type: "text", visible: "input.vip" },
    proof: { type: "text", visible: "!has(input.code)", required: true },
  });
  expect(answer(form, { isUrgent: true, code: "x", vip: false, proof: "seen" })).toEqual([
    'input.isUrgent: "isUrgent" is not asked for here.',
  ]);
  expect(answer(form, { code: "x", vip: false })).toEqual(['input.proof: "proof" is required.']);
});

test("a form is delivered as JSON Schema with rules for JSON Forms", () => {
  const form = formOf(
    {
      kind: {
        type: "choice",
        label: "Kind of work",
        help: "As in the contract",
        options: [{ value: "new", label: "New" }, "repair"],
        required: true,
      },
      note: { type: "text", multiline: true, visible: "input.kind == 'repair' && data.amount < 9", required: true },
    },
    { title: "Check" },
  );
  expect(deliverForm(form, contextWith({ amount: 5 }))).toEqual({
    name: "check",
    title: "Check",
    description: null,
    schema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      title: "Check",
      properties: {
        kind: {
          title: "Kind of work",
          description: "As in the contract",
          type: "string",
          oneOf: [
            { const: "new", title: "New" },
            { const: "repair", title: "repair" },
          ],
        },
        note: { title: "Note", type: "string", maxLength: 10_000 },
      },
      required: ["kind"],
      additionalProperties: false,
      allOf: [
        {
          if: { type: "object", required: ["kind"], properties: { kind: { const: "repair" } } },
          // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
          then: { required: ["note"], properties: { note: { minLength: 1 } } },
        },
      ],
    },
    uiSchema: {
      type: "VerticalLayout",
      elements: [
        { type: "Control", scope: "#/properties/kind", label: "Kind of work", options: { fieldType: "choice" } },
        {
          type: "Control",
          scope: "#/properties/note",
          label: "Note",
          options: { fieldType: "text", multi: true },
          rule: {
            effect: "SHOW",
            condition: {
              scope: "#",
              schema: { type: "object", required: ["kind"], properties: { kind: { const: "repair" } } },
              failWhenUndefined: true,
            },
          },
        },
      ],
    },
    data: {},
  });
});

test("a form starts with the instance's data, a path's value or the default, and omits values that do not fit", () => {
  const form = formOf({
    summary: { type: "text", in: "data", maxLength: 5 },
    day: { type: "date", defaultFrom: "now" },
    by: { type: "user", defaultFrom: "actor.id" },
    priority: { type: "choice", options: ["low", "high"], default: "low", defaultFrom: "data.approver" },
    price: { type: "money", currency: "EUR", default: 0 },
  });
  const begins = (values: JsonObject): JsonObject => deliverForm(form, contextWith(values)).data;
  expect(begins({ summary: "Leak", approver: "high" })).toEqual({
    summary: "Leak",
    day: "2026-03-01",
    by: USER,
    priority: "high",
    price: 0,
  });
  expect(begins({ summary: "Too long", approver: "none" })).toEqual({ day: "2026-03-01", by: USER, priority: "low", price: 0 });
  expect(deliverForm(form, null).data).toEqual({ priority: "low", price: 0 });
  // Firing fills in nothing, so a removed value stays removed.
  expect(answer(form, {})).toEqual({});
});

test("checks compare answers with each other, and absent answers violate none", () => {
  const form = formOf(
    { from: { type: "date" }, to: { type: "date" } },
    { checks: [{ holds: "input.from <= input.to", message: "The end is before the beginning.", field: "to" }] },
  );
  expect(answer(form, { from: "2026-03-02", to: "2026-03-01" })).toEqual(["input.to: The end is before the beginning."]);
  expect(answer(form, { from: "2026-03-02" })).toEqual({ from: "2026-03-02" });
});

test("IDs in answers are found with their paths, in lists and tables too", () => {
  const form = formOf({
    boss: { type: "user" },
    things: { type: "asset", many: true },
    rows: { type: "table", columns: { who: { type: "user" }, note: { type: "text" }, scan: { type: "file", accept: "image/png" } } },
  });
  const rows = [
    { who: "u2", note: "x" },
    { note: "y", scan: "f1" },
  ];
  expect(referencesIn(form, { boss: "u1", things: ["a1", "a2"], rows })).toEqual([
    { path: "input.boss", type: "user", id: "u1" },
    { path: "input.things[0]", type: "asset", id: "a1" },
    { path: "input.things[1]", type: "asset", id: "a2" },
    { path: "input.rows[0].who", type: "user", id: "u2" },
    { path: "input.rows[1].scan", type: "file", id: "f1", file: { accept: ["image/png"], maxBytes: null } },
  ]);
});

test("firing requires the form of the transition, or of the task that it completes", () => {
  const machine = compiled({
    weft: 1,
    key: "a",
    name: "A",
    data,
    initial: "s",
    states: {
      s: {
        task: {
          title: "Check",
          candidates: { roles: ["clerk"] },
          form: { fields: { amount: { type: "number", in: "data", required: true } } },
        },
        transitions: {
          go: {
            to: "e",
            form: { fields: { summary: { type: "text", required: true } } },
            actions: [{ set: { "data.approver": "input.summary" } }],
          },
        },
      },
      e: { final: "completed" },
    },
  });
  const task = { id: "t1", rule: "s", state: "s", title: "Check", assigneeId: null };
  const fired = (input: Json, taskId?: string) =>
    fire(machine, { ...snapshot, openTasks: [task] }, { transition: "go", actor, now, input, ...(taskId && { taskId }) });
  expect(fired({ summary: "x" })).toMatchObject({ ok: true, outcome: { dataChanges: { data: { summary: "x", approver: "x" } } } });
  expect(fired({ summary: "x" }, "t1")).toMatchObject({ ok: false, rejection: { code: "BAD_USER_INPUT" } });
  expect(fired({ amount: 3 }, "t1")).toMatchObject({ ok: true, outcome: { input: { amount: 3 }, dataChanges: { data: { amount: 3 } } } });
  expect(formsIn(machine).map(({ name }) => name)).toEqual(["s.go", "s"]);
});

test("a form can require more with one transition than with another", () => {
  const checked = {
    score: { type: "number", required: "transition == 'approve'" },
    why: { type: "text", visible: "transition in ['refuse']", required: true },
  };
  const machine = compiled({
    weft: 1,
    key: "a",
    name: "A",
    initial: "s",
    states: {
      s: {
        task: { title: "Check", candidates: { roles: ["clerk"] }, form: { fields: checked } },
        transitions: { approve: { to: "e" }, refuse: { to: "e" } },
      },
      e: { final: "completed" },
    },
  });
  const before = { ...snapshot, openTasks: [{ id: "t1", rule: "s", state: "s", title: "Check", assigneeId: null }] };
  const fired = (transition: string, input: Json) => {
    const result = fire(machine, before, { transition, actor, now, input, taskId: "t1" });
    return result.ok || result.rejection.problems.map(({ message }) => message);
  };
  expect(fired("approve", {})).toEqual(['"score" is required.']);
  expect(fired("approve", { score: 1, why: "x" })).toEqual(['"why" is not asked for here.']);
  expect(fired("refuse", {})).toEqual(['"why" is required.']);
  expect(fired("refuse", { why: "x" })).toBe(true);
  const delivered = available(machine, before, actor, now, "t1").map(({ form }) => form?.().schema);
  expect(delivered).toMatchObject([{ required: ["score"] }, { required: ["why"] }]);
  expect(delivered[0]?.["properties"]).not.toHaveProperty("why");
  // Before a transition is chosen, every field might be requested and none is required.
  const open = deliverForm(formsIn(machine)[0] as Form, contextWith({})).schema;
  expect([Object.keys(open["properties"] as object), open["required"], open["allOf"]]).toEqual([["score", "why"], undefined, undefined]);
});

const field = (body: unknown): object => documentOf({ fields: { a: { type: "number" }, x: body } });

const published = JSON.parse(readFileSync(new URL("../../../schema/definition.schema.json", import.meta.url), "utf8")) as object;
const isPublished = new Ajv2020({ strict: false }).compile(published);

test("the published JSON Schema accepts the same forms as the compiler, and refuses the mistakes it can detect", () => {
  for (const [body] of fields) expect([body, isPublished(field(body))]).toEqual([body, true]);
  const structural = refused.filter(([, problem]) => / (UNKNOWN_KEY|WRONG_TYPE|MISSING) |txt|"table"|euro|a b|not both/.test(problem));
  expect(structural.length).toBeGreaterThan(10);
  for (const [document, problem] of structural) expect([problem, isPublished(document)]).toEqual([problem, false]);
});

test("the definition in the documentation compiles, and the published JSON Schema accepts it", () => {
  const page = readFileSync(new URL("../../../../../docs/reference/forms.md", import.meta.url), "utf8");
  const { document, problems } = parseDefinition(/```yaml\n([^`]*)```/.exec(page)?.[1] ?? "");
  expect([problems, problemsOf(document as object), isPublished(document)]).toEqual([[], [], true]);
});

const refused: readonly [object, string][] = [
  [documentOf({ fields: {} }), "forms.check.fields MISSING There are no fields"],
  [
    documentOf({ fields: { constructor: { type: "text" } } }),
    'forms.check.fields.constructor FORBIDDEN_KEY The name "constructor" is not allowed.',
  ],
  [documentOf({ fields: { "a b": { type: "text" } } }), 'forms.check.fields["a b"] BAD_VALUE "a b" is not a valid field name'],
  [
    documentOf({ fields: { x: { type: "text" } }, titel: "x" }),
    'forms.check.titel UNKNOWN_KEY There is no key "titel" here. Did you mean "title"?',
  ],
  [field({ type: "txt" }), 'forms.check.fields.x.type BAD_VALUE There is no type "txt". Did you mean "text"?'],
  [field({}), 'forms.check.fields.x.type MISSING The key "type" is missing'],
  [field({ type: "text", min: 3 }), 'forms.check.fields.x.min UNKNOWN_KEY There is no key "min" here.'],
  [field({ type: "text", pattern: "(?=a)" }), "forms.check.fields.x.pattern BAD_SCHEMA The regular expression is not valid"],
  [field({ type: "text", minLength: 5, maxLength: 2 }), "forms.check.fields.x.minLength BAD_VALUE minLength (5)"],
  [field({ type: "number", min: 5, max: 2 }), "forms.check.fields.x.min BAD_VALUE min (5)"],
  [field({ type: "number", default: "x" }), "forms.check.fields.x.default BAD_VALUE Expected a number"],
  [field({ type: "money" }), "forms.check.fields.x.currency MISSING"],
  [field({ type: "money", currency: "euro" }), 'forms.check.fields.x.currency BAD_VALUE "euro" is not a valid currency'],
  [field({ type: "choice" }), "forms.check.fields.x.options MISSING"],
  [field({ type: "choice", options: ["a", "a"] }), 'forms.check.fields.x.options BAD_VALUE The option "a" is listed twice.'],
  [field({ type: "choice", options: [{ label: "a" }] }), 'forms.check.fields.x.options[0].value MISSING The key "value" is missing'],
  [field({ type: "table" }), "forms.check.fields.x.columns MISSING"],
  [field({ type: "table", columns: { y: { type: "table" } } }), 'forms.check.fields.x.columns.y.type BAD_VALUE There is no type "table".'],
  [
    field({ type: "table", columns: { y: { type: "text", visible: "true" } } }),
    'forms.check.fields.x.columns.y.visible UNKNOWN_KEY There is no key "visible"',
  ],
  [field({ type: "text", visible: true }), "forms.check.fields.x.visible WRONG_TYPE Expected a condition"],
  [field({ type: "text", visible: "input.a <" }), "forms.check.fields.x.visible BAD_CONDITION"],
  [field({ type: "text", visible: "input.b > 1" }), 'forms.check.fields.x.visible UNKNOWN_PATH There is no "input.b"'],
  [field({ type: "text", visible: "input.a == 'b'" }), "forms.check.fields.x.visible BAD_CONDITION input.a (a number) can never equal"],
  [
    field({ type: "text", visible: "input.x == 'b'" }),
    "forms.check.fields.x.visible BAD_CONDITION The condition reads input.x, which is not declared above this field.",
  ],
  [
    field({ type: "text", visible: "transition == 'og'" }),
    'forms.check.fields.x.visible BAD_CONDITION There is no transition "og". Did you mean "go"?',
  ],
  [
    field({ type: "text", visible: "(transition == 'og' ? 1 : 2) > input.a" }),
    'forms.check.fields.x.visible BAD_CONDITION There is no transition "og". Did you mean "go"?',
  ],
  [field({ type: "text", visible: "transition > 3" }), "forms.check.fields.x.visible BAD_CONDITION transition (text) cannot be compared"],
  [
    documentOf({ fields: { x: { type: "text" } } }, { when: "transition == 'go'" }),
    'states.s.transitions.go.when UNKNOWN_PATH There is no "transition"',
  ],
  [field({ type: "text", visible: "has(input)" }), "forms.check.fields.x.visible BAD_CONDITION Use a field of the input"],
  [field({ type: "text", visible: "comment == 'x'" }), "forms.check.fields.x.visible UNKNOWN_PATH A condition cannot read the comment"],
  [field({ type: "text", required: "data.nothing" }), 'forms.check.fields.x.required UNKNOWN_PATH There is no "data.nothing"'],
  [field({ type: "text", required: 1 }), "forms.check.fields.x.required WRONG_TYPE"],
  [field({ type: "text", in: "data" }), 'forms.check.fields.x.in UNKNOWN_PATH The data has no property "x"'],
  [
    documentOf({ fields: { amount: { type: "text", in: "data" } } }),
    "forms.check.fields.amount.in BAD_VALUE The field is text, but its answer is written to data.amount, which is a number. Use the same type, or rename the field.",
  ],
  [field({ type: "text", defaultFrom: "data.nothing" }), "forms.check.fields.x.defaultFrom UNKNOWN_PATH"],
  [field({ type: "text", defaultFrom: "input.a" }), "forms.check.fields.x.defaultFrom UNKNOWN_PATH An initial value cannot read the input"],
  [
    documentOf({ fields: { x: { type: "text" } }, checks: [{ holds: "has(input.x)", message: "m", field: "y" }] }),
    'forms.check.checks[0].field BAD_VALUE There is no field "y".',
  ],
  [
    documentOf({ fields: { x: { type: "text" } } }, { form: "chekc" }),
    'states.s.transitions.go.form UNKNOWN_FORM There is no form "chekc". Did you mean "check"?',
  ],
  [
    documentOf({ fields: { x: { type: "text" } } }, { input: {} }),
    "states.s.transitions.go.input BAD_VALUE A transition can have `input` or `form`, not both",
  ],
  [
    documentOf({ fields: { x: { type: "text" } } }, { auto: true }),
    "states.s.transitions.go.form BAD_VALUE An automatic transition cannot have",
  ],
  [
    documentOf({ fields: { x: { type: "text" } } }, { actions: [{ set: { "data.summary": "input.y" } }] }),
    'states.s.transitions.go.actions[0].set["data.summary"] UNKNOWN_PATH There is no "input.y"',
  ],
];

test.each(refused.map(([document, problem]) => [problem, document] as const))("%s", (problem, document) => {
  expect(problemsOf(document)[0]).toContain(problem);
});

test("conditions that would grow without bound are left to the server, in bounded time", () => {
  const fields: { [name: string]: object } = { f0: { type: "number" } };
  for (let index = 1; index < 60; index++) {
    const above = Array.from({ length: Math.min(index, 12) }, (_, back) => `input.f${index - 1 - back} > ${back}`);
    fields[`f${index}`] = { type: "number", visible: above.join(" || "), required: true };
  }
  const form = formOf(fields);
  const begin = computedMs();
  expect(JSON.stringify(deliverForm(form, contextWith({}))).length).toBeLessThan(200_000);
  expect(answer(form, { f0: 1 })).toContainEqual('input.f1: "f1" is required.');
  expect(computedMs() - begin).toBeLessThan(500);
});
