import type { ServerResponse } from "node:http";
import { decodeId } from "@weft/shared/ids";
import { announceConfiguration } from "@weft/platform/configuration";
import { asTenant } from "@weft/platform/db";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startReceiver, type Received, type Receiver } from "../../webhooks/receiver.fixture.js";
import { pastTextMessages } from "./past-texts.js";

let weft: TestWeft;
let gateway: Receiver;
let owner: postgres.Sql;
/** Answers by phone number. */
const answers = new Map<string, (response: ServerResponse) => void>();

beforeAll(async () => {
  gateway = await startReceiver();
  gateway.answer = (request, response) => {
    const accept = (): void => void response.writeHead(201, { "content-type": "application/json" }).end('{"sid":"SM1","status":"queued"}');
    (answers.get(toOf(request)) ?? accept)(response);
  };
  weft = await startTestWeft({
    settings: {
      WEFT_PUBLIC_URL: "https://app.example",
      WEFT_OUTBOUND_ALLOWED: "127.0.0.1",
      WEFT_SMS_URL: gateway.url,
      WEFT_SMS_ACCOUNT: "AC123",
      WEFT_SMS_TOKEN: "t0ken",
      WEFT_SMS_FROM: "+15005550006",
      WEFT_SMS_PREFIXES: "+4179,+1",
    },
  });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await gateway.close();
});

const add =
  "mutation ($input: AddNotificationDestinationInput!) { addNotificationDestination(input: $input) { destination { id channel name format host status reason } } }";
const confirm =
  "mutation ($input: ConfirmNotificationDestinationInput!) { confirmNotificationDestination(input: $input) { destination { id status } } }";
const remove = "mutation ($id: ID!) { removeNotificationDestination(input: { id: $id }) { id } }";
const list = "{ notificationPreferences { isSmsAvailable destinations { id channel host status reason } } }";
const update =
  "mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { notificationPreferences { timeZone } } }";
const resend = "mutation ($id: ID!) { resendNotificationDelivery(input: { id: $id }) { delivery { id status } } }";

const form = ({ body }: Received): URLSearchParams => new URLSearchParams(body);
const toOf = (request: Received): string => form(request).get("To") ?? "";
/** Texts that a number has got. */
const textsTo = (phoneNumber: string): string[] =>
  gateway.requests.filter((one) => toOf(one) === phoneNumber).map((one) => form(one).get("Body") ?? "");

let lastNumber = 0;
/** A number that no other test uses. */
const newNumber = (): string => `+4179000${String((lastNumber += 1)).padStart(4, "0")}`;

interface Story {
  readonly acme: TestTenant;
  readonly olga: TestUser;
  readonly phoneNumber: string;
  readonly ask: (title: string) => Promise<unknown>;
}

async function aStory(): Promise<Story> {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const olga = await acme.user("operations");
  await olga.run(update, { input: { preferences: [{ channel: "SMS", isEnabled: true }] } });
  const ask = async (title: string) => {
    await askUsers(acme.admin, { title, whom: [olga.id] });
    await weft.weft.worker.idle();
  };
  return { acme, olga, phoneNumber: newNumber(), ask };
}

const phone = (phoneNumber: string) => ({ name: "My phone", sms: { phoneNumber } });

/** Adds a number, and returns its ID once its code was sent. */
async function addTo(user: TestUser, phoneNumber: string): Promise<string> {
  const { addNotificationDestination: added } = await user.run<{ addNotificationDestination: { destination: { id: string } } }>(add, {
    input: phone(phoneNumber),
  });
  await weft.weft.worker.idle();
  return added.destination.id;
}

const codeTo = (phoneNumber: string): string => /^\d{6}/.exec(textsTo(phoneNumber).at(-1) ?? "")?.[0] ?? "";

async function confirmedBy(user: TestUser, phoneNumber: string): Promise<string> {
  const id = await addTo(user, phoneNumber);
  await user.run(confirm, { input: { id, code: codeTo(phoneNumber) } });
  return id;
}

/** Makes the texts of a tenant older, so that limits of a minute do not apply. */
const later = ({ id }: TestTenant) =>
  owner`update audit.text_messages set created_at = created_at - interval '2 minutes' where tenant_id = ${id}`;

async function limitTo({ id }: TestTenant, notifications: Record<string, number>): Promise<void> {
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${id}, 'CONTRACT', ${id}, 1, ${owner.json({ notifications })}, ${id}, 'm')`;
  await announceConfiguration(weft.weft.services, id);
}

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly lastError: string | null;
}

async function deliveriesOf({ admin }: TestTenant): Promise<Delivery[]> {
  await weft.weft.worker.idle();
  const { notificationDeliveries } = await admin.run<{ notificationDeliveries: { edges: { node: Delivery }[] } }>(
    "{ notificationDeliveries(orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { id status channel reason attempts lastError } } } }",
  );
  return notificationDeliveries.edges.map(({ node }) => node);
}

async function destinationsOf(user: TestUser): Promise<object[]> {
  const { notificationPreferences } = await user.run<{ notificationPreferences: { destinations: object[] } }>(list);
  return notificationPreferences.destinations;
}

const wrongCode = (phoneNumber: string): string => (codeTo(phoneNumber) === "000000" ? "000001" : "000000");

test(
  "a phone number gets notifications of the kinds that its user has turned on, once it is confirmed with the code that it got",
  { tags: "slow" },
  async () => {
    const { acme, olga, phoneNumber, ask } = await aStory();
    const id = await addTo(olga, phoneNumber);
    const shown = { id, channel: "SMS", host: `…${phoneNumber.slice(-2)}`, status: "UNCONFIRMED", reason: null };
    expect(await olga.run(list)).toEqual({ notificationPreferences: { isSmsAvailable: true, destinations: [shown] } });
    const [request] = gateway.requests.filter((one) => toOf(one) === phoneNumber);
    expect(request).toMatchObject({
      path: "/2010-04-01/Accounts/AC123/Messages.json",
      headers: {
        authorization: `Basic ${Buffer.from("AC123:t0ken").toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(request && form(request).get("From")).toBe("+15005550006");
    expect(textsTo(phoneNumber)).toEqual([
      expect.stringMatching(/^\d{6} is your Weft code\. It is valid for 10 minutes\. If you did not ask for it, ignore this message\.$/),
    ]);
    await ask("Too early");
    expect(await deliveriesOf(acme)).toEqual([]);
    const code = codeTo(phoneNumber);
    const confirmed = { confirmNotificationDestination: { destination: { id, status: "ACTIVE" } } };
    expect(await olga.run(confirm, { input: { id, code: `${code.slice(0, 3)} ${code.slice(3)}` } })).toEqual(confirmed);
    expect(await olga.run(confirm, { input: { id, code: "123456" } })).toEqual(confirmed);
    await ask("Grüße");
    await olga.run(update, { input: { preferences: [{ channel: "SMS", isEnabled: null }] } });
    await ask("Off by default");
    expect(textsTo(phoneNumber).slice(1)).toEqual([
      expect.stringMatching(/^Grüße\nFrom Acme on Weft\nhttps:\/\/app\.example\/open\/tsk_\w+$/),
    ]);
    expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT", channel: "SMS", attempts: 1 }]);
    // Adding it again changes only its name: it is confirmed.
    expect(await addTo(olga, phoneNumber)).toBe(id);
    expect(await destinationsOf(olga)).toEqual([{ ...shown, status: "ACTIVE" }]);
    expect(textsTo(phoneNumber)).toHaveLength(2);
    const stored = JSON.stringify([
      await owner`select * from audit.notification_destinations where tenant_id = ${acme.id}`,
      await owner`select * from audit.text_messages where tenant_id = ${acme.id}`,
      await owner`select before, after from audit.entries where tenant_id = ${acme.id}`,
    ]);
    expect(stored).not.toContain(phoneNumber.slice(1));
    expect(stored).not.toContain(code);
  },
);

test(
  "a code is refused after five wrong ones, after its time, and if it is not the newest one, always with the same error",
  { tags: "slow" },
  async () => {
    const { acme, olga, phoneNumber } = await aStory();
    const id = await addTo(olga, phoneNumber);
    const refusedOf = (code: string, user = olga) => user.refused(confirm, { input: { id, code } });
    const first = codeTo(phoneNumber);
    const wrong = await refusedOf(wrongCode(phoneNumber));
    expect(JSON.stringify(wrong)).toContain("input.code");
    for (let tries = 2; tries <= 5; tries += 1) await refusedOf(wrongCode(phoneNumber));
    const same = (problems: unknown) => JSON.stringify(problems).replaceAll(/"(traceId|requestId)":"[^"]*"/g, "");
    expect(same(await refusedOf(first))).toBe(same(wrong));
    await later(acme);
    await addTo(olga, phoneNumber);
    const second = codeTo(phoneNumber);
    await owner`update audit.text_messages set expires_at = now() where tenant_id = ${acme.id}`;
    expect(same(await refusedOf(second))).toBe(same(wrong));
    await later(acme);
    await addTo(olga, phoneNumber);
    expect(textsTo(phoneNumber)).toHaveLength(3);
    if (second !== codeTo(phoneNumber)) expect(same(await refusedOf(second))).toBe(same(wrong));
    expect(await acme.admin.refusal(confirm, { input: { id, code: codeTo(phoneNumber) } })).toBe("NOT_FOUND");
    expect(JSON.stringify(await refusedOf("12345"))).toContain("six digits");
    await olga.run(confirm, { input: { id, code: codeTo(phoneNumber) } });
  },
);

test("a user can ask for one code per minute and five per day, also if the number is removed in between", { tags: "slow" }, async () => {
  const { acme, olga, phoneNumber } = await aStory();
  const id = await addTo(olga, phoneNumber);
  expect(JSON.stringify(await olga.refused(add, { input: phone(newNumber()) }))).toContain("a moment ago");
  for (let codes = 2; codes <= 5; codes += 1) {
    await later(acme);
    await olga.run(remove, { id });
    await addTo(olga, phoneNumber);
  }
  await later(acme);
  expect(JSON.stringify(await olga.refused(add, { input: phone(phoneNumber) }))).toContain("5 codes within 24 hours");
  expect(textsTo(phoneNumber)).toHaveLength(5);
});

test(
  "several users can confirm the same number, but all organizations together send it only five codes per day",
  { tags: "slow" },
  async () => {
    const { acme, olga, phoneNumber } = await aStory();
    await confirmedBy(olga, phoneNumber);
    const globex = await weft.tenant("Globex");
    const [greta, gustav] = [await globex.user("operations"), await globex.user("operations")];
    await confirmedBy(greta, phoneNumber);
    await owner`insert into audit.text_messages (tenant_id, id, user_id, destination_id, address_hash, purpose, status)
    select tenant_id, gen_random_uuid(), user_id, destination_id, address_hash, purpose, 'SENT' from audit.text_messages, generate_series(1, 3)
      where tenant_id = ${acme.id}`;
    await addTo(gustav, phoneNumber);
    expect(textsTo(phoneNumber)).toHaveLength(2);
    expect(await destinationsOf(gustav)).toMatchObject([
      { status: "UNCONFIRMED", reason: "The code was not sent, because of a limit. Add the number again tomorrow." },
    ]);
  },
);

test("an organization sends only as many texts per day as operators allow, codes and repetitions included", { tags: "slow" }, async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  await limitTo(acme, { smsPerDay: 2 });
  await confirmedBy(olga, phoneNumber);
  await ask("One");
  await ask("Two");
  const limit = { status: "SUPPRESSED", reason: "The organization has sent too many messages within 24 hours." };
  const [sent, suppressed] = await deliveriesOf(acme);
  expect([sent, suppressed]).toMatchObject([{ status: "SENT" }, limit]);
  await acme.admin.run(resend, { id: suppressed?.id });
  expect((await deliveriesOf(acme))[1]).toMatchObject(limit);
  expect(await (await acme.user("operations")).refusal(add, { input: phone(newNumber()) })).toBe("RATE_LIMITED");
  expect(textsTo(phoneNumber)).toHaveLength(2);
});

test("a number gets only as many notifications per day as the organization allows", { tags: "slow" }, async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  await limitTo(acme, { smsPerNumberAndDay: 1 });
  await confirmedBy(olga, phoneNumber);
  await ask("One");
  await ask("Two");
  expect(await deliveriesOf(acme)).toMatchObject([
    { status: "SENT" },
    { status: "SUPPRESSED", reason: "The phone number has got too many text messages within 24 hours." },
  ]);
});

test("notifications that wait for the end of a snooze are one text, which is cut to three parts", { tags: "slow" }, async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  await confirmedBy(olga, phoneNumber);
  await olga.run(update, { input: { snoozedUntil: new Date(Date.now() + 3_600_000).toISOString() } });
  await ask("One");
  await ask("Z".repeat(400));
  await olga.run(update, { input: { snoozedUntil: null } });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "SENT" }, { status: "SENT" }]);
  const [text = ""] = textsTo(phoneNumber).slice(1);
  expect(text).toMatch(/^Acme: 2 notifications\n- One\n- Z+\.\.\.\nhttps:\/\/app\.example$/);
  expect(text.length).toBeLessThanOrEqual(320);
});

test(
  "a number that has unsubscribed is disabled, without the number in the reason, and must be confirmed again",
  { tags: "slow" },
  async () => {
    const { acme, olga, phoneNumber, ask } = await aStory();
    const id = await confirmedBy(olga, phoneNumber);
    answers.set(
      phoneNumber,
      (response) => void response.writeHead(400).end(`{"code":21610,"message":"${phoneNumber} has unsubscribed","status":400}`),
    );
    await ask("One");
    const reason = "The phone number has unsubscribed from text messages.";
    expect(await deliveriesOf(acme)).toMatchObject([{ status: "FAILED", lastError: reason }]);
    expect(await destinationsOf(olga)).toMatchObject([{ id, status: "DISABLED", reason }]);
    await later(acme);
    await addTo(olga, phoneNumber);
    expect(await destinationsOf(olga)).toMatchObject([{ id, status: "DISABLED", reason }]);
    answers.delete(phoneNumber);
    await later(acme);
    expect(await confirmedBy(olga, phoneNumber)).toBe(id);
    await ask("Two");
    expect(textsTo(phoneNumber).at(-1)).toContain("Two");
  },
);

test("a gateway that refuses for now is asked again when it says so; a text without an answer is unknown, and not sent again", async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  await confirmedBy(olga, phoneNumber);
  answers.set(phoneNumber, (response) => void response.writeHead(429, { "retry-after": "3600" }).end());
  await ask("One");
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "READY", attempts: 1, lastError: "The server answered 429" }]);
  const [waiting] = await owner<{ seconds: number }[]>`select extract(epoch from next_attempt_at - now())::int as seconds
    from audit.notification_deliveries where tenant_id = ${acme.id}`;
  expect(waiting?.seconds).toBeGreaterThan(3000);
  answers.set(phoneNumber, (response) => void response.destroy());
  await owner`update audit.notification_deliveries set next_attempt_at = now() where tenant_id = ${acme.id} and next_attempt_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "UNKNOWN", attempts: 2 }]);
  expect(textsTo(phoneNumber)).toHaveLength(3);
  // Only the code and the text that may have arrived count.
  expect(await owner`select 1 from audit.text_messages where tenant_id = ${acme.id}`).toHaveLength(2);
});

test("a code without an answer is not sent again, and still confirms the number if it arrived", async () => {
  const { olga, phoneNumber } = await aStory();
  answers.set(phoneNumber, (response) => void response.destroy());
  const id = await addTo(olga, phoneNumber);
  expect(textsTo(phoneNumber)).toHaveLength(1);
  expect(await destinationsOf(olga)).toMatchObject([
    { status: "UNCONFIRMED", reason: expect.stringContaining("may not have been sent") as string },
  ]);
  await olga.run(confirm, { input: { id, code: codeTo(phoneNumber) } });
  expect(await destinationsOf(olga)).toMatchObject([{ status: "ACTIVE", reason: null }]);
});

test("a code whose sender has ended before the answer is not sent again", async () => {
  const { acme, olga, phoneNumber } = await aStory();
  await addTo(olga, phoneNumber);
  await owner`update audit.text_messages set status = 'SENDING', next_attempt_at = now() where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(await owner`select status from audit.text_messages where tenant_id = ${acme.id}`).toMatchObject([{ status: "UNKNOWN" }]);
  expect(textsTo(phoneNumber)).toHaveLength(1);
});

test("a removed number gets nothing", async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  const id = await confirmedBy(olga, phoneNumber);
  await olga.run(update, { input: { snoozedUntil: new Date(Date.now() + 3_600_000).toISOString() } });
  await ask("Waiting");
  await olga.run(remove, { id });
  expect(await olga.refusal(confirm, { input: { id, code: codeTo(phoneNumber) } })).toBe("NOT_FOUND");
  await olga.run(update, { input: { snoozedUntil: null } });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  expect(await deliveriesOf(acme)).toMatchObject([{ status: "CANCELLED", reason: "The user has removed the destination." }]);
  expect(textsTo(phoneNumber)).toHaveLength(1);
  const uuid = decodeId("notificationDestination", id, "id");
  expect(await owner`select address from audit.notification_destinations where id = ${uuid}`).toEqual([{ address: "" }]);
});

test("users of a vendor confirm numbers, too", async () => {
  const { user } = await (await weft.tenant("Acme")).vendor();
  const phoneNumber = newNumber();
  const id = await confirmedBy(user, phoneNumber);
  expect(await destinationsOf(user)).toMatchObject([{ id, status: "ACTIVE" }]);
});

test("refuses numbers with another beginning than those of the installation, and more than three for a user", async () => {
  const { acme, olga } = await aStory();
  expect(JSON.stringify(await olga.refused(add, { input: phone("+8821600000") }))).toContain("numbers that begin with +4179, +1.");
  for (let added = 0; added < 3; added++) {
    await addTo(olga, newNumber());
    await later(acme);
  }
  expect(JSON.stringify(await olga.refused(add, { input: phone(newNumber()) }))).toContain(
    "You have 3 phone numbers, which is the maximum.",
  );
});

test("refuses numbers that are not in E.164 format", async () => {
  const { olga } = await aStory();
  for (const phoneNumber of ["079 123 45 67", "+41 79 123 45 67", "+0791234567", "+1234567890123456", "tel:+41791234567"]) {
    const refused = JSON.stringify(await olga.refused(add, { input: phone(phoneNumber) }));
    expect(refused).toContain("input.sms.phoneNumber");
    expect(refused).toContain("E.164");
    expect(refused).not.toContain(phoneNumber);
  }
});

test("records of texts are deleted when no limit counts them any more", async () => {
  const { acme, olga, phoneNumber } = await aStory();
  await addTo(olga, phoneNumber);
  const clean = () =>
    asTenant(weft.weft.services.databases.worker, { tenantId: acme.id }, "write", (tx) => pastTextMessages.deleteSome(tx, 100));
  const kept = () => owner`select 1 from audit.text_messages where tenant_id = ${acme.id}`;
  await clean();
  expect(await kept()).toHaveLength(1);
  await owner`update audit.text_messages set created_at = created_at - interval '3 days' where tenant_id = ${acme.id}`;
  // The worker may have deleted it already.
  await clean();
  expect(await kept()).toHaveLength(0);
});

test("attempts at codes and notifications are counted in the metrics", async () => {
  const { acme, olga, phoneNumber, ask } = await aStory();
  const before = await attemptsWith("succeeded");
  await confirmedBy(olga, phoneNumber);
  await later(acme);
  await ask("First");
  expect((await attemptsWith("succeeded")) - before).toBe(2);
});

/** Number of attempts at notifications with this result, from the metrics of the process. */
async function attemptsWith(result: string): Promise<number> {
  const metrics = await (await fetch(`${weft.url}/metrics`)).text();
  const counted = new RegExp(`^weft_delivery_attempts_total\\{channel="NOTIFICATION",result="${result}"\\} (\\d+)`, "m").exec(metrics);
  return Number(counted?.[1]);
}
