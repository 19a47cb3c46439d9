import { decodeId } from "@weft/shared/ids";
import { setClock, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultMailLimits, type MailLimits } from "./mail-limits.js";
import { startMailListener } from "./mail-listener.js";
import { type SentMail, sendMail } from "./send-mail.fixture.js";
import { SmtpClient } from "./smtp-client.fixture.js";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_INBOUND_MAIL_DOMAIN: "Reply.Example", WEFT_INBOUND_MAIL_PORT: 0 } });
});
afterAll(() => weft.stop());

const portOfWeft = (): number => weft.weft.worker.inboundMailPort ?? 0;

/** Sends an email to Weft as a mail server does. Returns the code and text of the answer. */
const send = (mail: Partial<SentMail>): Promise<string> => sendMail({ port: portOfWeft(), ...mail });

const comment = `mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }`;
const assignRequest = `mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`;
const list = `query ($id: ID!) { request(id: $id) { comments { edges { node { text audience isFromEmail author { id } } } } } }`;
const wantMails = `mutation { updateNotificationPreferences(input: { preferences: [{ channel: EMAIL, isEnabled: true }] }) { notificationPreferences { timeZone } } }`;
const hourly = wantMails.replace("isEnabled: true", "isEnabled: true, digest: HOURLY");

interface Story {
  readonly acme: TestTenant;
  readonly rita: TestUser;
  readonly olga: TestUser;
  readonly id: string;
  /** Creates another request of Rita. */
  readonly createRequest: () => Promise<string>;
  readonly say: (who: TestUser, text: string, audience?: string) => Promise<unknown>;
  /** Assigns the request to a vendor. */
  readonly assign: (vendorId: string) => Promise<unknown>;
  /** Texts of the comments that the user can read, oldest first. */
  readonly texts: (who?: TestUser) => Promise<string[]>;
  /** The address of the user's last email to which they can reply. */
  readonly replyTo: (who: TestUser) => Promise<string>;
}

/** A request of Rita, who gets emails about it. */
async function aStory(): Promise<Story> {
  const acme = await weft.tenant();
  const { buildingId, assetId } = await acme.maintenance();
  const [rita, olga] = [await acme.user("requester"), await acme.user("operations")];
  await rita.run(wantMails);
  const createRequest = async (): Promise<string> => {
    const made = await rita.run<{ createRequest: { request: { id: string } } }>(
      `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }`,
      { input: { typeKey: "maintenance", data: { summary: "Noise", estimate: 100 }, buildingId, assetId } },
    );
    return made.createRequest.request.id;
  };
  const id = await createRequest();
  await rita.run(`mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }`, { id });
  const read = async (who: TestUser) => {
    const { request } = await who.run<{ request: { comments: { edges: { node: { text: string } }[] } } }>(list, { id });
    return request.comments.edges.map(({ node }) => node).toReversed();
  };
  return {
    acme,
    rita,
    olga,
    id,
    createRequest,
    say: (who, text, audience = "PUBLIC") => who.run(comment, { input: { id, audience, text } }),
    assign: (vendorId) => olga.run(assignRequest, { input: { id, assignee: { vendorId } } }),
    texts: async (who = rita) => (await read(who)).map(({ text }) => text),
    replyTo: async ({ login }) => {
      await weft.weft.worker.idle();
      return (await acme.mails(login)).at(-1)?.replyTo ?? "";
    },
  };
}

describe("a reply", () => {
  test("becomes a comment of the user who got the email, without the quoted text", { tags: "slow" }, async () => {
    const { acme, rita, olga, id, say, replyTo } = await aStory();
    await say(olga, "Which floor?");
    const to = await replyTo(rita);
    expect(to).toMatch(/^reply\+[a-z2-7]{55}@reply\.example$/);
    const [mail] = await acme.mails(rita.login);
    // As text and as HTML.
    expect(mail?.text.match(/##- Reply above this line to comment\. Everyone who can see the request reads it\. -##/g)).toHaveLength(2);
    const text =
      "The third.\n\nOn Mon, 2 Mar 2026 at 10:00, Weft <weft@localhost> wrote:\n> ##- Reply above this line to comment. -##\n> secret";
    expect(await send({ from: `Rita <${rita.login.toUpperCase()}>`, to: to.toUpperCase(), text })).toMatch(/^250/);
    expect(await olga.run(list, { id })).toEqual({
      request: {
        comments: {
          edges: [
            { node: { text: "The third.", audience: "PUBLIC", isFromEmail: true, author: { id: rita.id } } },
            { node: { text: "Which floor?", audience: "PUBLIC", isFromEmail: false, author: { id: olga.id } } },
          ],
        },
      },
    });
    await weft.weft.worker.idle();
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string; actor: { id: string } } }[] } }>(
      `{ auditEntries(filter: { action: { eq: "request.comment" } }) { edges { node { action actor { id } } } } }`,
    );
    expect(auditEntries.edges.map(({ node }) => node.actor.id).toSorted()).toEqual([olga.id, rita.id].toSorted());
  });

  test("in HTML becomes plain text, and its attachments are ignored", { tags: "slow" }, async () => {
    const { rita, olga, say, texts, replyTo } = await aStory();
    await say(olga, "Which floor?");
    const quote = `<div class="gmail_quote"><div>On Mon, 2 Mar 2026, Weft &lt;weft@localhost&gt; wrote:<br></div><blockquote><p>##- Reply above. -##</p><p>secret</p></blockquote></div>`;
    const html = `<style>p { color: red }</style><div>The <b>third</b> &amp; fourth.</div><div><br></div><script>alert(1)</script>${quote}`;
    const attachments = [{ filename: "a.bin", content: Buffer.alloc(100_000, 1) }];
    expect(await send({ from: rita.login, to: await replyTo(rita), html, attachments })).toMatch(/^250/);
    expect(await texts()).toEqual(["Which floor?", "The third & fourth."]);
  });

  test(
    "is written once, however often and concurrently it is delivered; another email to the same address is another comment",
    { tags: "slow" },
    async () => {
      const { rita, olga, say, texts, replyTo } = await aStory();
      await say(olga, "Which floor?");
      const reply = { from: rita.login, to: await replyTo(rita), text: "The third.", messageId: "<one@rita.example>" };
      const answers = await Promise.all([send(reply), send(reply), send(reply)]);
      for (const answer of answers) expect(answer).toMatch(/^250/);
      expect(await send(reply)).toMatch(/^250/);
      expect(await send({ ...reply, messageId: "<two@rita.example>" })).toMatch(/^250/);
      expect(await texts()).toEqual(["Which floor?", "The third.", "The third."]);
    },
  );

  test("to an email about an internal comment is internal, and the email says so", { tags: "slow" }, async () => {
    const { acme, rita, olga, id, say, assign, texts, replyTo } = await aStory();
    const otto = await acme.user("operations");
    await otto.run(wantMails);
    await otto.run(`mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }`, { id });
    await say(olga, "Between us.", "INTERNAL");
    const to = await replyTo(otto);
    expect((await acme.mails(otto.login)).at(-1)?.text).toContain("Only users who work on the request read it. -##");
    expect(await send({ from: otto.login, to, text: "Agreed." })).toMatch(/^250/);
    expect(await texts(olga)).toEqual(["Between us.", "Agreed."]);
    // No vendor reads it, whichever has the request.
    await assign((await acme.vendor()).id);
    expect(await send({ from: otto.login, to, text: "Still." })).toMatch(/^250/);
    expect(await texts(olga)).toEqual(["Between us.", "Agreed.", "Still."]);
    expect(await texts(rita)).toEqual([]);
  });

  test("of a vendor's user is written as in the portal, and refused after another vendor has the request", { tags: "slow" }, async () => {
    const { acme, rita, say, assign, texts, replyTo } = await aStory();
    const { id: vendorId, user: tech } = await acme.vendor();
    await tech.run(wantMails);
    await assign(vendorId);
    await say(rita, "When will you come?");
    const to = await replyTo(tech);
    expect(await send({ from: tech.login, to, text: "Tomorrow." })).toMatch(/^250/);
    expect(await texts(rita)).toEqual(["When will you come?", "Tomorrow."]);
    expect(await texts(tech)).toEqual(["When will you come?", "Tomorrow."]);
    await assign((await acme.vendor("Other")).id);
    // The same answer as for requests that the user never saw.
    expect(await send({ from: tech.login, to, text: "Or later." })).toMatch(/^550 5\.7\.1 .*You cannot comment on this request\.$/);
    expect(await texts(rita)).toHaveLength(2);
  });

  test(
    "to a public email is refused after another vendor has the request, which would read it; those to newer emails are accepted",
    { tags: "slow" },
    async () => {
      const { acme, rita, olga, say, assign, texts, replyTo } = await aStory();
      const { id: former, user: formerTech } = await acme.vendor();
      const { id: present, user: presentTech } = await acme.vendor("Other");
      await say(olga, "Which floor?");
      const addresses = [await replyTo(rita)];
      await assign(former);
      // Nobody had the request when the email was sent: the first vendor reads the answer, as it reads the question.
      expect(await send({ from: rita.login, to: addresses[0] ?? "", text: "The second." })).toMatch(/^250/);
      expect(await texts(formerTech)).toContain("The second.");
      await say(olga, "The technician comes tomorrow. Where is the key?");
      addresses.push(await replyTo(rita));
      await assign(present);
      expect(await send({ from: rita.login, to: addresses[1] ?? "", text: "Under the mat." })).toMatch(
        /^550 5\.7\.1 .*The assigned vendor has changed since/,
      );
      expect(await texts(presentTech)).not.toContain("Under the mat.");
      expect(await texts(rita)).not.toContain("Under the mat.");
      await say(olga, "Are you there?");
      addresses.push(await replyTo(rita));
      expect(new Set(addresses).size).toBe(3);
      expect(await send({ from: rita.login, to: addresses[2] ?? "", text: "Yes." })).toMatch(/^250/);
      expect(await texts(presentTech)).toContain("Yes.");
      // The former vendor is back: the email that was sent in its time is answered as it was meant.
      await assign(former);
      expect(await send({ from: rita.login, to: addresses[1] ?? "", text: "Under the mat." })).toMatch(/^250/);
      expect(await texts(formerTech)).toContain("Under the mat.");
      await assign(present);
      expect(await texts(presentTech)).not.toContain("Under the mat.");
    },
  );
});

describe("nothing is written for", () => {
  test(
    "another sender, several senders, a text that is empty or too long, an email above 10 MB, and an address that was not issued",
    { tags: "slow" },
    async () => {
      const { rita, olga, say, texts, replyTo } = await aStory();
      await say(olga, "Which floor?");
      const [to, from] = [await replyTo(rita), rita.login];
      const text = "The third.";
      expect(await send({ from: olga.login, to, text })).toMatch(/^550 5\.7\.1 .*Reply from the email address to which/);
      expect(await send({ from, to, text, sender: `${from}, ${olga.login}` })).toMatch(/^550 5\.7\.1 .*one sender/);
      expect(await send({ from, to, text: "> quoted" })).toMatch(/^550 5\.7\.1 .*no text above/);
      expect(await send({ from, to, text: "long ".repeat(2_001) })).toMatch(/^550 5\.7\.1 .*The text has 10004 characters/);
      expect(await send({ from, to: to.replace(/.@/, (end) => (end === "a@" ? "b@" : "a@")), text })).toMatch(/^550 5\.1\.1/);
      const attachments = [{ filename: "large.bin", content: Buffer.alloc(8 * 1024 * 1024, 1) }];
      expect(await send({ from, to, text, attachments })).toMatch(/^552 5\.3\.4/);
      expect(await send({ from, to: to.replace("reply.example", "other.example"), text })).toMatch(/^550 5\.1\.1/);
      expect(await texts()).toEqual(["Which floor?"]);
    },
  );

  test("automatic replies and reports about deliveries, which get no answer that could bounce", { tags: "slow" }, async () => {
    const { rita, olga, say, texts, replyTo } = await aStory();
    await say(olga, "Which floor?");
    const mail = { from: rita.login, to: await replyTo(rita), text: "I am away." };
    for (const headers of [
      { "Auto-Submitted": "auto-replied" },
      { Precedence: "bulk" },
      { "X-Autoreply": "yes" },
      { "List-Id": "<a.example>" },
    ])
      expect(await send({ ...mail, headers })).toMatch(/^250/);
    expect(await send({ ...mail, returnPath: "" })).toMatch(/^250/);
    expect(await texts()).toEqual(["Which floor?"]);
    expect(await send({ ...mail, headers: { "Auto-Submitted": "no" } })).toMatch(/^250/);
    expect(await texts()).toEqual(["Which floor?", "I am away."]);
  });

  test("a user who is no longer active", { tags: "slow" }, async () => {
    const { acme, rita, olga, say, texts, replyTo } = await aStory();
    await say(olga, "Which floor?");
    const to = await replyTo(rita);
    await acme.admin.run(`mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }`, { id: rita.id });
    expect(await send({ from: rita.login, to, text: "The third." })).toMatch(/^550 5\.7\.1 .*You cannot comment/);
    expect(await texts(olga)).toEqual(["Which floor?"]);
  });

  test(
    "more than 60 emails to an address in an hour: the mail server tries again later, and its emails are not parsed",
    { tags: "slow" },
    async () => {
      const { rita, olga, say, texts, replyTo } = await aStory();
      await say(olga, "Which floor?");
      const mail = { from: rita.login, to: await replyTo(rita) };
      const early = await SmtpClient.open(portOfWeft());
      expect(await early.begin(mail)).toMatch(/^250/);
      const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
      await owner`update requests.reply_addresses set hour_started_at = now(), hour_count = 59 where user_id = ${decodeId("user", rita.id, "id")}`;
      await owner.end();
      expect(await send({ ...mail, text: "The third." })).toMatch(/^250/);
      const late = await SmtpClient.open(portOfWeft());
      expect(await late.begin(mail)).toMatch(/^450 4\.7\.1/);
      // It was accepted before. What it sends is not valid, but that is not found out.
      expect(await early.ask("DATA")).toMatch(/^354/);
      expect(await early.ask(`${"x".repeat(300_000)}: y\r\n\r\n.`)).toMatch(/^450 4\.7\.1/);
      expect(await texts()).toEqual(["Which floor?", "The third."]);
      for (const client of [early, late]) client.close();
    },
  );
});

/** Runs another listener, with limits of its own. */
async function withListener(limits: Partial<MailLimits>, run: (port: number) => Promise<void>): Promise<void> {
  const listener = await startMailListener(weft.weft.services, { ...defaultMailLimits, ...limits });
  try {
    await run(listener?.port ?? 0);
  } finally {
    await listener?.stop();
  }
}

describe("the listener", () => {
  // All of 127.0.0.0/8 is this machine, on Linux.
  test.runIf(process.platform === "linux")(
    "receives the emails of others while one address holds many connections open",
    { tags: "slow" },
    async () => {
      const { rita, olga, say, texts, replyTo } = await aStory();
      await say(olga, "Which floor?");
      const mail = { from: rita.login, to: await replyTo(rita) };
      await withListener({ maxConnections: 4, maxConnectionsPerPeer: 3 }, async (port) => {
        const clients = await Promise.all(Array.from({ length: 20 }, () => SmtpClient.open(port, "127.0.0.2")));
        const greetings = await Promise.all(clients.map((client) => client.answer()));
        const open = clients.filter((_client, at) => greetings[at]?.startsWith("220"));
        expect(open).toHaveLength(3);
        expect(greetings.filter((line) => line.startsWith("421 4.7.0"))).toHaveLength(17);
        // One says nothing, one stops within a command, and one within its email.
        open[1]?.write("EHLO cli");
        await open[2]?.ask("EHLO client.example");
        await open[2]?.ask(`MAIL FROM:<${mail.from}>`);
        await open[2]?.ask(`RCPT TO:<${mail.to}>`);
        expect(await open[2]?.ask("DATA")).toMatch(/^354/);
        open[2]?.write("Subject: slow\r\n\r\nThe fo");
        expect(await send({ ...mail, port, text: "The third." })).toMatch(/^250/);
        for (const client of clients) client.close();
      });
      expect(await texts()).toEqual(["Which floor?", "The third."]);
    },
  );

  test("ends connections after some time, even if they send all the time, and then accepts others", async () => {
    await withListener({ maxConnections: 2, connectionMs: 300 }, async (port) => {
      const clients = [await SmtpClient.open(port), await SmtpClient.open(port)];
      const sending = setInterval(() => clients.forEach((client) => client.write("N")), 10);
      for (const client of clients) {
        expect(await client.answer()).toMatch(/^220/);
        // Or nothing, if the connection is reset before it was read.
        expect(await client.answer()).toMatch(/^(?:421 4\.4\.2|$)/);
      }
      clearInterval(sending);
      const next = async (): Promise<boolean> => {
        const client = await SmtpClient.open(port);
        const greeting = await client.answer();
        client.close();
        return greeting.startsWith("220");
      };
      await until(next, { what: "another client is greeted" });
    });
  });

  test(
    "refuses emails for now if those that it receives take too much memory, and for good if one takes too long to parse",
    { tags: "slow" },
    async () => {
      const { rita, olga, say, texts, replyTo } = await aStory();
      await say(olga, "Which floor?");
      const mail = { from: rita.login, to: await replyTo(rita), text: "The third." };
      const attachments = [{ filename: "a.bin", content: Buffer.alloc(100_000, 1) }];
      await withListener({ maxHeldBytes: 100_000 }, async (port) => {
        expect(await send({ ...mail, port, attachments })).toMatch(/^451 4\.3\.1/);
        expect(await send({ ...mail, port })).toMatch(/^250/);
      });
      await withListener({ parseMs: 1 }, async (port) => expect(await send({ ...mail, port })).toMatch(/^550 5\.6\.0 .*too complex/));
      expect(await texts()).toEqual(["Which floor?", "The third."]);
    },
  );
});

test("one email has one recipient, so that each has an answer of its own", { tags: "slow" }, async () => {
  const { rita, olga, say, replyTo } = await aStory();
  await say(olga, "Which floor?");
  const other = await aStory();
  await other.say(other.olga, "And here?");
  const addresses = [await replyTo(rita), await other.replyTo(other.rita)];
  await send({ from: rita.login, to: addresses, text: "The third." });
  expect(await other.texts()).toEqual(["And here?"]);
});

test("an email about a comment that was written for a former vendor has no address for replies", { tags: "slow" }, async () => {
  const { acme, rita, olga, say, assign, replyTo } = await aStory();
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await setClock(owner, acme, "2027-03-01T10:05:00Z");
  await rita.run(hourly);
  await assign((await acme.vendor()).id);
  await say(olga, "Where is the key?");
  await assign((await acme.vendor("Other")).id);
  await weft.weft.worker.idle();
  await setClock(owner, acme, "2027-03-01T11:05:00Z");
  await owner.end();
  expect(await replyTo(rita)).toBe("");
  expect((await acme.mails(rita.login)).at(-1)?.text).toMatch(/New comment on [A-Z]+-\d+[^]*\/open\/req_\w+/);
});

test("an email about several requests, and one to a user who cannot comment, have no address for replies", { tags: "slow" }, async () => {
  const { acme, rita, olga, id, say, replyTo, createRequest } = await aStory();
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await setClock(owner, acme, "2027-03-01T10:05:00Z");
  await rita.run(hourly);
  await say(olga, "Which floor?");
  await say(olga, "And which room?");
  await weft.weft.worker.idle();
  await setClock(owner, acme, "2027-03-01T11:05:00Z");
  const count = async () => {
    await weft.weft.worker.idle();
    return (await acme.mails(rita.login)).length;
  };
  const before = await count();
  // Both comments are on one request.
  expect(await replyTo(rita)).toContain("@reply.example");
  const second = await createRequest();
  await say(olga, "Which floor?");
  await olga.run(comment, { input: { id: second, audience: "PUBLIC", text: "Which floor?" } });
  await weft.weft.worker.idle();
  await setClock(owner, acme, "2027-03-01T12:05:00Z");
  expect(await count()).toBe(before + 1);
  expect(await replyTo(rita)).toBe("");
  await rita.run(wantMails.replace("isEnabled: true", "isEnabled: true, digest: NONE"));
  await acme.admin.run(`mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }`, {
    input: { userId: rita.id, grants: [], denials: [{ permission: "request.comment", scope: "TENANT" }], reason: "A test" },
  });
  await say(olga, "Hello?");
  expect(await count()).toBe(before + 2);
  expect(await replyTo(rita)).toBe("");
  expect(id).not.toBe(second);
  await owner.end();
});
