import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { parseDefinition } from "../document/parse.js";

const schema = JSON.parse(readFileSync(new URL("../../../schema/definition.schema.json", import.meta.url), "utf8")) as object;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
const examples = new URL("../../../../../examples/definitions/", import.meta.url);

test.each(readdirSync(examples))("the published JSON Schema accepts %s", (file) => {
  const { document } = parseDefinition(readFileSync(new URL(file, examples), "utf8"));
  validate(document);
  expect(validate.errors).toBeNull();
});

const transition = (more: object): object => ({
  weft: 1,
  key: "a",
  name: "A",
  initial: "s",
  states: { s: { transitions: { t: { to: "e", ...more } } }, e: { final: "completed" } },
});

test.each<[string, object]>([
  ["an unknown key", transition({ alow: {} })],
  ["an empty allow", transition({ allow: {} })],
  ["a wrong comment", transition({ comment: "maybe" })],
  ["a wrong action", transition({ actions: [{ sett: {} }] })],
  ["a bad set target", transition({ actions: [{ set: { state: 1 } }] })],
  ["an unknown schema keyword", transition({ input: { oneOf: [] } })],
  ["a bad role", transition({ allow: { roles: ["The Boss"] } })],
  ["a dead end", { ...transition({}), states: { s: {} } }],
  ["an unknown priority", transition({ actions: [{ openTask: { name: "t", title: "T", candidates: { owner: true }, priority: "hot" } }] })],
  ["a notSameAs that is not a step", transition({ allow: { notSameAs: "submitter" } })],
  [
    "a task without candidates",
    { ...transition({}), states: { s: { tasks: { a: { title: "A" } }, transitions: { t: { to: "e" } } }, e: { final: "completed" } } },
  ],
  [
    "votes for nothing",
    {
      ...transition({}),
      states: {
        s: { tasks: { a: { title: "A", for: "data.a" } }, decide: {}, transitions: { t: { to: "e" } } },
        e: { final: "completed" },
      },
    },
  ],
  [
    "a final state with a task",
    { ...transition({}), states: { s: { final: "completed", task: { title: "x", candidates: { owner: true } } } } },
  ],
])("the compiler and the published JSON Schema both refuse %s", (_what, document) => {
  expect(compile(document).ok).toBe(false);
  expect(validate(document)).toBe(false);
});

test.each<[string, object]>([
  [
    "every kind of action",
    transition({
      actions: [
        { openTask: { name: "t", title: "T", candidates: { owner: true }, lifetime: "instance" } },
        { closeTask: "t" },
        { emit: { type: "a.b", payload: { at: "now" } } },
      ],
    }),
  ],
  [
    "nested blocks of allow",
    transition({
      allow: { any: [{ roles: "a" }, { all: [{ owner: true }, { permissions: ["a.b"] }] }], notSameAs: ["owner", "assignee"] },
    }),
  ],
  [
    "tasks and votes",
    {
      ...transition({}),
      data: { properties: { people: { type: "array" }, at: { type: "string", format: "date" } } },
      states: {
        s: {
          tasks: {
            a: { title: "A", count: 2, due: "P2D", priority: "high", checklist: ["One"], candidates: { roles: "a", from: "data.people" } },
            b: { title: "B", for: "data.people", due: "data.at" },
          },
          decide: { t: "all", u: "any" },
          transitions: { t: { to: "e", allow: { notSameAs: ["owner", "s.u"] } }, u: { to: "e" } },
        },
        e: { final: "completed" },
      },
    },
  ],
  [
    "input and comment",
    transition({
      comment: "required",
      when: "true",
      input: { properties: { a: { type: ["string", "null"], format: "date" } }, additionalProperties: { type: "number" } },
    }),
  ],
])("the compiler and the published JSON Schema both accept %s", (_what, document) => {
  expect(compile(document)).toMatchObject({ ok: true });
  validate(document);
  expect(validate.errors).toBeNull();
});
