import { sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
});

beforeEach(async () => {
  acme = await weft.tenant("Acme");
  ada = await acme.user("admin");
});

const exportPerson = "mutation ($input: PersonInput!) { exportPerson(input: $input) { privacyRequest { id } } }";
const read = "query ($id: ID!) { privacyRequest(id: $id) { status fileId } }";
const link = "query ($id: ID!) { file(id: $id) { download { url } } }";
const entriesOf = `query ($id: ID!) {
  auditEntries(filter: { entityId: { eq: $id }, action: { eq: "privacyRequest.download" } }) { edges { node { actor { id } } } } }`;

const inputOf = (personId: string) => ({ input: { personId, reason: "Letter of 3 March" } });

/** Exports a person. Returns the ID of the request, and the address of the file. */
async function exported(personId: string): Promise<{ readonly id: string; readonly url: URL }> {
  const { exportPerson: created } = await ada.run<{ exportPerson: { privacyRequest: { id: string } } }>(exportPerson, inputOf(personId));
  const { id } = created.privacyRequest;
  await weft.weft.worker.idle();
  const { privacyRequest } = await ada.run<{ privacyRequest: { status: string; fileId: string } }>(read, { id });
  expect(privacyRequest.status).toBe("COMPLETED");
  const { file } = await ada.run<{ file: { download: { url: string } } }>(link, { id: privacyRequest.fileId });
  return { id, url: new URL(file.download.url, weft.url) };
}

async function downloadersOf(id: string): Promise<string[]> {
  const { auditEntries } = await ada.run<{ auditEntries: { edges: { node: { actor: { id: string } } }[] } }>(entriesOf, { id });
  return auditEntries.edges.map(({ node }) => node.actor.id);
}

describe("an export of a person's data", () => {
  test("is refused if the person has rights that the viewer does not have", async () => {
    await acme.role("privacy_officer", ["privacy.read", "privacy.manage", "user.read"]);
    const officer = await acme.user("privacy_officer");
    expect(await officer.refusal(exportPerson, inputOf(ada.id))).toBe("FORBIDDEN");
    const requester = await acme.user("privacy_officer");
    expect(await officer.run(exportPerson, inputOf(requester.id))).toMatchObject({ exportPerson: {} });
  });

  test("leaves an audit entry whenever it is downloaded, also in parts, and none when only its size is asked for", async () => {
    const { id, url } = await exported((await acme.user("requester")).id);
    await fetch(url, { method: "HEAD" });
    expect(await downloadersOf(id)).toEqual([]);
    await (await fetch(url)).arrayBuffer();
    expect((await fetch(url, { headers: { range: "bytes=1-20" } })).status).toBe(206);
    expect(await downloadersOf(id)).toEqual([ada.id, ada.id]);
  });
});
