import {
  aMaintenanceTenant,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type SharedWeft,
  type TestUser,
} from "@weft/testkit";
import { newHeatingType } from "@weft/testkit/tenants/heating-definition";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  await newHeatingType(acme, { defaultPriority: "HIGH" });
});

const audiences = ["PUBLIC", "INTERNAL"] as const;

/** Comments on a request and on its workflow, publicly and internally. The word of each begins with the prefix. */
async function comment(user: TestUser, { id, instanceId }: MaintenanceRequest, prefix: string): Promise<void> {
  for (const audience of audiences) {
    await user.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
      input: { id, audience, text: `${prefix}request${audience}` },
    });
    await user.run("mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId, audience, comment: `${prefix}workflow${audience}` },
    });
  }
}

const wordsOf = (prefix: string): string[] =>
  audiences.flatMap((audience) => ["request", "workflow"].map((place) => `${prefix}${place}${audience}`));

/** Returns those of the words by which a search finds the request, and only it. */
async function finding(words: readonly string[], { id }: MaintenanceRequest): Promise<string[]> {
  const found: string[] = [];
  for (const word of words) {
    const { requests } = await acme.operations.run<{ requests: { edges: { node: { id: string } }[] } }>(
      "query ($word: String!) { requests(first: 5, filter: { search: { contains: $word } }) { edges { node { id } } } }",
      { word },
    );
    if (requests.edges.length === 1 && requests.edges[0]?.node.id === id) found.push(word);
  }
  return found;
}

/** Two administrators, neither of whom has created the account of the other, have a user erased. */
async function erase({ id: personId }: TestUser): Promise<void> {
  const [first, second] = [await acme.tenant.user("admin"), await acme.tenant.user("admin")];
  const { erasePerson } = await first.run<{ erasePerson: { privacyRequest: { id: string } } }>(
    "mutation ($input: PersonInput!) { erasePerson(input: $input) { privacyRequest { id } } }",
    { input: { personId, reason: "Letter of 3 March" } },
  );
  const { id } = erasePerson.privacyRequest;
  await second.run("mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id } } }", {
    input: { id },
  });
  await weft.weft.worker.idle();
  expect(await first.run("query ($id: ID!) { privacyRequest(id: $id) { status } }", { id })).toEqual({
    privacyRequest: { status: "COMPLETED" },
  });
}

test("after an erasure, searches find nothing by the words of the person's comments, and find all by those of others", async () => {
  const [pia, olga, request] = [await acme.tenant.user("operations"), acme.operations, await acme.request("triage")];
  await comment(pia, request, "zeolite");
  await comment(olga, request, "olivine");
  expect(await finding([...wordsOf("zeolite"), ...wordsOf("olivine")], request)).toHaveLength(8);
  await erase(pia);
  expect(await finding([...wordsOf("zeolite"), ...wordsOf("olivine")], request)).toEqual(wordsOf("olivine"));
});

test(
  "after an erasure, searches find nothing by the words of the person's comments on a workflow that a conversion has replaced",
  { tags: "slow" },
  async () => {
    const [pia, olga, request] = [await acme.tenant.user("operations"), acme.operations, await acme.request("triage")];
    await comment(pia, request, "rutile");
    await comment(olga, request, "spinel");
    await olga.run("mutation ($input: ConvertRequestInput!) { convertRequest(input: $input) { request { id } } }", {
      input: { id: request.id, typeKey: "heating", data: { radiator: "left" } },
    });
    expect(await finding([...wordsOf("rutile"), ...wordsOf("spinel")], request)).toHaveLength(8);
    await erase(pia);
    expect(await finding([...wordsOf("rutile"), ...wordsOf("spinel")], request)).toEqual(wordsOf("spinel"));
  },
);
