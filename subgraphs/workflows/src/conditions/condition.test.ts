import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const purchase = `weft: 1
key: purchase
name: Purchase
data: { properties: { amount: { type: number }, lines: { type: array, items: { properties: { price: { type: number } } } } } }
initial: draft
states:
  draft: { transitions: { submit: { to: done } } }
  done: { final: completed }
`;
const testCondition = `query ($condition: JSON!, $definitionId: ID, $data: JSON, $as: SimulatedActorInput) {
  testCondition(condition: $condition, definitionId: $definitionId, data: $data, as: $as) {
    holds failures { message path } problems { path message code } text tree } }`;

let weft: SharedWeft;
let admin: TestUser;
let definitionId: string;
beforeAll(async () => {
  weft = await sharedWeft();
  ({ admin } = await weft.tenant());
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
    { source: purchase },
  );
  definitionId = createDefinition.definition.id;
});

test("a condition in CEL is tested with data, reports which part was not true, and is shown as a tree", async () => {
  const condition = "data.lines.map(line, line.price).sum() <= 100 && has(data.amount)";
  expect(await admin.run(testCondition, { condition, definitionId, data: { lines: [{ price: 60 }, { price: 60 }] } })).toEqual({
    testCondition: {
      holds: false,
      failures: [
        { path: null, message: "data.lines.map(line, line.price).sum() is 120, but must be at most 100." },
        { path: "data.amount", message: "data.amount has no value, but must have one." },
      ],
      problems: [],
      text: condition,
      tree: {
        and: [
          { lte: [{ sum: { map: { each: { path: "data.lines" }, as: "line", to: { path: "line.price" } } } }, 100] },
          { has: "data.amount" },
        ],
      },
    },
  });
});

test("a tree is tested as well, and is shown in CEL", async () => {
  const condition = { or: [{ gt: [{ path: "data.amount" }, 5000] }, { in: ["boss", { path: "actor.roles" }] }] };
  const answer = await admin.run(testCondition, { condition, data: { amount: 7 }, as: { roles: ["boss"] } });
  expect(answer).toEqual({
    testCondition: { holds: true, failures: [], problems: [], text: 'data.amount > 5000 || "boss" in actor.roles', tree: condition },
  });
});

test("a condition that cannot be parsed, or never holds for the definition's data, is a problem with its position", async () => {
  const problemsOf = async (condition: unknown) => {
    const { testCondition: answer } = await admin.run<{ testCondition: { holds: boolean; problems: { path: string; message: string }[] } }>(
      testCondition,
      { condition, definitionId, data: { amount: 1 } },
    );
    expect(answer.holds).toBe(false);
    return answer.problems.map(({ path, message }) => `${path}: ${message}`);
  };
  expect(await problemsOf("data.amuont > 1")).toEqual([expect.stringContaining('Did you mean "amount"?')]);
  expect(await problemsOf("data.amount > 'x'")).toEqual([': data.amount (a number) cannot be compared with "x".']);
  expect(await problemsOf("data.amount >")).toEqual([expect.stringContaining("is not a valid expression")]);
  expect(await problemsOf({ and: [{ lteq: [1, 2] }] })).toEqual(['and[0].lteq: "lteq" is not supported here. Did you mean "lte"?']);
  expect(await problemsOf(7)).toEqual([': Expected a condition such as "data.estimate <= 5000", found 7.']);
});

test("data that no instance could have is refused with its path", async () => {
  const { extensions } = await admin.refused(testCondition, { condition: "true", data: [1] });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "data" }] });
});
