import { PgDialect } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Comparison, Filter } from "./filter/filter.js";
import { operators } from "./filter/filter.js";
import type { FilterColumns } from "./filter/filter-sql.js";
import { filterSql } from "./filter/filter-sql.js";
import { impliedValues, matches } from "./filter/match.js";
import { parseFilter, parsePath } from "./filter/parse-filter.js";
import { applyPatch } from "./protocol/patch.js";
import { project, projectionOf } from "./protocol/project.js";
import type { Resource } from "./protocol/read-resource.js";
import { groupSchema, userSchema } from "./protocol/schemas.js";
import { ScimRefusal } from "./protocol/scim-refusal.js";

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter((text) => !["not", "and", "or", "pr"].includes(text));
const path = fc.record({ schema: fc.constant(null), attribute: name, sub: fc.option(name) });
const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => !value.includes("\u0000") && value.isWellFormed());
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const comparison: fc.Arbitrary<Comparison> = fc.record({
  op: fc.constant("compare" as const),
  operator: fc.constantFrom(...operators),
  path,
  value,
});

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison,
    fc.record({ op: fc.constant("present" as const), path }),
    fc.record({ op: fc.constantFrom("and" as const, "or" as const), left: tie("filter"), right: tie("filter") }),
    fc.record({ op: fc.constant("not" as const), filter: tie("filter") }),
    fc.record({ op: fc.constant("has" as const), path, filter: comparison }),
  ),
}));

/** Writes a filter with all parentheses. */
function written(one: Filter): string {
  const named = (at: Comparison["path"]): string => (at.sub === null ? at.attribute : `${at.attribute}.${at.sub}`);
  switch (one.op) {
    case "and":
    case "or":
      return `(${written(one.left)} ${one.op} ${written(one.right)})`;
    case "not":
      return `not (${written(one.filter)})`;
    case "present":
      return `${named(one.path)} pr`;
    case "has":
      return `${named(one.path)}[${written(one.filter)}]`;
    case "compare":
      return `${named(one.path)} ${one.operator} ${JSON.stringify(one.value)}`;
  }
}

/** Returns the kind of refusal, or "read" if there is none. */
function outcome(run: () => unknown): string {
  try {
    run();
    return "read";
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error;
    return error.scimType ?? "";
  }
}

describe("a filter", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(filter, (one) => {
        fc.pre(written(one).length <= 1_000);
        expect(parseFilter(written(one))).toEqual(one);
      }),
    );
  });

  test("binds `and` more closely than `or`, and `not` needs parentheses", () => {
    const a = { op: "present", path: { schema: null, attribute: "a", sub: null } } as const;
    const and = (left: Filter, right: Filter): Filter => ({ op: "and", left, right });
    const or = (left: Filter, right: Filter): Filter => ({ op: "or", left, right });
    expect(parseFilter("a pr or a pr AND a pr or a pr")).toEqual(or(or(a, and(a, a)), a));
    expect(parseFilter("(a pr or a pr) and NOT(a pr)")).toEqual(and(or(a, a), { op: "not", filter: a }));
    expect(parseFilter("not pr")).toEqual({ op: "present", path: { schema: null, attribute: "not", sub: null } });
  });

  test("that cannot be read is refused, whatever it contains, and in time", () => {
    const piece = fc.constantFrom(
      '"',
      "\\",
      "\n",
      "(",
      ")",
      "[",
      "]",
      "and",
      "or",
      "not",
      "eq",
      "pr",
      "a",
      ".",
      ":",
      "urn:",
      "1e9",
      " ",
      "\u0000",
      "é",
    );
    const any = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(any, (anything) => {
        const began = performance.now();
        expect(["read", "invalidFilter"]).toContain(outcome(() => parseFilter(anything)));
        expect(["read", "invalidPath"]).toContain(outcome(() => parsePath(anything)));
        expect(performance.now() - began).toBeLessThan(500);
      }),
    );
  });

  test("never becomes part of a statement's text", () => {
    const columns: FilterColumns = {
      schema: "urn:x",
      columns: { a: { kind: "text", column: sql`c` }, b: { kind: "exact", column: sql`d` } },
    };
    const dialect = new PgDialect();
    const textOf = (operand: string): string =>
      dialect.sqlToQuery(
        filterSql({ op: "compare", operator: "eq", path: { schema: null, attribute: "a", sub: null }, value: operand }, columns),
      ).sql;
    fc.assert(
      fc.property(text, (operand) => {
        expect(textOf(operand)).toBe(textOf(""));
      }),
    );
  });

  test("describes the value that meets it, if it can", () => {
    const simple = fc.record({
      op: fc.constant("compare" as const),
      operator: fc.constant("eq" as const),
      path: fc.record({ schema: fc.constant(null), attribute: name, sub: fc.constant(null) }),
      value: text,
    });
    fc.assert(
      fc.property(simple, (one) => {
        const implied = impliedValues(one);
        expect(implied !== null && matches(one, implied)).toBe(true);
      }),
    );
  });
});

const patch = (resource: Resource, ...Operations: object[]): Resource =>
  applyPatch(userSchema, resource, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations });
const email = fc.record({ value: name.map((local) => `${local}@x.example`), type: fc.constantFrom("work", "home") });
const emails = fc.uniqueArray(email, { minLength: 1, maxLength: 5, selector: (one) => one.value });

describe("a patch", () => {
  test("that adds a value twice adds it once, and its removal brings back the list", () => {
    fc.assert(
      fc.property(emails, email, (list, one) => {
        fc.pre(!list.some((known) => known.value === one.value));
        const add = { op: "add", path: "emails", value: [one] };
        const added = patch({ emails: list }, add, add);
        expect(added).toEqual({ emails: [...list, one] });
        expect(patch(added, { op: "remove", path: `emails[value eq "${one.value}"]` })).toEqual({ emails: list });
        expect(patch(added, { op: "remove", path: "emails", value: [{ value: one.value }] })).toEqual({ emails: list });
      }),
    );
  });

  test("changes nothing of the resource that it is applied to", () => {
    fc.assert(
      fc.property(emails, (list) => {
        const before = { emails: list, name: { givenName: "A" } };
        const copy = structuredClone(before);
        patch(before, { op: "replace", path: "emails.type", value: "other" }, { op: "remove", path: "name" });
        expect(before).toEqual(copy);
      }),
    );
  });

  /** A busy machine takes half a second. Without the budget, it takes ten. */
  const inTimeMs = 3_000;
  const member = (id: number) => ({ value: `usr_${id}`, type: "User" });
  const team: Resource = { displayName: "Large", members: Array.from({ length: 20_000 }, (_, id) => member(id)) };
  const patchTeam = (...Operations: object[]): Resource =>
    applyPatch(groupSchema, team, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations });
  const repeated = (make: (n: number) => object) => Array.from({ length: 250 }, (_, n) => make(n));

  test("of a large team takes no time for each of its members", () => {
    const began = performance.now();
    const added = repeated((n) => ({ op: "add", path: "members", value: [member(20_000 + n), member(n)] }));
    expect((patchTeam(...added)["members"] as object[]).length).toBe(20_250);
    const removed = repeated((n) => ({ op: "remove", path: `members[value eq "USR_${n}" or value eq "usr_${n + 250}"]` }));
    expect((patchTeam(...removed)["members"] as object[])[0]).toEqual(member(500));
    const named = repeated((n) => ({ op: "remove", path: "members", value: [member(n)] }));
    expect((patchTeam(...named)["members"] as object[])[0]).toEqual(member(250));
    expect(performance.now() - began).toBeLessThan(inTimeMs);
  });

  test("that would compare every member many times is refused, and in time", () => {
    const conditions = Array.from({ length: 60 }, () => 'type eq "x"').join(" or ");
    const began = performance.now();
    expect(outcome(() => patchTeam(...repeated(() => ({ op: "remove", path: `members[${conditions}]` }))))).toBe("tooMany");
    expect(outcome(() => patchTeam(...repeated(() => ({ op: "replace", path: "members.type", value: "User" }))))).toBe("tooMany");
    expect(outcome(() => patchTeam({ op: "remove", path: 'members[type eq "User"]' }))).toBe("read");
    expect(performance.now() - began).toBeLessThan(inTimeMs);
  });

  test("adds at most 1,000 values in all", () => {
    const five = (n: number) => Array.from({ length: 5 }, (_, one) => member(20_000 + 5 * n + one));
    expect(outcome(() => patchTeam(...repeated((n) => ({ op: "add", path: "members", value: five(n) }))))).toBe("tooMany");
    expect(outcome(() => patchTeam(...repeated((n) => ({ op: "add", path: "members", value: five(n) })).slice(0, 200)))).toBe("read");
  });

  test("ignores parts of attributes that Weft does not have, as when a user is created", () => {
    const before = { name: { givenName: "A" }, emails: [{ value: "a@x.example", type: "work" }] };
    const ignored = [
      { op: "add", path: "name.middleName", value: "B" },
      { op: "replace", path: "name.honorificPrefix", value: "Dr." },
      { op: "add", path: 'emails[type eq "work"].display', value: "A" },
      { op: "add", value: { "name.honorificSuffix": "II" } },
    ];
    expect(patch(before, ...ignored, { op: "add", path: "title", value: "Chief" })).toEqual({ ...before, title: "Chief" });
  });

  test.each([
    ["an operation", { op: { toString: 1, valueOf: 1 }, path: "title" }, "invalidSyntax"],
    ["a status", { op: "add", path: "active", value: { toString: 1, valueOf: 1 } }, "invalidValue"],
  ])("is refused for %s that is an object without a text", (_what, operation, kind) => {
    expect(outcome(() => patch({ userName: "a" }, operation))).toBe(kind);
  });

  test("is refused or applied, whatever it contains, and leaves prototypes alone", () => {
    const target = fc.oneof(
      fc.string(),
      fc.constantFrom("emails", "name", "__proto__", "constructor.prototype", 'emails[type eq "work"].value', "active"),
    );
    const operation = fc.record(
      {
        op: fc.constantFrom("add", "Replace", "REMOVE", "x"),
        path: fc.option(target, { nil: undefined }),
        value: fc.jsonValue({ maxDepth: 3 }),
      },
      { requiredKeys: ["op"] },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
        outcome(() => patch({ userName: "a", emails: [{ value: "a@x.example", type: "work" }] }, ...operations));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

test("a projection has the ID, and nothing that was not asked for", () => {
  const resource = { schemas: ["s"], id: "1", userName: "a", name: { givenName: "b", familyName: "c" } };
  expect(project(resource, projectionOf({ attributes: "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName" }))).toEqual({
    schemas: ["s"],
    id: "1",
    name: { givenName: "b" },
  });
  expect(project(resource, projectionOf({ excludedAttributes: "ID, NAME.familyName" }))).toEqual({ ...resource, name: { givenName: "b" } });
  expect(project(resource, projectionOf({ attributes: "nothing" }))).toEqual({ schemas: ["s"], id: "1" });
});
