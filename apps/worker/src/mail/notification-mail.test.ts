import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { encodeId } from "@weft/shared/ids";
import { announceConfiguration } from "@weft/platform/configuration";
import { newServiceAccount, setClock, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { sized } from "@weft/testkit/sizes";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { postgres } from "@weft/pg-driver";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";

// Only the SMTP server is a fake.

interface Taken {
  readonly to: string;
  readonly raw: string;
}

const taken: Taken[] = [];
/** The server's answers to recipients. */
const answers = new Map<string, { readonly code: number; readonly text: string }[]>();
/** Addresses for which the server closes the connection once it has the content. */
const cutOff = new Set<string>();
/** Decides by address when the server accepts the content. Otherwise it does so at once. */
const held = new Map<string, (accept: () => void) => void>();
let smtp: SMTPServer;
let weft: TestWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: ({ address }, _session, callback) => {
      const answer = answers.get(address)?.shift();
      callback(answer === undefined ? null : Object.assign(new Error(answer.text), { responseCode: answer.code }));
    },
    onData: (stream, { envelope: { rcptTo } }, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        const to = rcptTo[0]?.address ?? "";
        taken.push({ to, raw });
        if (cutOff.has(to)) for (const connection of smtp.connections) (connection as { close(): void }).close();
        else (held.get(to) ?? ((accept) => accept()))(() => callback(null));
      });
    },
  });
  smtp.on("error", () => undefined);
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  const { port } = smtp.server.address() as AddressInfo;
  weft = await startTestWeft({
    settings: {
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: "Weft <no-reply@weft.example>",
      WEFT_PUBLIC_URL: "https://app.example",
    },
  });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await owner.end();
  await weft.stop();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

const preferencesQuery =
  "{ notificationPreferences { timeZone snoozedUntil quietHours { from to } preferences { kind channel isEnabled source isMandatory digest digestSource } } }";
const update =
  "mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { notificationPreferences { timeZone } } }";
const mailFor = (...kinds: string[]) => ({ preferences: kinds.map((kind) => ({ kind, channel: "EMAIL", isEnabled: true })) });

interface Story {
  readonly acme: TestTenant;
  readonly olga: TestUser;
  readonly ask: (title: string) => Promise<unknown>;
}

/** A tenant in which Olga is asked, and wants emails about it. */
async function aStory(input: object = mailFor("TASK_OPENED"), role = "operations"): Promise<Story> {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const olga = await acme.user(role);
  if (Object.keys(input).length > 0) await olga.run(update, { input });
  const ask = (title: string) => askUsers(acme.admin, { title, whom: [olga.id] });
  return { acme, olga, ask };
}

const addressOf = async ({ id }: TestUser): Promise<string> => {
  const [row] = await owner<{ email: string }[]>`select email from identity.users where id = ${uuidOf(id)}`;
  return row?.email ?? "";
};
const uuidOf = (id: string): string => {
  const known = ids.get(id);
  if (known) return known;
  throw new Error(`unknown ${id}`);
};
const ids = new Map<string, string>();
async function learn(acme: TestTenant): Promise<void> {
  for (const { id } of await owner<{ id: string }[]>`select id from identity.users where tenant_id = ${acme.id}`)
    ids.set(encodeId("user", id), id);
}

async function mailsTo(user: TestUser, acme: TestTenant): Promise<string[]> {
  await weft.weft.worker.idle();
  await learn(acme);
  const address = await addressOf(user);
  return taken.filter(({ to }) => to === address).map(({ raw }) => raw);
}

const subjects = (mails: readonly string[]): string[] => mails.map((raw) => /^Subject: (.*)\r$/m.exec(raw)?.[1] ?? "");

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly messageId: string | null;
}

async function deliveriesOf({ admin }: TestTenant, filter: object = {}): Promise<Delivery[]> {
  await weft.weft.worker.idle();
  const { notificationDeliveries } = await admin.run<{ notificationDeliveries: { edges: { node: Delivery }[] } }>(
    "query ($filter: NotificationDeliveryFilter) { notificationDeliveries(filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { id status reason attempts lastError messageId user { id } } } } }",
    { filter },
  );
  return notificationDeliveries.edges.map(({ node }) => node);
}

/** Makes everything that is queued due. */
async function dueNow({ id }: TestTenant): Promise<void> {
  await weft.weft.worker.idle();
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${id} and due_at is not null`;
}

const resend = "mutation ($id: ID!) { resendNotificationDelivery(input: { id: $id }) { delivery { id status attempts } } }";

test("nobody gets emails unless they, or the organization, choose so", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory({});
  await ask("One");
  expect(await mailsTo(olga, acme)).toEqual([]);
  await olga.run(update, { input: { preferences: [{ channel: "EMAIL", isEnabled: true }] } });
  await ask("Two");
  expect(subjects(await mailsTo(olga, acme))).toEqual(["Two"]);
});

test("an email has a text and the same as HTML, in which nothing that a person typed is markup, and links to unsubscribe", async () => {
  const { acme, olga, ask } = await aStory();
  await ask('<img src=x onerror="alert(1)"> & co');
  const [mail = "", ...others] = await mailsTo(olga, acme);
  expect(others).toEqual([]);
  expect(mail).toMatch(/^Content-Type: multipart\/alternative/m);
  expect(mail).toContain("&lt;img");
  // Lines of quoted-printable end with "=".
  expect(mail.replaceAll("=\r\n", "")).toMatch(/Open it in Weft:\s+https:\/\/app\.example\/open\/tsk_\w+/);
  expect(mail.slice(mail.indexOf("text/html"))).not.toContain("<img");
  expect(mail).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT", attempts: 1, user: { id: olga.id } }]);
});

test("one click, without a login, stops the emails of the kind, and forged links are refused", async () => {
  const { acme, olga, ask } = await aStory(mailFor("TASK_OPENED"));
  await ask("One");
  const [mail = ""] = await mailsTo(olga, acme);
  const url = /^List-Unsubscribe:\s+<([^>]+)>/m.exec(mail)?.[1] ?? "";
  expect(url).toContain("https://app.example/notifications/unsubscribe?token=wnu_");
  const target = url.replace("https://app.example", weft.url);
  const click = (to: string) =>
    fetch(to, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "List-Unsubscribe=One-Click" });
  const forged = await click(`${target.slice(0, -4)}AAAA`);
  expect(forged.status).toBe(400);
  expect((await click(target)).status).toBe(200);
  expect((await click(target)).status).toBe(200);
  await ask("Two");
  expect(subjects(await mailsTo(olga, acme))).toEqual(["One"]);
  const { notificationPreferences } = await olga.run<{ notificationPreferences: { preferences: object[] } }>(preferencesQuery);
  expect(notificationPreferences.preferences).toContainEqual(
    expect.objectContaining({ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: false, source: "KIND" }),
  );
});

test("the organization chooses defaults and mandatory kinds, which cannot be turned off and have no link to unsubscribe", async () => {
  const { acme, olga, ask } = await aStory({});
  await acme.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: {
        message: "Mails",
        patch: { notifications: { mandatoryEmailKinds: ["TASK_OPENED"], emailKinds: ["ASSIGNED"] } },
      },
    },
  );
  const off = { preferences: [{ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: false }] };
  expect(JSON.stringify(await olga.refused(update, { input: off }))).toContain(
    "Your organization requires emails of the kind TASK_OPENED.",
  );
  await ask("One");
  const [mail = ""] = await mailsTo(olga, acme);
  expect(mail).not.toContain("List-Unsubscribe");
  const { notificationPreferences } = await olga.run<{ notificationPreferences: { preferences: { kind: string; channel: string }[] } }>(
    preferencesQuery,
  );
  const mails = notificationPreferences.preferences.filter(
    ({ channel, kind }) => channel === "EMAIL" && /TASK_OPENED|^ASSIGNED|ESCALATION/.test(kind),
  );
  expect(mails).toMatchObject([
    { kind: "ASSIGNED", isEnabled: true, source: "ORGANIZATION", isMandatory: false },
    { kind: "ESCALATION", isEnabled: false, source: "ORGANIZATION" },
    { kind: "TASK_OPENED", isEnabled: true, source: "MANDATORY", isMandatory: true },
  ]);
});

test("a service account, whose address does not exist, gets no emails", async () => {
  const { acme, olga } = await aStory({});
  await acme.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    { input: { message: "Mails", patch: { notifications: { mandatoryEmailKinds: ["TASK_OPENED"] } } } },
  );
  const robot = await newServiceAccount(acme.admin, "robot", ["operations"]);
  await askUsers(acme.admin, { title: "One", whom: [robot, olga.id] });
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT", user: { id: olga.id } }]);
});

test("a kind that a user does not want in the app is archived from the start", async () => {
  const { acme, olga, ask } = await aStory({ preferences: [{ kind: "TASK_OPENED", channel: "IN_APP", isEnabled: false }] });
  await ask("One");
  await mailsTo(olga, acme);
  const list =
    "query ($filter: NotificationFilter) { unreadNotificationCount notifications(filter: $filter) { edges { node { title isRead isArchived } } } }";
  expect(await olga.run(list, { filter: {} })).toEqual({ unreadNotificationCount: 0, notifications: { edges: [] } });
  expect(await olga.run(list, { filter: { isArchived: { eq: true } } })).toMatchObject({
    notifications: { edges: [{ node: { title: "One", isRead: true, isArchived: true } }] },
  });
});

test("a refused attempt is repeated later; the last one ends the delivery, which an administrator can resend", async () => {
  const { acme, olga, ask } = await aStory();
  await learn(acme);
  const address = await addressOf(olga);
  answers.set(address, [
    { code: 451, text: "4.7.1 Greylisted" },
    { code: 554, text: "5.7.1 No" },
  ]);
  await ask("One");
  const [waiting] = await deliveriesOf(acme);
  expect(waiting).toMatchObject({ status: "READY", attempts: 1 });
  expect(waiting?.lastError).toContain("Greylisted");
  await owner`update audit.notification_deliveries set next_attempt_at = now() where next_attempt_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "FAILED", attempts: 2 }]);
  expect(await mailsTo(olga, acme)).toEqual([]);
  expect(await olga.refusal(resend, { id: waiting?.id })).toBe("FORBIDDEN");
  expect(await (await weft.tenant()).admin.refusal(resend, { id: waiting?.id })).toBe("NOT_FOUND");
  await acme.admin.run(resend, { id: waiting?.id });
  expect(subjects(await mailsTo(olga, acme))).toEqual(["One"]);
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT" }]);
  expect(await acme.admin.refusal(resend, { id: waiting?.id })).toBe("CONFLICT");
});

test("a message whose fate is unknown is not sent again", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory();
  await learn(acme);
  const address = await addressOf(olga);
  cutOff.add(address);
  await ask("One");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "UNKNOWN", attempts: 1 }]);
  cutOff.delete(address);
  // A process that ended before it reported.
  await ask("Two");
  await weft.weft.worker.idle();
  await owner`update audit.notification_deliveries set status = 'SENDING', next_attempt_at = now() where status = 'SENT' and tenant_id = ${acme.id}`;
  expect((await deliveriesOf(acme)).map(({ status }) => status)).toEqual(["UNKNOWN", "UNKNOWN"]);
  expect(subjects(await mailsTo(olga, acme))).toEqual(["One", "Two"]);
});

test("an address that the server refuses for good gets nothing more until an administrator lifts it", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory();
  await learn(acme);
  answers.set(await addressOf(olga), [{ code: 550, text: "5.1.1 No such user" }]);
  await ask("One");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "FAILED" }]);
  await ask("Two");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "FAILED" }, { status: "SUPPRESSED" }]);
  const lift = "mutation ($userId: ID!) { liftMailSuppression(input: { id: $userId }) { liftedCount } }";
  expect(await acme.admin.run(lift, { userId: olga.id })).toEqual({ liftMailSuppression: { liftedCount: 1 } });
  expect(await acme.admin.run(lift, { userId: olga.id })).toEqual({ liftMailSuppression: { liftedCount: 0 } });
  for (const { id } of await deliveriesOf(acme)) await acme.admin.run(resend, { id });
  expect(subjects(await mailsTo(olga, acme)).toSorted()).toEqual(["One", "Two"]);
});

test("bursts are bundled: five emails in a minute, and the rest in one", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory();
  await setClock(owner, acme, "2026-06-01T10:00:00Z");
  for (let n = 1; n <= 12; n++) {
    await ask(`Number ${n}`);
    await weft.weft.worker.idle();
  }
  expect(await mailsTo(olga, acme)).toHaveLength(5);
  await setClock(owner, acme, "2026-06-01T10:03:00Z");
  const all = await mailsTo(olga, acme);
  expect(subjects(all)).toEqual([...[1, 2, 3, 4, 5].map((n) => `Number ${n}`), "Acme: 7 notifications"]);
  const deliveries = await deliveriesOf(acme);
  expect(deliveries.every(({ status }) => status === "SENT")).toBe(true);
  expect(new Set(deliveries.map(({ messageId }) => messageId)).size).toBe(6);
});

test("the organization sends at most as many emails a day as its plan allows; the rest is suppressed, visibly", async () => {
  const { acme, olga, ask } = await aStory();
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${acme.id}, 'CONTRACT', ${acme.id}, 1, ${owner.json({ notifications: { emailsPerDay: 1 } })}, ${acme.id}, 'm')`;
  await announceConfiguration(weft.weft.services, acme.id);
  await ask("One");
  expect(await mailsTo(olga, acme)).toHaveLength(1);
  await ask("Two");
  expect(await mailsTo(olga, acme)).toHaveLength(1);
  expect(await deliveriesOf(acme)).toMatchObject([
    { status: "SENT" },
    { status: "SUPPRESSED", reason: "The organization has sent too many messages within 24 hours." },
  ]);
});

test("what is queued stops for a user who was deactivated, and for what they can no longer see or want", async () => {
  const { acme, olga, ask } = await aStory({ ...mailFor("TASK_OPENED"), snoozedUntil: new Date(Date.now() + 3_600_000).toISOString() });
  await ask("One");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "QUEUED" }]);
  await olga.run(update, { input: { preferences: [{ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: false }] } });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "CANCELLED", reason: "The user has turned this kind off." }]);
  await olga.run(update, { input: mailFor("TASK_OPENED") });
  await ask("Two");
  await weft.weft.worker.idle();
  await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: olga.id });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "CANCELLED" }, { status: "CANCELLED", reason: "The user is not active." }]);
  expect(await mailsTo(olga, acme)).toEqual([]);
});

test("a digest omits what an employee can no longer see, and says so", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory({ preferences: [{ channel: "EMAIL", isEnabled: true, digest: "DAILY" }] }, "technical_team");
  await ask("Still seen");
  await ask("Lost");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "QUEUED" }, { status: "QUEUED" }]);
  await owner`update workflows.tasks set candidate_user_ids = '{}' where tenant_id = ${acme.id} and title = 'Lost'`;
  await dueNow(acme);
  const lost = { status: "CANCELLED", reason: "The user can no longer see what it is about." };
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT", reason: null }, lost]);
  await ask("Without any role");
  await learn(acme);
  await weft.weft.worker.idle();
  await owner`delete from identity.user_roles where tenant_id = ${acme.id} and user_id = ${uuidOf(olga.id)}`;
  await dueNow(acme);
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT" }, lost, lost]);
  expect(subjects(await mailsTo(olga, acme))).toEqual(["Still seen"]);
});

test("what was to be sent more than a day ago, as in a restored backup, is not sent, and can be resent", async () => {
  const { acme, olga, ask } = await aStory({ preferences: [{ channel: "EMAIL", isEnabled: true, digest: "DAILY" }] });
  await ask("Queued");
  await ask("Ready");
  await weft.weft.worker.idle();
  await owner`update audit.notification_deliveries d set status = 'READY', due_at = null, message_id = d.id, bundled_at = now() - interval '2 days',
      ready_at = now() - interval '2 days', next_attempt_at = now() - interval '2 days'
    from audit.notifications n where n.tenant_id = d.tenant_id and n.id = d.notification_id and n.title = 'Ready' and d.tenant_id = ${acme.id}`;
  await owner`update audit.notification_deliveries set due_at = now() - interval '2 days' where tenant_id = ${acme.id} and due_at is not null`;
  const old = { status: "SUPPRESSED", reason: "It was not sent within a day." };
  const deliveries = await deliveriesOf(acme);
  expect(deliveries).toMatchObject([old, old]);
  expect(await mailsTo(olga, acme)).toEqual([]);
  for (const { id } of deliveries) await acme.admin.run(resend, { id });
  expect(subjects(await mailsTo(olga, acme)).toSorted()).toEqual(["Queued", "Ready"]);
});

test("a sender whose claim was lost does not end the message that was resent meanwhile", { tags: "slow" }, async () => {
  const { acme, olga, ask } = await aStory();
  await learn(acme);
  const reached = Promise.withResolvers<() => void>();
  held.set(await addressOf(olga), reached.resolve);
  await ask("One");
  const accept = await reached.promise;
  // This process must not claim it again.
  await acme.admin.run('mutation { pauseDeliveries(input: { channel: NOTIFICATION, reason: "A test" }) { queue { isPaused } } }');
  // The lease of the claim ends, an administrator resends the message, and another process claims it.
  await owner`update audit.notification_deliveries set status = 'UNKNOWN', next_attempt_at = null where tenant_id = ${acme.id}`;
  const [delivery] = await owner<{ id: string }[]>`select id from audit.notification_deliveries where tenant_id = ${acme.id}`;
  await acme.admin.run(resend, { id: encodeId("notificationDelivery", delivery?.id ?? "") });
  await owner`update audit.notification_deliveries set status = 'SENDING', attempts = attempts + 1, claims = claims + 1,
    next_attempt_at = now() + interval '3 minutes' where tenant_id = ${acme.id}`;
  accept();
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENDING", attempts: 1 }]);
});

test("a suspended organization sends nothing until it is reactivated", async () => {
  const { acme, olga, ask } = await aStory();
  await ask("Before");
  expect(await mailsTo(olga, acme)).toHaveLength(1);
  await owner`update audit.notification_deliveries set status = 'READY', next_attempt_at = now() + interval '1 hour' where tenant_id = ${acme.id}`;
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
  await owner`update audit.notification_deliveries set next_attempt_at = now() where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(taken.filter(({ raw }) => raw.includes("Before"))).toHaveLength(1);
  await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${acme.id}`;
  expect(await mailsTo(olga, acme)).toHaveLength(2);
});

/** Around the end of summer time, on October 25. A whole run takes a month. */
const [days, summerDays] = sized({ sample: [3, 1], part: [8, 4], whole: [31, 15] });

test(`over ${days} days with digests, quiet hours and a change of the clocks, exactly the expected emails are sent`, async () => {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const [daily, hourly] = [await acme.user("operations"), await acme.user("operations")];
  await owner`update identity.users set time_zone = 'Europe/Vienna' where tenant_id = ${acme.id}`;
  const start = Date.parse("2026-10-25T00:00:00Z") - summerDays * 24 * 3_600_000;
  await setClock(owner, acme, new Date(start).toISOString());
  const quietHours = { from: "20:00", to: "07:00" };
  await daily.run(update, { input: { preferences: [{ channel: "EMAIL", isEnabled: true, digest: "DAILY" }] } });
  await hourly.run(update, { input: { preferences: [{ channel: "EMAIL", isEnabled: true, digest: "HOURLY" }], quietHours } });
  const ask = (title: string) => askUsers(acme.admin, { title, whom: [daily.id, hourly.id] });
  // Every eight hours, at 00:10, 08:10 and 16:10 UTC.
  for (let step = 0; step < days * 3; step++) {
    const at = start + step * 8 * 3_600_000 + 600_000;
    // In between, so that each digest is made at its own time.
    for (const hour of step % 3 === 1 ? [3, 2, 1] : [7]) {
      await setClock(owner, acme, new Date(at - hour * 3_600_000).toISOString());
      await weft.weft.worker.idle();
    }
    await setClock(owner, acme, new Date(at).toISOString());
    await ask(`Step ${step}`);
    await weft.weft.worker.idle();
  }
  const end = start + days * 24 * 3_600_000;
  await setClock(owner, acme, new Date(end - 6 * 3_600_000 - 50 * 60_000).toISOString());
  await weft.weft.worker.idle();
  await setClock(owner, acme, new Date(end + 7.5 * 3_600_000).toISOString());
  // One a day with the three of the 24 hours before, at 08:00 in Vienna.
  const ofDaily = subjects(await mailsTo(daily, acme));
  const times = async (user: TestUser) =>
    (
      await owner<
        { at: string; count: number }[]
      >`select to_char(min(bundled_at) at time zone 'Europe/Vienna', 'HH24') as at, count(*)::int as count
        from audit.notification_deliveries where tenant_id = ${acme.id} and user_id = ${uuidOf(user.id)} and status = 'SENT' group by message_id order by min(bundled_at)`
    ).map(({ at, count }) => `${at} ${count}`);
  expect(ofDaily).toHaveLength(days + 1);
  expect(await times(daily)).toEqual(["08 1", ...Array.from({ length: days - 1 }, () => "08 3"), "08 2"]);
  // 00:10 UTC is in the night, and waits until 07:00. The others are sent at the next full hour.
  const day = ["07 1", "11 1", "19 1"];
  const winterDay = ["07 1", "10 1", "18 1"];
  const expected = Array.from({ length: days }, (_, n) => (n < summerDays ? day : winterDay)).flat();
  expect(await times(hourly)).toEqual(expected);
  expect(await mailsTo(hourly, acme)).toHaveLength(days * 3);
}, 400_000);
