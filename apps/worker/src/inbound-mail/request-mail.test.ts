import { decodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { newInboundMailAddress } from "@weft/testkit/tenants/new-inbound-mail-address";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SentMail, sendMail } from "./send-mail.fixture.js";

const definition = `weft: 1
key: report
name: Report
data:
  required: [title, kind]
  properties:
    title: { type: string, maxLength: 40 }
    details: { type: string, maxLength: 2000 }
    kind: { type: string, enum: [noise, light] }
initial: draft
states:
  draft: { transitions: { submit: { to: open, allow: { owner: true } }, cancel: { to: dropped } } }
  open: { transitions: { close: { to: done } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;
const wantMails = `mutation { updateNotificationPreferences(input: { preferences: [{ channel: EMAIL, isEnabled: true }] }) { notificationPreferences { timeZone } } }`;
const update = `mutation ($input: UpdateInboundMailAddressInput!) { updateInboundMailAddress(input: $input) { inboundMailAddress { isActive } } }`;
const remove = `mutation ($id: ID!) { deleteInboundMailAddress(input: { id: $id }) { id } }`;

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_INBOUND_MAIL_DOMAIN: "mail.example", WEFT_INBOUND_MAIL_PORT: 0 } });
});
afterAll(() => weft.stop());

const send = (mail: Partial<SentMail>): Promise<string> => sendMail({ port: weft.weft.worker.inboundMailPort ?? 0, ...mail });

interface Received {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly isFromEmail: boolean;
  readonly data: object;
  readonly createdBy: { id: string };
}

interface Story {
  readonly acme: TestTenant;
  readonly rita: TestUser;
  readonly id: string;
  readonly to: string;
  /** Requests of the tenant, oldest first. */
  readonly received: () => Promise<Received[]>;
}

/** A tenant with an address for reports, and a user who can create requests. */
async function aStory(more: object = {}): Promise<Story> {
  const acme = await weft.tenant();
  await acme.definition(definition);
  const input = { key: "report", name: "Report", definitionKey: "report", numberPrefix: "RP", fields: ["title", "details", "kind"] };
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", { input });
  const rita = await acme.user("requester");
  const terms = { typeKey: "report", subjectField: "title", textField: "details", data: { kind: "noise" }, ...more };
  const { id, address } = await newInboundMailAddress(acme.admin, terms);
  const list =
    "{ requests(orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { id number state isFromEmail data createdBy { id } } } } }";
  return {
    acme,
    rita,
    id,
    to: address ?? "",
    received: async () => {
      const { requests } = await acme.admin.run<{ requests: { edges: { node: Received }[] } }>(list);
      return requests.edges.map(({ node }) => node);
    },
  };
}

const notAllowed = /^550 5\.7\.1 No request was created\. Send it from the email address of a user who can create such requests\.$/;

describe("an email", () => {
  test(
    "becomes a submitted request of its sender, with its subject and text, and the sender continues by email",
    { tags: "slow" },
    async () => {
      const { acme, rita, to, received } = await aStory();
      await rita.run(wantMails);
      expect(to).toMatch(/^request\+[a-z2-7]{55}@mail\.example$/);
      const html = "<p>On the <b>third</b> floor.</p><p>Since Monday.</p>";
      const mail = { from: `Rita <${rita.login.toUpperCase()}>`, to: to.toUpperCase(), subject: "Fwd: WG:  The fan – hums\u202e", html };
      expect(await send(mail)).toMatch(/^250/);
      const [request] = await received();
      expect(request).toMatchObject({
        number: "RP-1",
        state: "open",
        isFromEmail: true,
        data: { title: "The fan – hums", details: "On the third floor.\n\nSince Monday.", kind: "noise" },
        createdBy: { id: rita.id },
      });
      const { id } = request ?? { id: "" };
      const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
      await acme.admin.run(comment, { input: { id, audience: "PUBLIC", text: "Which room?" } });
      await weft.weft.worker.idle();
      const replyTo = (await acme.mails(rita.login)).at(-1)?.replyTo ?? "";
      expect(replyTo).toMatch(/^reply\+/);
      expect(await send({ from: rita.login, to: replyTo, text: "302." })).toMatch(/^250/);
      const { request: read } = await rita.run<{ request: { comments: { edges: object[] } } }>(
        "query ($id: ID!) { request(id: $id) { comments { edges { node { text isFromEmail author { id } } } } } }",
        { id },
      );
      expect(read.comments.edges[0]).toEqual({ node: { text: "302.", isFromEmail: true, author: { id: rita.id } } });
    },
  );

  test(
    "becomes one request, however often and concurrently it is delivered; another email is another request",
    { tags: "slow" },
    async () => {
      const { rita, to, received } = await aStory();
      const mail = { from: rita.login, to, subject: "It hums", text: "Loudly.", messageId: "<one@rita.example>" };
      for (const answer of await Promise.all([send(mail), send(mail), send(mail)])) expect(answer).toMatch(/^250/);
      expect(await send(mail)).toMatch(/^250/);
      expect(await received()).toHaveLength(1);
      expect(await send({ ...mail, messageId: "<two@rita.example>" })).toMatch(/^250/);
      expect((await received()).map(({ number }) => number)).toEqual(["RP-1", "RP-2"]);
    },
  );

  test("without a subject or a text gets a title, and a subject that is too long is cut", { tags: "slow" }, async () => {
    const { rita, to, received } = await aStory();
    expect(await send({ from: rita.login, to, subject: "Re: ", text: "Only a text." })).toMatch(/^250/);
    expect(await send({ from: rita.login, to, subject: "long ".repeat(20), text: "" })).toMatch(/^250/);
    expect((await received()).map(({ data }) => data)).toEqual([
      { title: "Email without a subject", details: "Only a text.", kind: "noise" },
      { title: `${"long ".repeat(7)}long…`, kind: "noise" },
    ]);
  });

  test("that forwards another one keeps the forwarded text", async () => {
    const { rita, to, received } = await aStory();
    const text =
      "Please repair it.\n\n---------- Forwarded message ---------\nFrom: Guest <g@x.example>\nDate: today\n\nThe lamp is broken.";
    expect(await send({ from: rita.login, to, subject: "Lamp", text })).toMatch(/^250/);
    expect((await received())[0]?.data).toMatchObject({ details: text });
  });

  test("to an address without a field for the subject begins with the subject", async () => {
    const { rita, to, received } = await aStory({ subjectField: null, textField: "details", data: { kind: "light", title: "By email" } });
    expect(await send({ from: rita.login, to, subject: "Lamp", text: "It is broken." })).toMatch(/^250/);
    expect((await received())[0]?.data).toEqual({ title: "By email", details: "Lamp\n\nIt is broken.", kind: "light" });
  });
});

describe("no request is created for", () => {
  test(
    "unknown senders, inactive users, users without the right, and other tenants' users, who all get the same answer",
    { tags: "slow" },
    async () => {
      const { acme, rita, to, received } = await aStory();
      const { user: tech } = await acme.vendor();
      const other = await aStory();
      const mail = { to, subject: "It hums", text: "Loudly." };
      expect(await send({ ...mail, from: "nobody@x.example" })).toMatch(notAllowed);
      expect(await send({ ...mail, from: tech.login })).toMatch(notAllowed);
      expect(await send({ ...mail, from: other.rita.login })).toMatch(notAllowed);
      await acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
        input: { userId: rita.id, grants: [], denials: [{ permission: "request.create", scope: "TENANT" }], reason: "A test" },
      });
      expect(await send({ ...mail, from: rita.login })).toMatch(notAllowed);
      const rudi = await acme.user("requester");
      await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: rudi.id });
      expect(await send({ ...mail, from: rudi.login })).toMatch(notAllowed);
      expect(await received()).toEqual([]);
      expect(await other.received()).toEqual([]);
    },
  );

  test("users who cannot use the type of the address", async () => {
    const { acme, rita, to, received } = await aStory();
    const { requestTypes } = await acme.admin.run<{ requestTypes: { edges: { node: { id: string } }[] } }>(
      "{ requestTypes { edges { node { id } } } }",
    );
    await acme.admin.run("mutation ($input: UpdateRequestTypeInput!) { updateRequestType(input: $input) { requestType { id } } }", {
      input: { id: requestTypes.edges[0]?.node.id, roleKeys: ["operations"] },
    });
    expect(await send({ from: rita.login, to, subject: "It hums", text: "Loudly." })).toMatch(notAllowed);
    expect(await received()).toEqual([]);
  });

  test("a user of another tenant with the same email address: the request belongs to the tenant of the address", async () => {
    const acme = await aStory();
    const other = await aStory();
    const input = {
      email: acme.rita.login,
      username: "namesake",
      name: "Namesake",
      password: "a quiet river 42",
      roleKeys: ["requester"],
      type: "EMPLOYEE",
    };
    await other.acme.admin.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", { input });
    expect(await send({ from: acme.rita.login, to: other.to, subject: "It hums", text: "Loudly." })).toMatch(/^250/);
    expect(await acme.received()).toEqual([]);
    const [request] = await other.received();
    expect(request?.createdBy.id).not.toBe(acme.rita.id);
  });

  test("an email whose text does not fit, and one that no longer answers what the form requires", async () => {
    const { acme, rita, to, received } = await aStory();
    expect(await send({ from: rita.login, to, subject: "It hums", text: "long ".repeat(401) })).toMatch(
      /^550 5\.7\.1 No request was created\. details: /,
    );
    const changed = definition
      .replace("required: [title, kind]", "required: [title, kind, floor]")
      .replace("    kind:", "    floor: { type: integer }\n    kind:");
    await acme.definition(changed);
    expect(await send({ from: rita.login, to, subject: "It hums", text: "Loudly." })).toMatch(
      /^550 5\.7\.1 No request was created\. .*floor/,
    );
    expect(await received()).toEqual([]);
  });

  test("automatic emails and reports about deliveries, which get no answer that could bounce", { tags: "slow" }, async () => {
    const { rita, to, received } = await aStory();
    const mail = { from: rita.login, to, subject: "Away", text: "I am away." };
    for (const headers of [{ "Auto-Submitted": "auto-generated" }, { Precedence: "list" }, { "List-Id": "<a.example>" }])
      expect(await send({ ...mail, headers })).toMatch(/^250/);
    expect(await send({ ...mail, returnPath: "" })).toMatch(/^250/);
    expect(await received()).toEqual([]);
  });

  test("several senders, and addresses that were not issued, are inactive, or are deleted", { tags: "slow" }, async () => {
    const { acme, rita, id, to, received } = await aStory();
    const mail = { from: rita.login, to, subject: "It hums", text: "Loudly." };
    expect(await send({ ...mail, sender: `${rita.login}, ${acme.admin.login}` })).toMatch(/^550 5\.7\.1 .*one sender/);
    expect(await send({ ...mail, to: to.replace(/.@/, (end) => (end === "a@" ? "b@" : "a@")) })).toMatch(/^550 5\.1\.1/);
    await acme.admin.run(update, { input: { id, isActive: false } });
    expect(await send(mail)).toMatch(/^550 5\.1\.1/);
    await acme.admin.run(update, { input: { id, isActive: true } });
    expect(await send(mail)).toMatch(/^250/);
    await acme.admin.run(remove, { id });
    expect(await send(mail)).toMatch(/^550 5\.1\.1/);
    expect(await received()).toHaveLength(1);
  });

  test("more than 600 emails to an address in an hour, and a suspended tenant: the mail server tries again later", async () => {
    const { acme, rita, id, to, received } = await aStory();
    const mail = { from: rita.login, to, subject: "It hums", text: "Loudly." };
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner`update requests.inbound_mail_addresses set hour_started_at = now(), hour_count = 599 where id = ${decodeId("inboundMailAddress", id, "id")}`;
    expect(await send(mail)).toMatch(/^250/);
    expect(await send(mail)).toMatch(/^450 4\.7\.1/);
    await owner`update requests.inbound_mail_addresses set hour_started_at = null, hour_count = 0`;
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
    expect(await send(mail)).toMatch(/^450 4\.2\.1/);
    await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${acme.id}`;
    await owner.end();
    expect(await received()).toHaveLength(1);
  });
});
