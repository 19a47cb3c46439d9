import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { brokenInvariants, TestUser, until } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// A person gets at most one email per event, and a chat of a team one message, wherever the process that sends it is killed, and none is lost without being visible.

const MANY = 4;
const mails: string[] = [];
const posts: string[] = [];
let smtp: SMTPServer;
let chat: HttpServer;
let database: OwnPostgres;
let ownerUrl: string;
let sql: postgres.Sql;
let weft: StandaloneProcess;
let admin: TestUser;
let receiver: string;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        mails.push(raw);
        callback(null);
      });
    },
  });
  smtp.on("error", () => undefined);
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  const { port } = smtp.server.address() as AddressInfo;
  chat = await serveHttp((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      posts.push(body);
      response.writeHead(200).end("ok");
    });
  });
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({
    program: "server",
    settings: {
      DATABASE_OWNER_URL: ownerUrl,
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      WEFT_DEMO_DATA: "minimal",
      WEFT_OUTBOUND_ALLOWED: "127.0.0.1",
    },
  });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
    { source: askedDefinition },
  );
  await admin.run("mutation ($id: ID!) { publishDefinition(input: { id: $id, acceptWarnings: true }) { definition { id } } }", {
    id: createDefinition.definition.id,
  });
  const { createUser } = await admin.run<{ createUser: { user: { id: string } } }>(
    'mutation { createUser(input: { email: "olga@mail.example", name: "Olga", password: "a quiet river 42", roleKeys: ["operations"] }) { user { id } } }',
  );
  receiver = createUser.user.id;
  await sql`insert into audit.notification_preferences (tenant_id, user_id, kind, channel, is_enabled)
    select tenant_id, id, 'ALL', 'EMAIL', true from identity.users where id = ${decodeId("user", receiver)}`;
  await addChatOfTeam();
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
  await new Promise<void>((resolve) => smtp.close(resolve));
  await chat.close();
}, 120_000);

/** Adds a team with a chat, and a rule that sends to it what is published. */
async function addChatOfTeam(): Promise<void> {
  const { createTeam } = await admin.run<{ createTeam: { team: { id: string } } }>(
    'mutation { createTeam(input: { key: "channel", name: "Channel" }) { team { id } } }',
  );
  const teamId = createTeam.team.id;
  const url = `${chat.url}/hook`;
  await admin.run(
    "mutation ($input: AddTeamNotificationDestinationInput!) { addTeamNotificationDestination(input: $input) { destination { id } } }",
    { input: { teamId, name: "#channel", chat: { format: "SLACK", url } } },
  );
  await admin.run("mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }", {
    input: { name: "custom.said", description: "D", payloadSchema: { properties: { text: { type: "string" } } } },
  });
  await admin.run("mutation ($input: CreateNotificationRuleInput!) { createNotificationRule(input: $input) { rule { id } } }", {
    input: { name: "Said", eventTypes: ["custom.said"], recipients: [{ type: "TEAM_CHATS", teamId }], title: "{{ payload.text }}" },
  });
}

/** Whether the connections of a killed process have ended. A commit that PostgreSQL had received before takes place. */
const isDisconnected = async (): Promise<boolean> =>
  (
    await sql`select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`
  ).length === 0;

const isAtRest = async (): Promise<boolean> => {
  // A claim of a killed process ends after minutes. Here, it ends at once.
  const [row] = await sql<{ count: number }[]>`
    select ((select count(*) from events.outbox)
      + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where c.position < h.position)
      + (select count(*) from audit.notification_deliveries where status in ('QUEUED', 'READY', 'SENDING')))::int as count`;
  return row?.count === 0;
};

/** Does something several times until the process is killed at the point, and starts it again. Returns the titles of what was done. */
async function killedAt(point: string, act: (title: string) => Promise<unknown>): Promise<string[]> {
  // Messages of earlier rounds do not count for the limit per minute.
  await sql`update audit.notification_deliveries set bundled_at = bundled_at - interval '2 hours' where bundled_at is not null`;
  weft.arm(point);
  const titles: string[] = [];
  for (let n = 0; n < MANY; n++) {
    const title = `Job ${point.replaceAll(/\W/g, "-")} number ${n}`;
    await act(title)
      .then(() => titles.push(title))
      .catch(() => undefined);
  }
  await Promise.race([weft.ended(), until(isAtRest, { what: "it is done before it is killed", deadlineMs: 30_000 })]);
  await weft.end("SIGKILL");
  await until(isDisconnected, { what: "its connections have ended", deadlineMs: 30_000 });
  await sql`update audit.notification_deliveries set next_attempt_at = now() where next_attempt_at is not null`;
  await weft.start();
  await until(isAtRest, { what: "the consumers and senders have caught up", deadlineMs: 60_000 });
  expect(titles.length).toBeGreaterThan(0);
  return titles;
}

interface Delivered {
  readonly title: string;
  readonly status: string;
}

/** Expects that each title has one delivery, which was sent once unless its end is unknown. */
function expectAtMostOnce(titles: readonly string[], deliveries: readonly Delivered[], countOf: (title: string) => number): void {
  expect(deliveries.map(({ title }) => title).toSorted()).toEqual(titles.toSorted());
  for (const { title, status } of deliveries) {
    const count = countOf(title);
    // Only a message that was claimed by the killed process can have an unknown end.
    if (status === "UNKNOWN") expect(count, title).toBeLessThanOrEqual(1);
    else expect({ status, count }, title).toEqual({ status: "SENT", count: 1 });
  }
}

test.each(
  drawn(
    [
      "app.insertNotificationDeliveries:2",
      "app.makeNotificationMessage:2",
      "app.claimEmailMessages:2",
      "messages.claimed:2",
      "messages.sent:2",
      "app.finishMessages:2",
      "messages.sent>app.committed:1",
    ],
    { of: 6 },
  ),
)("a person gets at most one email per event after a kill at %s", { timeout: 120_000 }, async (point) => {
  const titles = await killedAt(point, (title) => askUsers(admin, { title, whom: [receiver] }));
  const deliveries = await sql<Delivered[]>`
    select n.title, d.status from audit.notification_deliveries d join audit.notifications n on n.tenant_id = d.tenant_id and n.id = d.notification_id
      where n.title = any(${titles})`;
  expectAtMostOnce(titles, deliveries, (title) => mails.filter((raw) => raw.replaceAll("=\r\n", "").includes(`- ${title} (`)).length);
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

test.each(
  drawn(
    [
      "app.insertTeamNotificationDeliveries:2",
      "app.makeNotificationMessage:2",
      "app.claimDestinationMessages:2",
      "messages.claimed:2",
      "messages.sent:2",
      "messages.sent>app.committed:1",
    ],
    { of: 6 },
  ),
)("a chat of a team gets at most one message per event after a kill at %s", { timeout: 120_000 }, async (point) => {
  const titles = await killedAt(point, (title) =>
    admin.run("mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }", {
      input: { type: "custom.said", payload: { text: `Chat: ${title}` } },
    }),
  );
  const said = titles.map((title) => `Chat: ${title}`);
  const deliveries = await sql<Delivered[]>`select title, status from audit.notification_deliveries where title = any(${said})`;
  expectAtMostOnce(said, deliveries, (title) => posts.filter((post) => post.includes(title)).length);
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});
