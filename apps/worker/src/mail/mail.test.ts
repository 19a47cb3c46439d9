import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { channels } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { startMailSender } from "@weft/platform/mail";
import { postgres } from "@weft/pg-driver";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

// Only the SMTP server is a fake.

interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

interface Answer {
  readonly code: number;
  readonly text: string;
}

const taken: Taken[] = [];
/** The server's response to a recipient, by the part before the @. Default: 250. */
const answers = new Map<string, Answer[]>();
let smtp: SMTPServer;
let weft: TestWeft;
let acme: TestTenant;
let owner: postgres.Sql;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: ({ address }, _session, callback) => {
      const answer = answers.get(address.slice(0, address.indexOf("@")))?.shift();
      callback(answer === undefined ? null : Object.assign(new Error(answer.text), { responseCode: answer.code }));
    },
    onData: (stream, { envelope: { mailFrom, rcptTo } }, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        taken.push({ from: mailFrom === false ? "" : mailFrom.address, to: rcptTo.map(({ address }) => address), raw });
        callback(null);
      });
    },
  });
  await new Promise<void>((resolve) => void smtp.listen(0, "127.0.0.1", resolve));
  const { port } = smtp.server.address() as AddressInfo;
  weft = await startTestWeft({
    settings: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "Weft <no-reply@weft.example>", WEFT_PUBLIC_URL: "https://app.example" },
  });
  acme = await weft.tenant("Acme & Söhne");
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await owner.end();
  await weft.stop();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

let made = 0;
const invite = async (local: string, tenant = acme): Promise<string> => {
  const email = `${local}-${++made}@mail.example`;
  await tenant.admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", {
    input: { email, name: "Ben", username: `${local}${made}` },
  });
  return email;
};
const to = (email: string) => taken.filter((mail) => mail.to.includes(email));
const state = async (email: string) => {
  const [row] = await owner<{ status: string; attempts: number; last_error: string | null; waits: number }[]>`
    select m.status, m.attempts, m.last_error, extract(epoch from m.next_attempt_at - now())::int as waits
      from app.mails m join identity.users u on u.tenant_id = m.tenant_id and u.id = m.person_id where u.email = ${email}`;
  return row;
};
const retryNow = async (email: string): Promise<void> => {
  await owner`update app.mails m set next_attempt_at = now() from identity.users u where u.tenant_id = m.tenant_id and u.id = m.person_id and u.email = ${email}`;
  await weft.weft.services.pubsub.publish(channels.mails, "");
};
/** All due attempts are done. */
const attempted = () => weft.weft.worker.idle();
const untilStatus = (email: string, status: string) =>
  until(async () => (await state(email))?.status === status, { what: `the mail to ${email} is ${status}`, deadlineMs: 10_000 });
/** Headers and text as users read them. */
const decoded = (raw: string): string => {
  const bytesOf = (text: string) =>
    text.replaceAll(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("=", ""), "hex").toString());
  const headers = raw
    .replaceAll(/\?=\r\n =\?UTF-8\?Q\?/g, "")
    .replaceAll(/=\?UTF-8\?Q\?(.*?)\?=/g, (_, word: string) => bytesOf(word.replaceAll("_", " ")));
  return bytesOf(headers.replaceAll("=\r\n", ""));
};

describe("an email over SMTP", () => {
  test("is sent once, after the commit, from the configured sender to one address, with the link of its invitation", async () => {
    const email = await invite("ada");
    await attempted();
    expect(to(email)).toMatchObject([{ from: "no-reply@weft.example", to: [email] }]);
    const raw = decoded(to(email)[0]?.raw ?? "");
    expect(raw).toMatch(/^From: Weft <no-reply@weft\.example>\r$/m);
    expect(raw).toMatch(/^Subject: Admin of Acme & Söhne invites you to Acme & Söhne\r$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toMatch(/^Message-ID: <[0-9a-f-]{36}@app\.example>\r$/m);
    expect(raw).toMatch(/https:\/\/app\.example\/invitation#token=win_[\w-]{86}\r$/m);
    expect(await state(email)).toMatchObject({ status: "SENT", attempts: 1 });
  });

  test("is never sent if its transaction is rolled back", async () => {
    const before = taken.length;
    const input = { email: "rolled-back@mail.example", name: "Ben", roleKeys: ["no-such-role"] };
    expect(await acme.admin.refusal("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", { input })).toBe(
      "BAD_USER_INPUT",
    );
    await attempted();
    expect(taken.length).toBe(before);
  });

  test("is retried later if the server defers it, with the same content", async () => {
    answers.set(`busy-${made + 1}`, [{ code: 451, text: "4.7.1 Greylisted" }]);
    const email = await invite("busy");
    await attempted();
    const after = await state(email);
    expect(after).toMatchObject({ status: "PENDING" });
    expect(after?.waits).toBeGreaterThan(20);
    expect(after?.last_error).toContain("Greylisted");
    await retryNow(email);
    await untilStatus(email, "SENT");
    expect(to(email)).toHaveLength(1);
  });

  test("fails immediately if the server rejects it permanently, and the inviting user sees that", async () => {
    answers.set(`nobody-${made + 1}`, [{ code: 550, text: "5.1.1 No such user" }]);
    const email = await invite("nobody");
    await untilStatus(email, "FAILED");
    const query = "query ($email: String!) { users(filter: { email: { eq: $email } }) { edges { node { invitation { mailStatus } } } } }";
    expect(await acme.admin.run(query, { email })).toEqual({ users: { edges: [{ node: { invitation: { mailStatus: "FAILED" } } }] } });
  });

  test("fails after eight attempts", async () => {
    answers.set(
      `full-${made + 1}`,
      Array.from({ length: 20 }, () => ({ code: 452, text: "4.2.2 Mailbox full" })),
    );
    const email = await invite("full");
    for (let attempt = 1; attempt < 8; attempt++) {
      await attempted();
      expect(await state(email)).toMatchObject({ status: "PENDING", attempts: attempt });
      await retryNow(email);
    }
    await untilStatus(email, "FAILED");
    expect((await state(email))?.attempts).toBe(8);
  });

  test("also fails if its senders ended each time before they recorded a result", async () => {
    answers.set(`deadly-${made + 1}`, [{ code: 451, text: "4.7.1 Later" }]);
    const email = await invite("deadly");
    await attempted();
    await owner`update app.mails set attempts = 8 where person_id = (select id from identity.users where email = ${email})`;
    await retryNow(email);
    await untilStatus(email, "FAILED");
    expect(to(email)).toEqual([]);
  });

  test("of a suspended tenant waits until the tenant is active again", async () => {
    const tenant = await weft.tenant("Paused");
    answers.set(`late-${made + 1}`, [{ code: 451, text: "4.7.1 Later" }]);
    const email = await invite("late", tenant);
    await attempted();
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
    await retryNow(email);
    await attempted();
    expect(to(email)).toEqual([]);
    await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${tenant.id}`;
    await retryNow(email);
    await untilStatus(email, "SENT");
  });

  test("is dropped if it cannot be decrypted, for example after its recipient was erased", async () => {
    answers.set(`erased-${made + 1}`, [{ code: 451, text: "4.7.1 Later" }]);
    const email = await invite("erased");
    await attempted();
    await owner`update app.mails set content = 'enc:v1:gone' where person_id = (select id from identity.users where email = ${email})`;
    await retryNow(email);
    await untilStatus(email, "DROPPED");
    expect(to(email)).toEqual([]);
  });

  test.each([
    ["the recipient has another address", "updateUser", { email: "elsewhere@mail.example" }],
    ["the recipient is deactivated", "deactivateUser", {}],
  ])("is dropped once %s, and nothing goes to the old address", async (_, mutation, changes) => {
    const local = mutation.toLowerCase();
    answers.set(`${local}-${made + 1}`, [{ code: 451, text: "4.7.1 Later" }]);
    const email = await invite(local);
    await attempted();
    const [user] = await owner<{ id: string }[]>`select id from identity.users where email = ${email}`;
    const input = { id: encodeId("user", user?.id ?? ""), ...changes };
    const type = inputTypeOf(mutation);
    await acme.admin.run(`mutation ($input: ${type}!) { ${mutation}(input: $input) { user { id } } }`, { input });
    await owner`update app.mails set next_attempt_at = now() where person_id = ${user?.id ?? null}`;
    await weft.weft.services.pubsub.publish(channels.mails, "");
    await attempted();
    expect(await owner`select status, content from app.mails where person_id = ${user?.id ?? null}`).toEqual([
      { status: "DROPPED", content: null },
    ]);
    expect(to(email)).toEqual([]);
  });

  test("that waited for more than a day, as in an old backup that is restored, is dropped", async () => {
    answers.set(`restored-${made + 1}`, [{ code: 451, text: "4.7.1 Later" }]);
    const email = await invite("restored");
    await attempted();
    await owner`update app.mails set created_at = created_at - interval '25 hours' where person_id = (select id from identity.users where email = ${email})`;
    await retryNow(email);
    await untilStatus(email, "DROPPED");
    expect(to(email)).toEqual([]);
    expect(await state(email)).toMatchObject({ last_error: "Not delivered within one day." });
  });
});

test("an installation that sends its emails, and has no SMS gateway, takes no phone numbers", async () => {
  const add = "mutation ($input: AddNotificationDestinationInput!) { addNotificationDestination(input: $input) { destination { id } } }";
  const input = { name: "My phone", sms: { phoneNumber: "+41791234567" } };
  expect(JSON.stringify(await acme.admin.refused(add, { input }))).toContain("sends no text messages");
});

test("two concurrent senders send each email once", { tags: "slow" }, async () => {
  const { databases, keyring, pubsub, log } = weft.weft.services;
  const tenants = [await weft.tenant("Flooding"), await weft.tenant("Quiet")];
  const second = await startMailSender({
    databases,
    keyring,
    pubsub,
    log,
    transport: {
      send: async ({ to: receiver, subject, text }) => void taken.push({ from: "second", to: [receiver], raw: `${subject}\n${text}` }),
      close: () => undefined,
    },
  });
  try {
    const emails = await Promise.all(Array.from({ length: 24 }, (_, index) => invite("many", tenants[index % 8 === 0 ? 1 : 0])));
    await attempted();
    await second.idle();
    for (const email of emails) expect([email, to(email).length, (await state(email))?.status]).toEqual([email, 1, "SENT"]);
  } finally {
    await second.stop();
  }
});

describe("while the mail server hangs", () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    silent = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await once(silent, "close");
  });

  test("invitations are still answered, and the process exits without waiting for it", { tags: "slow" }, async () => {
    const { port } = silent.address() as AddressInfo;
    const other = await startTestWeft({ settings: { SMTP_URL: `smtp://127.0.0.1:${port}`, WEFT_PUBLIC_URL: "https://app.example" } });
    try {
      const { admin } = await other.tenant();
      const startedAt = performance.now();
      await admin.run('mutation { inviteUser(input: { email: "a@b.example", name: "Ada" }) { user { id } } }');
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      await until(() => sockets.size > 0, { what: "the server was called", deadlineMs: 20_000 });
    } finally {
      const startedAt = performance.now();
      await other.stop();
      expect(performance.now() - startedAt).toBeLessThan(8_000);
    }
  });
});
