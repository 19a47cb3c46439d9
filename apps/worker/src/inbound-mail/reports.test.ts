import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// Weft sends to a mail server that accepts everything, and the test sends reports to Weft as mail servers and providers do.

interface Taken {
  readonly to: string;
  readonly returnPath: string;
  readonly raw: string;
}

const taken: Taken[] = [];
/** Delays the answer of the mail server to the content of an email. */
let beforeAccepting: ((mail: Taken) => Promise<void>) | undefined;
let smtp: SMTPServer;
let weft: TestWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, { envelope: { mailFrom, rcptTo } }, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        const mail = { to: rcptTo[0]?.address ?? "", returnPath: mailFrom === false ? "" : mailFrom.address, raw };
        taken.push(mail);
        const accept = async (): Promise<void> => {
          await beforeAccepting?.(mail);
          callback(null);
        };
        void accept();
      });
    },
  });
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  const { port } = smtp.server.address() as AddressInfo;
  weft = await startTestWeft({
    settings: {
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      WEFT_INBOUND_MAIL_DOMAIN: "mail.example",
      WEFT_INBOUND_MAIL_PORT: 0,
      WEFT_MAIL_BOUNCES: "on",
    },
  });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

interface Report {
  readonly to: string;
  readonly type?: "delivery-status" | "feedback-report";
  readonly fields?: readonly string[];
  /** Headers of the email that the report is about. */
  readonly about?: string;
}

const noSuchUser = [
  "Reporting-MTA: dns; mx.example",
  "",
  "Action: failed",
  "Status: 5.1.1",
  "Diagnostic-Code: smtp; 550 5.1.1 No such user",
];

/** Sends a report to Weft. Returns the answer. */
async function report({ to, type = "delivery-status", fields = noSuchUser, about = "Subject: You are asked" }: Report): Promise<string> {
  const parts = [
    ["text/plain", "A report."],
    [`message/${type}`, fields.join("\r\n")],
    ["text/rfc822-headers", about],
  ];
  const body = parts.map(([kind, content]) => `--b\r\nContent-Type: ${kind}\r\n\r\n${content}\r\n`).join("");
  const raw = `From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=${type}; boundary="b"\r\n\r\n${body}--b--\r\n`;
  const transport = createTransport({ host: "127.0.0.1", port: weft.weft.worker.inboundMailPort ?? 0, ignoreTLS: true });
  try {
    return (await transport.sendMail({ envelope: { from: "", to }, raw })).response;
  } catch (error) {
    return (error as { response?: string }).response ?? String(error);
  } finally {
    transport.close();
  }
}

interface Story {
  readonly acme: TestTenant;
  readonly olga: TestUser;
  readonly ask: (title: string) => Promise<unknown>;
  /** The newest email to Olga. */
  readonly mail: () => Promise<Taken>;
  /** Status and last error of Olga's deliveries, oldest first. */
  readonly deliveries: () => Promise<string[]>;
}

async function aStory(): Promise<Story> {
  const acme = await weft.tenant();
  await acme.definition(askedDefinition);
  const olga = await acme.user("operations");
  const input = { preferences: [{ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: true }] };
  const update =
    "mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { notificationPreferences { timeZone } } }";
  await olga.run(update, { input });
  const mails = async (): Promise<Taken[]> => {
    await weft.weft.worker.idle();
    return taken.filter(({ to }) => to === olga.login);
  };
  return {
    acme,
    olga,
    ask: (title) => askUsers(acme.admin, { title, whom: [olga.id] }),
    mail: async () => {
      const mail = (await mails()).at(-1);
      if (mail === undefined) throw new Error("Olga got no email.");
      return mail;
    },
    deliveries: async () => {
      await weft.weft.worker.idle();
      const { notificationDeliveries } = await acme.admin.run<{
        notificationDeliveries: { edges: { node: { status: string; lastError: string | null; reason: string | null } }[] };
      }>("{ notificationDeliveries(orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { status lastError reason } } } }");
      return notificationDeliveries.edges.map(({ node }) => [node.status, node.lastError ?? node.reason].filter(Boolean).join(": "));
    },
  };
}

const lift = "mutation ($id: ID!) { liftMailSuppression(input: { id: $id }) { liftedCount } }";

test(
  "an email that comes back marks its delivery, and its address gets nothing more until an administrator allows it",
  { tags: "slow" },
  async () => {
    const { acme, olga, ask, mail, deliveries } = await aStory();
    await ask("First");
    const { returnPath } = await mail();
    expect(returnPath).toMatch(/^b\+[a-z2-7]{61}@mail\.example$/);
    expect(await deliveries()).toEqual(["SENT"]);
    expect(await report({ to: returnPath.toUpperCase() })).toMatch(/^250/);
    const bounced = "BOUNCED: 5.1.1 smtp; 550 5.1.1 No such user";
    expect(await deliveries()).toEqual([bounced]);
    await ask("Second");
    expect(await deliveries()).toEqual([
      bounced,
      "SUPPRESSED: The address of the user does not exist, or its owner has complained about an email.",
    ]);
    expect(await acme.admin.run(lift, { id: olga.id })).toEqual({ liftMailSuppression: { liftedCount: 1 } });
    await ask("Third");
    expect((await deliveries()).at(-1)).toBe("SENT");
  },
);

test("an address that forwards is not suppressed if one of those behind it does not exist", { tags: "slow" }, async () => {
  const { ask, mail, deliveries } = await aStory();
  await ask("First");
  await report({
    to: (await mail()).returnPath,
    fields: [
      "Original-Recipient: rfc822; ops@acme.example",
      "Final-Recipient: rfc822; gone@acme.example",
      "Action: failed",
      "Status: 5.1.1",
    ],
  });
  expect(await deliveries()).toEqual(["BOUNCED: 5.1.1"]);
  await ask("Second");
  expect((await deliveries()).at(-1)).toBe("SENT");
});

test("a report that is faster than the record that the email was sent is repeated", { tags: "slow" }, async () => {
  const { ask, deliveries } = await aStory();
  const accepted = Promise.withResolvers<undefined>();
  const arrived = new Promise<Taken>((resolve) => {
    beforeAccepting = async (mail) => {
      resolve(mail);
      await accepted.promise;
    };
  });
  const asked = ask("First");
  const { returnPath } = await arrived;
  expect(await report({ to: returnPath })).toMatch(/^451/);
  beforeAccepting = undefined;
  accepted.resolve(undefined);
  await asked;
  expect(await deliveries()).toEqual(["SENT"]);
  expect(await report({ to: returnPath })).toMatch(/^250/);
  expect(await deliveries()).toEqual(["BOUNCED: 5.1.1 smtp; 550 5.1.1 No such user"]);
});

test("a full mailbox marks the delivery, which can be resent, and the address gets further emails", { tags: "slow" }, async () => {
  const { acme, ask, mail, deliveries } = await aStory();
  await ask("First");
  await report({ to: (await mail()).returnPath, fields: ["Action: failed", "Status: 5.2.2", "Diagnostic-Code: smtp; 552 Mailbox full"] });
  expect(await deliveries()).toEqual(["BOUNCED: 5.2.2 smtp; 552 Mailbox full"]);
  await ask("Second");
  expect((await deliveries()).at(-1)).toBe("SENT");
  const { notificationDeliveries } = await acme.admin.run<{ notificationDeliveries: { edges: { node: { id: string } }[] } }>(
    "{ notificationDeliveries(filter: { status: { eq: BOUNCED } }) { edges { node { id } } } }",
  );
  const id = notificationDeliveries.edges[0]?.node.id;
  await acme.admin.run("mutation ($id: ID!) { resendNotificationDelivery(input: { id: $id }) { delivery { status } } }", { id });
  expect(await deliveries()).toEqual(["SENT", "SENT"]);
});

test(
  "a complaint that a provider forwards stops the emails to its user, whose address it names in the headers of the email",
  { tags: "slow" },
  async () => {
    const { ask, mail, deliveries } = await aStory();
    await ask("First");
    const complain = async (type: string) =>
      report({
        to: "complaints@mail.example",
        type: "feedback-report",
        fields: [`Feedback-Type: ${type}`, "User-Agent: Provider/1"],
        about: `Return-Path: <${(await mail()).returnPath}>`,
      });
    expect(await complain("not-spam")).toMatch(/^250/);
    expect(await deliveries()).toEqual(["SENT"]);
    expect(await complain("abuse")).toMatch(/^250/);
    expect(await deliveries()).toEqual(["COMPLAINED: Complaint of the recipient: abuse"]);
    await ask("Second");
    expect((await deliveries()).at(-1)).toBe(
      "SUPPRESSED: The address of the user does not exist, or its owner has complained about an email.",
    );
  },
);

test("a delay, an automatic reply, and a second report change nothing", { tags: "slow" }, async () => {
  const { acme, ask, mail, deliveries } = await aStory();
  await ask("First");
  const { returnPath: to } = await mail();
  expect(await report({ to, fields: ["Action: delayed", "Status: 4.4.1"] })).toMatch(/^250/);
  expect(await report({ to, fields: ["Hello"] })).toMatch(/^250/);
  expect(await deliveries()).toEqual(["SENT"]);
  await report({ to, fields: ["Action: failed", "Status: 5.2.2"] });
  expect(await report({ to })).toMatch(/^250/);
  expect(await deliveries()).toEqual(["BOUNCED: 5.2.2"]);
  const { deliveryQueues } = await acme.admin.run<{ deliveryQueues: { channel: string }[] }>(
    "{ deliveryQueues { channel succeededInLastHour failedInLastHour } }",
  );
  expect(deliveryQueues).toContainEqual({ channel: "NOTIFICATION", succeededInLastHour: 0, failedInLastHour: 1 });
});

test("an invitation that comes back has failed, and the inviting user sees it", async () => {
  const acme = await weft.tenant();
  const email = "nobody@elsewhere.example";
  const { inviteUser } = await acme.admin.run<{ inviteUser: { user: { id: string } } }>(
    "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }",
    { input: { email, name: "Ben" } },
  );
  await weft.weft.worker.idle();
  const state = () => acme.admin.run("query ($id: ID!) { user(id: $id) { invitation { mailStatus } } }", { id: inviteUser.user.id });
  expect(await state()).toEqual({ user: { invitation: { mailStatus: "SENT" } } });
  await report({ to: taken.findLast(({ to }) => to === email)?.returnPath ?? "" });
  expect(await state()).toEqual({ user: { invitation: { mailStatus: "FAILED" } } });
});

test("invitations that come back count for the limit of their address, over all tenants", async () => {
  const email = "flooded@elsewhere.example";
  const invite = async ({ admin }: TestTenant) => {
    const { inviteUser } = await admin.run<{ inviteUser: { user: { id: string } } }>(
      "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }",
      { input: { email, name: "Ben" } },
    );
    await weft.weft.worker.idle();
    return inviteUser.user.id;
  };
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  await invite(acme);
  await report({ to: taken.findLast(({ to }) => to === email)?.returnPath ?? "" });
  // As if nine further tenants had invited the same person.
  await owner`insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, finished_at, came_back_at)
    select tenant_id, gen_random_uuid(), person_id, template, destination_hash, status, finished_at, came_back_at
      from app.mails cross join generate_series(1, 9) where tenant_id = ${acme.id} and status = 'FAILED'`;
  const id = await invite(globex);
  expect(await globex.admin.run("query ($id: ID!) { user(id: $id) { invitation { mailStatus } } }", { id })).toEqual({
    user: { invitation: { mailStatus: "PENDING" } },
  });
});

test("an address of nobody is refused, and one takes at most ten emails in an hour", { tags: "slow" }, async () => {
  const { ask, mail } = await aStory();
  await ask("First");
  const { returnPath } = await mail();
  const forged = returnPath.replace(/.@/, (end) => (end === "a@" ? "e@" : "a@"));
  expect(await report({ to: forged })).toMatch(/^550 5\.1\.1/);
  expect(await report({ to: returnPath.replace("@mail.example", "@other.example") })).toMatch(/^550 5\.1\.1/);
  const answers: string[] = [];
  for (let count = 0; count < 11; count++) answers.push(await report({ to: returnPath, fields: ["Action: delayed"] }));
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual([...Array.from({ length: 10 }, () => "250"), "450"]);
});
