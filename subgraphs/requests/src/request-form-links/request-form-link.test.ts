import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, ApiClient, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { scanLabels } from "@weft/testkit/labels/scan-label";
import { newRequestFormLink } from "@weft/testkit/tenants/new-request-form-link";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let nobody: ApiClient;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  nobody = new ApiClient(weft.url);
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

const create = "mutation ($input: CreateRequestFormLinkInput!) { createRequestFormLink(input: $input) { link { id } } }";
const revoke = "mutation ($input: VersionedIdInput!) { revokeRequestFormLink(input: $input) { link { version revokedAt url label } } }";
const submit = "mutation ($input: SubmitRequestByLinkInput!) { submitRequestByLink(input: $input) { receivedAt } }";
const formOf = "query ($token: String!) { requestFormByLink(token: $token) { assetName form { name title schema uiSchema data } } }";
const linkOf = "query ($id: ID!) { requestFormLink(id: $id) { requestCount lastUsedAt version url label createdBy { id } } }";
const requestsOf = `query ($id: ID!) { asset(id: $id) { requests(first: 50) { totalCount edges { node {
  id state data isByLink createdBy { id } type { key } building { id } auditTrail(first: 50) { edges { node { action actor { id } } } } } } } } }`;

const data = { summary: "The doors do not close", estimate: 1 };

interface Found {
  readonly id: string;
  readonly state: string;
  readonly isByLink: boolean;
  readonly auditTrail: { readonly edges: readonly { readonly node: { readonly action: string; readonly actor: { id: string } } }[] };
}

async function requestsAbout(assetId: string): Promise<Found[]> {
  const { asset } = await acme.admin.run<{ asset: { requests: { edges: { node: Found }[] } } }>(requestsOf, { id: assetId });
  return asset.requests.edges.map(({ node }) => node);
}

let made = 0;
async function anAsset(user: TestUser = acme.operations, buildingId = acme.buildingId): Promise<string> {
  const { createAsset } = await user.run<{ createAsset: { asset: { id: string } } }>(
    "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
    { input: { buildingId, tag: `RL-${(made += 1)}`, name: "Freight elevator", type: "lift" } },
  );
  return createAsset.asset.id;
}

/** The code and the message of the refusal, or "received". */
async function answerTo(token: string, more: object = {}): Promise<string> {
  const { errors } = await nobody.send(submit, { input: { token, data, ...more } });
  return errors === undefined ? "received" : `${errors[0]?.extensions?.["code"] as string}: ${errors[0]?.message ?? ""}`;
}

const REFUSED = "UNAUTHENTICATED: This link is invalid or has expired. Report the problem in another way.";

describe("a request form link", () => {
  test("lets everybody submit requests of its type about its asset, in the name of the user who created it, and answers nothing about them", async () => {
    const assetId = await anAsset();
    const { id, token } = await newRequestFormLink(acme.operations, assetId, { note: "At the door" });
    const before = Date.now();
    const { data: answer, errors } = await nobody.send(submit, { input: { token, data } });
    expect(errors).toBeUndefined();
    const { receivedAt } = (answer as { submitRequestByLink: { receivedAt: string } }).submitRequestByLink;
    expect(Math.abs(Date.parse(receivedAt) - before)).toBeLessThan(60_000);
    const [request, ...others] = await requestsAbout(assetId);
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      state: "triage",
      data,
      isByLink: true,
      createdBy: { id: acme.operations.id },
      type: { key: "maintenance" },
      building: { id: acme.buildingId },
    });
    expect(request?.auditTrail.edges.map(({ node }) => node)).toContainEqual({
      action: "request.create",
      actor: { id: acme.operations.id },
    });
    const { requestFormLink } = await acme.operations.run<{ requestFormLink: object }>(linkOf, { id });
    expect(requestFormLink).toMatchObject({ requestCount: 1, lastUsedAt: receivedAt, version: 1, createdBy: { id: acme.operations.id } });
    const actions = await owner<
      { action: string; request: string | null }[]
    >`select action, after->>'requestId' as request from audit.entries
      where entity_id = ${decodeId("requestFormLink", id)} order by id`;
    expect(actions.map((row) => [row.action, row.request])).toEqual([
      ["requestFormLink.create", null],
      ["requestFormLink.use", decodeId("request", request?.id ?? "")],
    ]);
    // Not written down anywhere.
    const [stored] = await owner`select (select count(*) from audit.entries e where e::text like ${`%${token.slice(4, 60)}%`})
      + (select count(*) from requests.request_form_links l where l::text like ${`%${token.slice(4, 60)}%`}) as count`;
    expect(Number(stored?.["count"])).toBe(0);
    expect((await requestsAbout(acme.assetId)).every(({ isByLink }) => !isByLink)).toBe(true);
  });

  test("shows the name of the asset and the form, which accepts what the submission accepts", async () => {
    const assetId = await anAsset();
    const { token } = await newRequestFormLink(acme.operations, assetId);
    const { requestFormByLink } = await nobody.run<{
      requestFormByLink: {
        assetName: string;
        form: { name: string; schema: { properties: object }; uiSchema: { elements: { scope: string }[] } };
      };
    }>(formOf, { token });
    expect(requestFormByLink).toMatchObject({ assetName: "Freight elevator", form: { name: "maintenance" } });
    expect(Object.keys(requestFormByLink.form.schema.properties)).toContain("summary");
    expect(requestFormByLink.form.uiSchema.elements.map(({ scope }) => scope)).toContain("#/properties/summary");
    // The token is no access token.
    expect((await new ApiClient(weft.url, token).send("{ me { id } }")).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });

  test("names what is wrong with the data, and does not count such attempts", async () => {
    const assetId = await anAsset();
    const { id, token } = await newRequestFormLink(acme.operations, assetId);
    const { errors } = await nobody.send(submit, { input: { token, data: { summary: 7 } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(JSON.stringify(errors?.[0]?.extensions)).toContain("input.data.summary");
    expect(await answerTo(token, { data: { ...data, unknown: 1 } })).toContain("BAD_USER_INPUT");
    expect(await requestsAbout(assetId)).toEqual([]);
    expect(await acme.operations.run(linkOf, { id })).toMatchObject({ requestFormLink: { requestCount: 0, lastUsedAt: null } });
  });

  test("is refused in the same words if it is forged, revoked or expired, or if its user, type or asset cannot be used any more", async () => {
    const assetId = await anAsset();
    const link = async (user = acme.operations, about = assetId) => newRequestFormLink(user, about);
    const { token } = await link();
    const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    for (const forged of ["", "wrl_", flipped, token.replace("wrl_", "wtl_"), `${token}A`]) {
      expect(await answerTo(forged)).toBe(REFUSED);
      expect((await nobody.send(formOf, { token: forged })).errors?.[0]?.message).toBe(REFUSED.slice("UNAUTHENTICATED: ".length));
    }
    const revoked = await link();
    expect(await acme.operations.run(revoke, { input: { id: revoked.id } })).toMatchObject({
      revokeRequestFormLink: { link: { version: 2, revokedAt: expect.any(String) as string, url: null, label: null } },
    });
    // Again: it stays as it is.
    expect(await acme.operations.run(revoke, { input: { id: revoked.id } })).toMatchObject({
      revokeRequestFormLink: { link: { version: 2 } },
    });
    const expired = await newRequestFormLink(acme.operations, assetId, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await owner`update requests.request_form_links set expires_at = now() - interval '1 second' where id = ${decodeId("requestFormLink", expired.id)}`;
    const leaving = await acme.tenant.user("operations");
    const ofLeaving = await link(leaving);
    await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: leaving.id });
    const gone = await anAsset();
    const ofGone = await link(acme.operations, gone);
    await acme.operations.run("mutation ($id: ID!) { deleteAsset(input: { id: $id }) { id } }", { id: gone });
    for (const each of [revoked, expired, ofLeaving, ofGone]) {
      expect(await answerTo(each.token)).toBe(REFUSED);
      expect((await nobody.send(formOf, { token: each.token })).errors?.[0]?.message).toBe(REFUSED.slice("UNAUTHENTICATED: ".length));
    }
    const { requestTypes } = await acme.admin.run<{ requestTypes: { edges: { node: { id: string; key: string } }[] } }>(
      "{ requestTypes { edges { node { id key } } } }",
    );
    const id = requestTypes.edges.find(({ node }) => node.key === "maintenance")?.node.id;
    await acme.admin.run("mutation ($id: ID!) { deactivateRequestType(input: { id: $id }) { requestType { id } } }", { id });
    expect(await answerTo(token)).toBe(REFUSED);
    await acme.admin.run("mutation ($id: ID!) { reactivateRequestType(input: { id: $id }) { requestType { id } } }", { id });
    expect(await answerTo(token)).toBe("received");
    expect(await requestsAbout(assetId)).toHaveLength(1);
  });

  test("accepts a limited number of requests per hour, also of people who send them at the same time", async () => {
    const assetId = await anAsset();
    const { id, token } = await newRequestFormLink(acme.operations, assetId, { requestsPerHour: 3 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => answerTo(token)));
    expect(answers.filter((answer) => answer === "received")).toHaveLength(3);
    expect(answers.filter((answer) => answer.startsWith("RATE_LIMITED: Too many requests were sent with this link."))).toHaveLength(2);
    await owner`update requests.request_form_links set hour_started_at = now() - interval '1 hour' where id = ${decodeId("requestFormLink", id)}`;
    expect(await answerTo(token)).toBe("received");
    expect(await requestsAbout(assetId)).toHaveLength(4);
  });

  test("creates one request for several attempts with the same key", async () => {
    const assetId = await anAsset();
    const { token } = await newRequestFormLink(acme.operations, assetId);
    const answers = await Promise.all([1, 2, 3].map(() => answerTo(token, { idempotencyKey: "a-key" })));
    expect(answers).toEqual(["received", "received", "received"]);
    expect(await answerTo(token, { idempotencyKey: "a-key", data: { ...data, summary: "Another" } })).toContain("CONFLICT");
    expect(await requestsAbout(assetId)).toHaveLength(1);
  });

  test("can be printed again: its label has a QR code with the URL", async () => {
    const assetId = await anAsset();
    const { id, token } = await newRequestFormLink(acme.operations, assetId);
    const { requestFormLink } = await acme.operations.run<{ requestFormLink: { url: string; label: string } }>(linkOf, { id });
    expect(requestFormLink.url).toBe(`http://127.0.0.1:4000/request#token=${token}`);
    expect(scanLabels(requestFormLink.label)).toEqual([requestFormLink.url]);
    expect(requestFormLink.label).toContain("Freight");
  });

  test("is created only for what exists, with a time in the future and a limit from 1 to 1,000", async () => {
    const assetId = await anAsset();
    const problemOf = async (input: object) =>
      (await acme.operations.refused(create, { input: { assetId, typeKey: "maintenance", ...input } })).extensions;
    for (const [input, path] of [
      [{ typeKey: "nonsense" }, "input.typeKey"],
      [{ requestsPerHour: 0 }, "input.requestsPerHour"],
      [{ requestsPerHour: 1_001 }, "input.requestsPerHour"],
      [{ expiresAt: "2020-01-01T00:00:00Z" }, "input.expiresAt"],
      [{ assetId: "ast_00000000000000000000000000" }, "input.assetId"],
    ] as const)
      expect(await problemOf(input)).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
  });

  test("is seen, made and revoked only by users who can change the organization's assets", async () => {
    const assetId = await anAsset();
    const { id } = await newRequestFormLink(acme.operations, assetId);
    const list =
      "query ($id: ID!) { requestFormLinks(filter: { assetId: { eq: $id }, isRevoked: { eq: false } }) { totalCount edges { node { id asset { id } requestType { key } } } } }";
    expect(await acme.admin.run(list, { id: assetId })).toEqual({
      requestFormLinks: { totalCount: 1, edges: [{ node: { id, asset: { id: assetId }, requestType: { key: "maintenance" } } }] },
    });
    for (const user of [acme.requester, acme.vendor.user]) {
      expect(await user.refusal(list, { id: assetId })).toBe("FORBIDDEN");
      expect(await user.refusal(linkOf, { id })).toBe("FORBIDDEN");
      expect(await user.refusal(create, { input: { assetId, typeKey: "maintenance" } })).toBe("FORBIDDEN");
      expect(await user.refusal(revoke, { input: { id } })).toBe("FORBIDDEN");
    }
    const globex = await aMaintenanceTenant(weft);
    expect(await globex.admin.refusal(linkOf, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(revoke, { input: { id } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(create, { input: { assetId, typeKey: "maintenance" } })).toBe("BAD_USER_INPUT");
    expect(await globex.admin.run(list, { id: assetId })).toMatchObject({ requestFormLinks: { totalCount: 0 } });
  });
});
