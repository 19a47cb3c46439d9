import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let typeId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  typeId = (await acme.maintenance()).typeId;
});

const create =
  "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id key numberPrefix fields version } } }";
const input = { key: "urgent", name: "Urgent", definitionKey: "maintenance-request", numberPrefix: "UR", fields: ["summary"] };

describe("request types", () => {
  test("select and order fields of their definition", async () => {
    const { createRequestType } = await acme.admin.run<{ createRequestType: { requestType: object } }>(create, {
      input: { ...input, key: "ordered", numberPrefix: "OR", fields: ["estimate", "summary"] },
    });
    expect(createRequestType.requestType).toMatchObject({ key: "ordered", fields: ["estimate", "summary"], version: 1 });
  });

  test("need a published definition", async () => {
    const error = await acme.admin.refused(create, { input: { ...input, definitionKey: "nowhere" } });
    expect(error.message).toBe('input.definitionKey: No published definition with the key "nowhere" exists. Publish it first.');
  });

  test("reference only transitions and fields that the definition has, with all errors reported at once", async () => {
    const error = await acme.admin.refused(create, { input: { ...input, submitTransition: "fly", fields: ["summary", "color"] } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.submitTransition" }, { path: "input.fields.1" }]);
  });

  test("have unique keys and prefixes", async () => {
    await acme.admin.run(create, { input: { ...input, key: "first", numberPrefix: "FI" } });
    expect(
      (await acme.admin.refused(create, { input: { ...input, key: "first", numberPrefix: "FJ" } })).extensions?.["problems"],
    ).toMatchObject([{ path: "input.key" }]);
    expect(
      (await acme.admin.refused(create, { input: { ...input, key: "second", numberPrefix: "FI" } })).extensions?.["problems"],
    ).toMatchObject([{ path: "input.numberPrefix" }]);
  });

  test("are created by users with the permission, and read by users who create requests", async () => {
    const requester = await acme.user("requester");
    expect(await requester.refusal(create, { input })).toBe("FORBIDDEN");
    const { requestTypes } = await requester.run<{ requestTypes: { edges: { node: { id: string } }[] } }>(
      "query { requestTypes(first: 100) { edges { node { id } } } }",
    );
    expect(requestTypes.edges.map(({ node }) => node.id)).toContain(typeId);
  });

  test("of another tenant are not found, and cannot be used for a request", async () => {
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal("query ($id: ID!) { requestType(id: $id) { id } }", { id: typeId })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal('mutation { createRequest(input: { typeKey: "maintenance" }) { request { id } } }')).toBe(
      "BAD_USER_INPUT",
    );
  });
});
