import { buildSchema, findBreakingChanges } from "graphql";
import { describe, expect, test } from "vitest";
import { schemaChanges } from "./schema-changes.js";

const today = "2027-07-01";
const base = `
  type Query { node(id: ID!): Node requests(first: Int): [Request!]! ledger: Ledger search: Found }
  interface Node { id: ID! }
  interface Named { name: String }
  type Request implements Node { id: ID! name: String title: String! priority: Priority }
  type Ledger { total: Int }
  type Mutation { rename(input: RenameInput!): Request }
  input RenameInput { id: ID! name: String }
  enum Priority { LOW HIGH }
  union Found = Request | Ledger
`;

const changed = (from: string, to: string, of = base): string => {
  if (!of.includes(from)) throw new Error(`The schema does not contain ${from}.`);
  return of.replace(from, to);
};
const changes = async (to: string, from = base) =>
  (await schemaChanges(from, to, today)).map(({ criticality, path }) => `${criticality} ${path}`);

describe("criticality", () => {
  const breaking: [string, string, string][] = [
    ["title: String! ", "", "Request.title"],
    ["title: String!", "title: String", "Request.title"],
    ["title: String!", "title: Int!", "Request.title"],
    ["(first: Int)", "", "Query.requests(first:)"],
    ["(first: Int)", "(first: Int!)", "Query.requests(first:)"],
    ["(first: Int)", "(first: Int, after: String!)", "Query.requests(after:)"],
    ["LOW HIGH", "HIGH", "Priority.LOW"],
    ["id: ID! name: String }\n  enum", "id: ID! }\n  enum", "RenameInput.name"],
    ["id: ID! name: String }\n  enum", "id: ID! name: String reason: String! }\n  enum", "RenameInput.reason"],
    ["Request | Ledger", "Request", "Found"],
    ["type Request implements Node", "type Request", "Request"],
    ["type Ledger { total: Int }", "interface Ledger { total: Int }", "Ledger"],
  ];
  test.each(breaking)("%s to %s is breaking, as graphql-js says, too", async (from, to, path) => {
    const text = changed(from, to).replace(
      "union Found = Request | Ledger",
      from.startsWith("type Ledger") ? "union Found = Request" : "$&",
    );
    expect(await changes(text)).toContain(`BREAKING ${path}`);
    expect(findBreakingChanges(buildSchema(base), buildSchema(text))).not.toEqual([]);
  });

  const dangerous: [string, string, string][] = [
    ["LOW HIGH", "LOW MEDIUM HIGH", "Priority.MEDIUM"],
    ["(first: Int)", "(first: Int = 20)", "Query.requests(first:)"],
    ["(first: Int)", "(first: Int, after: String)", "Query.requests(after:)"],
    ["type Request implements Node", "type Request implements Node & Named", "Request"],
  ];
  test.each(dangerous)("%s to %s is dangerous", async (from, to, path) => {
    expect(await changes(changed(from, to))).toEqual([`DANGEROUS ${path}`]);
  });

  const safe: [string, string, string][] = [
    ["title: String!", "title: String! about: String", "Request.about"],
    ["name: String title", "name: String! title", "Request.name"],
    ["(first: Int!)", "(first: Int)", "Query.requests(first:)"],
    ["id: ID! name: String }\n  enum", "id: ID! name: String note: String }\n  enum", "RenameInput.note"],
    ["title: String!", 'title: String! @deprecated(reason: "Use name.")', "Request.title.@deprecated"],
  ];
  test.each(safe)("%s to %s is safe", async (from, to, path) => {
    const before = from === "(first: Int!)" ? changed("(first: Int)", "(first: Int!)") : base;
    expect(await changes(changed(from, to, before), before)).toEqual([`SAFE ${path}`]);
  });

  test("a new type is one change, whatever it contains, and descriptions are none", async () => {
    const text = changed("type Ledger", '"A ledger." type Ledger').concat("type Extra implements Node { id: ID! of(a: Int!): Priority }");
    expect(await changes(changed("ledger: Ledger", "ledger: Ledger extra(a: Int!): Extra", text))).toEqual([
      "SAFE Extra",
      "SAFE Query.extra",
    ]);
  });

  test("a field that goes from a type that gets a new interface is reported", async () => {
    const text = changed("title: String! ", "", changed("type Request implements Node", "type Request implements Node & Named"));
    expect(await changes(text)).toEqual(["BREAKING Request.title", "DANGEROUS Request"]);
  });
});

describe("a removal is allowed without acceptance", () => {
  const reason = (text: string): string => `@deprecated(reason: ${JSON.stringify(text)})`;
  const over = reason("Use another. Removed after 2027-06-30.");
  const removed = async (from: string, to: string) => {
    const found = await schemaChanges(from, to, today);
    return found
      .filter(({ criticality }) => criticality === "BREAKING")
      .map(({ path, allowedBecause, advice }) => ({ path, allowedBecause, advice }));
  };
  const because = "It was deprecated until 2027-06-30.";

  test.each([
    ["a field", "title: String!", "Request.title"],
    ["an argument", "first: Int", "Query.requests(first:)"],
    ["an input field", "name: String }\n  enum", "RenameInput.name"],
    ["a value of an enum", "LOW", "Priority.LOW"],
  ])("of %s, if it was deprecated with a date that has passed", async (_what, element, path) => {
    const name = element.replace(/ }[^]*/, "");
    const from = changed(element, element.replace(name, `${name} ${over}`));
    const to = changed(element, element.replace(name, "")).replace("requests()", "requests");
    expect(await removed(from, to)).toEqual([{ path, allowedBecause: because, advice: undefined }]);
  });

  test.each([
    ["the date has not passed", "Use name. Removed after 2027-07-01.", "It is deprecated until 2027-07-01. Remove it after that day."],
    ["it names no date", "Use name.", "Its deprecation has no date. Keep it, and add `Removed after YYYY-MM-DD.` to the reason."],
  ])("unless %s", async (_why, text, advice) => {
    const from = changed("title: String!", `title: String! ${reason(text)}`);
    expect(await removed(from, changed("title: String! ", ""))).toEqual([{ path: "Request.title", allowedBecause: undefined, advice }]);
  });

  test("but not another change of the element, whose users still expect the old type", async () => {
    const from = changed("title: String!", `title: String! ${over}`);
    expect(await removed(from, changed("title: String!", `title: Int! ${over}`))).toMatchObject([
      { path: "Request.title", allowedBecause: undefined },
    ]);
  });

  test("of a type to which only such elements lead", async () => {
    const from = changed("ledger: Ledger", `ledger: Ledger ${over}`, changed("union Found = Request | Ledger", "union Found = Request"));
    const to = changed("type Ledger { total: Int }", "", changed("ledger: Ledger", "", changed("Request | Ledger", "Request")));
    expect(await removed(from, to)).toEqual([
      { path: "Ledger", allowedBecause: "Only deprecated elements, whose time is over, led to it.", advice: undefined },
      { path: "Query.ledger", allowedBecause: because, advice: undefined },
    ]);
  });

  test("but not of a type to which something else leads, too", async () => {
    const from = changed("ledger: Ledger", `ledger: Ledger ${over}`);
    const to = changed("type Ledger { total: Int }", "", changed("ledger: Ledger", "", changed("Request | Ledger", "Request")));
    expect((await removed(from, to)).find(({ path }) => path === "Ledger")).toMatchObject({ allowedBecause: undefined });
  });
});
