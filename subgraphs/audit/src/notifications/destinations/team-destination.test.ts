import { decodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Received, type Receiver, receiverGroup } from "../../webhooks/receiver.fixture.js";

let weft: TestWeft;
let owner: postgres.Sql;
const receivers = receiverGroup();

beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_PUBLIC_URL: "https://app.example", WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await receivers.close();
  await owner.end();
  await weft.stop();
});

const shown = "id name format host status reason team { id }";
const add = `mutation ($input: AddTeamNotificationDestinationInput!) { addTeamNotificationDestination(input: $input) { destination { ${shown} } } }`;
const update = `mutation ($input: UpdateTeamNotificationDestinationInput!) { updateTeamNotificationDestination(input: $input) { destination { ${shown} } } }`;
const remove = "mutation ($input: IdInput!) { removeTeamNotificationDestination(input: $input) { id } }";
const testOne =
  "mutation ($input: IdInput!) { testTeamNotificationDestination(input: $input) { isAccepted error destination { status reason } } }";
const list = `query ($teamId: ID!) { teamNotificationDestinations(teamId: $teamId) { ${shown} } }`;
const deleteTeam = "mutation ($input: VersionedIdInput!) { deleteTeam(input: $input) { id } }";
const createRule =
  "mutation ($input: CreateNotificationRuleInput!) { createNotificationRule(input: $input) { rule { id recipients { type teamId destinationId } } } }";
const resend = "mutation ($id: ID!) { resendNotificationDelivery(input: { id: $id }) { delivery { status } } }";

interface Chat {
  id: string;
  name: string;
  format: string;
  host: string;
  status: string;
  reason: string | null;
  team: { id: string };
}

interface Delivery {
  id: string;
  status: string;
  reason: string | null;
  channel: string;
  kind: string;
  user: { id: string } | null;
  team: { id: string } | null;
  teamDestination: { id: string; name: string } | null;
}

interface Story {
  readonly acme: TestTenant;
  readonly teamId: string;
  readonly receiver: Receiver;
  readonly chatId: string;
}

const input = (teamId: string, receiver: Receiver, format = "SLACK") => ({
  teamId,
  name: "#maintenance",
  chat: { format, url: `${receiver.url}/hooks/s3cr3t` },
});

const addTo = async (user: TestUser, given: object): Promise<Chat> =>
  (await user.run<{ addTeamNotificationDestination: { destination: Chat } }>(add, { input: given })).addTeamNotificationDestination
    .destination;

const chatsOf = async (user: TestUser, teamId: string): Promise<Chat[]> =>
  (await user.run<{ teamNotificationDestinations: Chat[] }>(list, { teamId })).teamNotificationDestinations;

/** Creates a tenant with events of its own, and a team that has a chat. */
async function aStory(format?: string): Promise<Story> {
  const acme = await weft.tenant("Acme");
  await acme.admin.run("mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }", {
    input: { name: "custom.said", description: "D", payloadSchema: { properties: { text: { type: "string" } } } },
  });
  const teamId = await acme.team("maintenance");
  const receiver = await receivers.start();
  const { id: chatId } = await addTo(acme.admin, input(teamId, receiver, format));
  return { acme, teamId, receiver, chatId };
}

async function aRule({ acme, teamId }: Pick<Story, "acme" | "teamId">, given: object = {}): Promise<string> {
  const variables = {
    input: {
      name: "Said",
      eventTypes: ["custom.said"],
      recipients: [{ type: "TEAM_CHATS", teamId }],
      title: "Said: {{ payload.text }}",
      ...given,
    },
  };
  return (await acme.admin.run<{ createNotificationRule: { rule: { id: string } } }>(createRule, variables)).createNotificationRule.rule.id;
}

async function say({ acme }: Pick<Story, "acme">, text: string): Promise<string> {
  const { publishEvent } = await acme.admin.run<{ publishEvent: { eventId: string } }>(
    "mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }",
    { input: { type: "custom.said", payload: { text } } },
  );
  await weft.weft.worker.idle();
  return publishEvent.eventId;
}

async function deliveriesOf({ acme }: Pick<Story, "acme">, filter: object = {}): Promise<Delivery[]> {
  await weft.weft.worker.idle();
  const { notificationDeliveries } = await acme.admin.run<{ notificationDeliveries: { edges: { node: Delivery }[] } }>(
    `query ($filter: NotificationDeliveryFilter) { notificationDeliveries(filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) {
      edges { node { id status reason channel kind user { id } team { id } teamDestination { id name } } } } }`,
    { filter },
  );
  return notificationDeliveries.edges.map(({ node }) => node);
}

const setPaused = ({ admin }: TestTenant, isPaused: boolean) =>
  isPaused
    ? admin.run('mutation { pauseDeliveries(input: { channel: NOTIFICATION, reason: "Maintenance" }) { queue { isPaused } } }')
    : admin.run("mutation { resumeDeliveries(input: { channel: NOTIFICATION }) { queue { isPaused } } }");

const textOf = ({ body }: Received): string => (JSON.parse(body) as { text: string }).text;

/** Creates a user with `team.update` for their own teams. */
async function aLead(acme: TestTenant, teams: string[]): Promise<TestUser> {
  const role = { key: "team-keeper", name: "K", permissions: [{ permission: "team.update", scope: "TEAM" }] };
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  return acme.user("requester", { roles: ["team-keeper"], teams });
}

describe("a rule", () => {
  test(
    "sends an event once to each chat of a team, whatever the members and the channels, and escapes what people typed",
    { tags: "slow" },
    async () => {
      const story = await aStory();
      const { acme, teamId, receiver, chatId } = story;
      const members = [await acme.user("operations", { teams: ["maintenance"] }), await acme.user("requester", { teams: ["maintenance"] })];
      const teams = await receivers.start();
      await addTo(acme.admin, input(teamId, teams, "TEAMS"));
      const recipients = [
        { type: "TEAM_CHATS", teamId },
        { type: "CHAT", destinationId: chatId },
      ];
      await aRule(story, { recipients, body: "More: {{ payload.text }}", channels: ["EMAIL"] });
      await say(story, "<!channel> *now*");
      expect(receiver.requests.map(({ path }) => path)).toEqual(["/hooks/s3cr3t"]);
      expect(receiver.requests.map(textOf)).toEqual(["Said: &lt;!channel&gt; *now*\nMore: &lt;!channel&gt; *now*\nhttps://app.example"]);
      expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({ mrkdwn: false, link_names: 0 });
      expect(teams.requests.map(({ body }) => body)).toEqual([expect.stringContaining(String.raw`Said: \\<\\!channel\\> \\*now\\*`)]);
      expect(await deliveriesOf(story)).toHaveLength(2);
      for (const member of members) expect(await member.run("{ unreadNotificationCount }")).toEqual({ unreadNotificationCount: 0 });
    },
  );

  test("sends its message in addition to that of another rule, and none of an event that is consumed again", { tags: "slow" }, async () => {
    const story = await aStory();
    const { acme, receiver } = story;
    await aRule(story);
    await aRule(story, { title: "Second", recipients: [{ type: "CHAT", destinationId: story.chatId }] });
    await setPaused(acme, true);
    await say(story, "one");
    await owner`update events.consumer_cursors set position = 0 where tenant_id = ${acme.id} and consumer = 'notificationRules'`;
    await say(story, "two");
    expect(await deliveriesOf(story)).toHaveLength(4);
    await setPaused(acme, false);
    await weft.weft.worker.idle();
    const text = receiver.requests.map(textOf).join("\n");
    for (const [title, count] of [
      ["Said: one", 1],
      ["Said: two", 1],
      ["Second", 2],
    ] as const)
      expect(text.split(title)).toHaveLength(count + 1);
  });

  test("accepts only teams that exist and chats of teams", async () => {
    const story = await aStory();
    const { acme, teamId } = story;
    const mine = await acme.admin.run<{ addNotificationDestination: { destination: { id: string } } }>(
      "mutation ($input: AddNotificationDestinationInput!) { addNotificationDestination(input: $input) { destination { id } } }",
      { input: { name: "Mine", chat: input(teamId, story.receiver).chat } },
    );
    const other = await aStory();
    const refusalOf = async (recipient: object) =>
      (await acme.admin.refused(createRule, { input: { name: "N", eventTypes: ["custom.said"], title: "T", recipients: [recipient] } }))
        .extensions;
    const refused = (field: string) => ({
      code: "BAD_USER_INPUT",
      problems: [expect.objectContaining({ path: `input.recipients.0.${field}` })],
    });
    expect(await refusalOf({ type: "TEAM_CHATS", teamId: other.teamId })).toMatchObject(refused("teamId"));
    expect(await refusalOf({ type: "TEAM_CHATS" })).toMatchObject(refused("teamId"));
    expect(await refusalOf({ type: "CHAT", destinationId: other.chatId })).toMatchObject(refused("destinationId"));
    expect(await refusalOf({ type: "CHAT", destinationId: mine.addNotificationDestination.destination.id })).toMatchObject(
      refused("destinationId"),
    );
    expect(await refusalOf({ type: "TEAM_CHATS", teamId, destinationId: story.chatId })).toMatchObject(refused("destinationId"));
  });

  test(
    "sends to chats only if its author can read all events, because nobody's permissions limit what the chat shows",
    { tags: "slow" },
    async () => {
      const { acme, teamId, chatId } = await aStory();
      const permissions = [{ permission: "notification.manage", scope: "TENANT" }];
      await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
        input: { key: "notifier", name: "N", permissions },
      });
      const notifier = await acme.user("requester", { roles: ["notifier"] });
      const rule = { name: "N", eventTypes: ["custom.said"], title: "T", recipients: [{ type: "TEAM_CHATS", teamId }] };
      expect(await notifier.refusal(createRule, { input: rule })).toBe("FORBIDDEN");
      const { createNotificationRule } = await notifier.run<{ createNotificationRule: { rule: { id: string } } }>(createRule, {
        input: { ...rule, recipients: [{ type: "TEAM", teamId }] },
      });
      const change = "mutation ($input: UpdateNotificationRuleInput!) { updateNotificationRule(input: $input) { rule { id } } }";
      const { id } = createNotificationRule.rule;
      expect(await notifier.refusal(change, { input: { id, recipients: rule.recipients } })).toBe("FORBIDDEN");
      await acme.admin.run(change, { input: { id, recipients: rule.recipients } });
      expect(await notifier.refusal(change, { input: { id, title: "{{ payload.text }}" } })).toBe("FORBIDDEN");
      // Nor can its messages be redirected by somebody who cannot read them.
      const elsewhere = { name: "Elsewhere", chat: { url: "https://chat.example/elsewhere", format: "SLACK" } };
      expect(await notifier.refusal(add, { input: { teamId, ...elsewhere } })).toBe("FORBIDDEN");
      expect(await notifier.refusal(update, { input: { id: chatId, url: elsewhere.chat.url } })).toBe("FORBIDDEN");
      await notifier.run(update, { input: { id: chatId, name: "Renamed" } });
    },
  );

  test("shows in its preview to which chats it would send", async () => {
    const story = await aStory();
    await aRule(story);
    const eventId = await say(story, "one");
    const draft = {
      name: "N",
      eventTypes: ["custom.said"],
      title: "Hi {{ payload.text }}",
      recipients: [{ type: "TEAM_CHATS", teamId: story.teamId }],
    };
    const { previewNotificationRule } = await story.acme.admin.run<{ previewNotificationRule: object }>(
      "query ($input: NotificationRuleDraftInput!, $eventId: ID!) { previewNotificationRule(input: $input, eventId: $eventId) { title recipientCount teamDestinations { id name } } }",
      { input: draft, eventId },
    );
    expect(previewNotificationRule).toEqual({
      title: "Hi one",
      recipientCount: 0,
      teamDestinations: [{ id: story.chatId, name: "#maintenance" }],
    });
    expect(story.receiver.requests).toHaveLength(1);
  });
});

describe("a delivery to a chat of a team", () => {
  test("is listed with the team and the chat instead of a user", async () => {
    const story = await aStory();
    await aRule(story);
    await say(story, "one");
    const { teamId, chatId } = story;
    const expected = {
      id: expect.stringMatching(/^ntd_/) as string,
      status: "SENT",
      reason: null,
      channel: "CHAT",
      kind: "RULE",
      user: null,
      team: { id: teamId },
      teamDestination: { id: chatId, name: "#maintenance" },
    };
    expect(await deliveriesOf(story, { teamId: { eq: teamId } })).toEqual([expected]);
    expect(await deliveriesOf(story, { userId: { eq: story.acme.admin.id } })).toEqual([]);
    expect(await deliveriesOf(await aStory())).toEqual([]);
  });

  test("is not sent again after its sender was lost, unless an administrator resends it", async () => {
    const story = await aStory();
    const { acme, receiver } = story;
    await aRule(story);
    await say(story, "one");
    // The sender has posted it, and ends before it records that.
    await owner`update audit.notification_deliveries set status = 'SENDING', next_attempt_at = now(), sent_at = null where tenant_id = ${acme.id}`;
    const [lost] = await deliveriesOf(story);
    expect(lost).toMatchObject({ status: "UNKNOWN" });
    expect(receiver.requests).toHaveLength(1);
    await acme.admin.run(resend, { id: lost?.id });
    expect(await deliveriesOf(story)).toMatchObject([{ status: "SENT" }]);
    expect(receiver.requests).toHaveLength(2);
    const [event] = await owner<{ related: object; payload: object }[]>`
      select related, payload from events.log where tenant_id = ${acme.id} and type = 'notificationDelivery.resent'`;
    const team = decodeId("team", story.teamId);
    expect(event).toEqual({ related: { team }, payload: { teamId: team } });
  });

  test("stops when the chat is removed while it waits", async () => {
    const story = await aStory();
    const { acme, chatId, receiver } = story;
    await aRule(story);
    await setPaused(acme, true);
    await say(story, "one");
    await acme.admin.run(remove, { input: { id: chatId } });
    await acme.admin.run(remove, { input: { id: chatId } });
    await setPaused(acme, false);
    expect(await deliveriesOf(story)).toMatchObject([
      { status: "CANCELLED", reason: "The chat of the team was removed.", teamDestination: null },
    ]);
    await say(story, "two");
    expect(await deliveriesOf(story)).toHaveLength(1);
    expect(receiver.requests).toEqual([]);
  });

  test("stops when the team was deleted while it waits", async () => {
    const story = await aStory();
    const { acme, teamId, receiver } = story;
    await aRule(story);
    await setPaused(acme, true);
    await say(story, "one");
    await owner`update identity.teams set deleted_at = now() where tenant_id = ${acme.id} and id = ${decodeId("team", teamId)}`;
    await setPaused(acme, false);
    expect(await deliveriesOf(story)).toMatchObject([{ status: "CANCELLED", reason: "The team was deleted.", team: null }]);
    expect(receiver.requests).toEqual([]);
  });

  test("stops when the request that it is about was deleted while it waits", { tags: "slow" }, async () => {
    const story = await aStory();
    const { acme, receiver } = story;
    const { buildingId, assetId } = await acme.maintenance();
    await aRule(story, { eventTypes: ["request.commented"], title: "Commented" });
    const { createRequest } = await acme.admin.run<{ createRequest: { request: { id: string } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
      { input: { typeKey: "maintenance", data: { summary: "Noise", estimate: 100 }, buildingId, assetId } },
    );
    const { id } = createRequest.request;
    const comment = async () => {
      await acme.admin.run(
        'mutation ($id: ID!) { commentOnRequest(input: { id: $id, text: "Hi", audience: PUBLIC }) { comment { id } } }',
        { id },
      );
      await weft.weft.worker.idle();
    };
    await comment();
    expect(receiver.requests.map(textOf)).toEqual(["Commented\nFrom Acme on Weft\nhttps://app.example"]);
    await setPaused(acme, true);
    await comment();
    await acme.admin.run("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id });
    await acme.admin.run("mutation ($id: ID!) { deleteRequest(input: { id: $id }) { id } }", { id });
    await setPaused(acme, false);
    expect(await deliveriesOf(story)).toMatchObject([{ status: "SENT" }, { status: "CANCELLED", reason: "What it is about was deleted." }]);
    expect(receiver.requests).toHaveLength(1);
  });

  test("waits and is bundled if the chat gets too many", { tags: "slow" }, async () => {
    const story = await aStory();
    await aRule(story);
    for (let n = 1; n <= 7; n++) await say(story, `number ${n}`);
    expect(story.receiver.requests).toHaveLength(5);
    expect((await deliveriesOf(story, { status: { eq: "QUEUED" } })).map(({ reason }) => reason)).toEqual(
      Array(2).fill("Waits, because the chat has got too many messages."),
    );
    await owner`update audit.notification_deliveries set bundled_at = bundled_at - interval '2 minutes' where tenant_id = ${story.acme.id} and bundled_at is not null`;
    await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${story.acme.id} and due_at is not null`;
    await weft.weft.worker.idle();
    expect(textOf(story.receiver.requests.at(-1) as Received)).toBe(
      "Acme: 2 notifications\n- Said: number 6\n- Said: number 7\nhttps://app.example",
    );
    expect(story.receiver.requests).toHaveLength(6);
  });

  test.each([404, 410])("disables the chat if it answers %i, until it has a new URL", async (status) => {
    const story = await aStory();
    const { acme, teamId, chatId, receiver } = story;
    await aRule(story);
    receiver.answer = (_request, response) => void response.writeHead(status).end("no_service");
    await say(story, "one");
    const reason = `The server answered ${status}: no_service`;
    expect(await chatsOf(acme.admin, teamId)).toMatchObject([{ id: chatId, status: "DISABLED", reason }]);
    expect(await deliveriesOf(story)).toMatchObject([{ status: "FAILED" }]);
    await say(story, "two");
    expect(await deliveriesOf(story)).toHaveLength(1);
    const entries = await owner<{ action: string }[]>`
      select action from audit.entries where tenant_id = ${acme.id} and entity_id = ${decodeId("team", teamId)} order by id`;
    expect(entries.map(({ action }) => action)).toEqual([
      "team.create",
      "team.addNotificationDestination",
      "team.disableNotificationDestination",
    ]);
    receiver.answer = (_request, response) => void response.writeHead(200).end("ok");
    await acme.admin.run(update, { input: { id: chatId, url: `${receiver.url}/hooks/new` } });
    await say(story, "three");
    expect(receiver.requests.at(-1)?.path).toBe("/hooks/new");
    expect(await chatsOf(acme.admin, teamId)).toMatchObject([{ id: chatId, status: "ACTIVE", reason: null }]);
  });
});

describe("a chat of a team", () => {
  test("is not disabled by the answer of a URL that it no longer has", async () => {
    const story = await aStory();
    const { acme, teamId, chatId, receiver } = story;
    await aRule(story);
    receiver.answer = (_request, response) =>
      void acme.admin
        .run(update, { input: { id: chatId, url: `${receiver.url}/hooks/new` } })
        .finally(() => response.writeHead(410).end("gone"));
    await say(story, "one");
    expect(await deliveriesOf(story)).toMatchObject([{ status: "FAILED" }]);
    expect(await chatsOf(acme.admin, teamId)).toMatchObject([{ status: "ACTIVE", reason: null }]);
  });

  test("is added, changed and removed by users who can update the team, or who manage notifications, and by nobody else", async () => {
    const { acme, teamId, receiver, chatId } = await aStory();
    const otherTeam = await acme.team("other");
    const lead = await aLead(acme, ["maintenance"]);
    const added = await addTo(lead, { ...input(teamId, await receivers.start()), name: " Alerts " });
    expect(added).toMatchObject({ name: "Alerts", format: "SLACK", status: "ACTIVE", reason: null, team: { id: teamId } });
    expect(await lead.run(update, { input: { id: added.id, name: "#alerts", format: "TEAMS" } })).toEqual({
      updateTeamNotificationDestination: { destination: { ...added, name: "#alerts", format: "TEAMS" } },
    });
    expect((await chatsOf(lead, teamId)).map(({ id, name }) => [id, name])).toEqual([
      [chatId, "#maintenance"],
      [added.id, "#alerts"],
    ]);
    await lead.run(remove, { input: { id: added.id } });
    const otherChat = await addTo(acme.admin, input(otherTeam, receiver));
    expect(await lead.refusal(add, { input: input(otherTeam, receiver) })).toBe("NOT_FOUND");
    expect(await lead.refusal(list, { teamId: otherTeam })).toBe("NOT_FOUND");
    for (const mutation of [update, remove, testOne])
      expect(await lead.refusal(mutation, { input: { id: otherChat.id } })).toBe("NOT_FOUND");
    const member = await acme.user("operations", { teams: ["maintenance"] });
    expect(await member.refusal(add, { input: input(teamId, receiver) })).toBe("FORBIDDEN");
    for (const mutation of [update, remove, testOne]) expect(await member.refusal(mutation, { input: { id: chatId } })).toBe("FORBIDDEN");
    const stranger = (await weft.tenant()).admin;
    expect(await stranger.refusal(add, { input: input(teamId, receiver) })).toBe("NOT_FOUND");
    expect(await stranger.refusal(list, { teamId })).toBe("NOT_FOUND");
    for (const mutation of [update, remove, testOne]) expect(await stranger.refusal(mutation, { input: { id: chatId } })).toBe("NOT_FOUND");
    expect((await chatsOf(acme.admin, teamId)).map(({ id }) => id)).toEqual([chatId]);
  });

  test("is not mistaken for that of a user, and keeps its URL secret", async () => {
    const { acme, teamId, receiver, chatId } = await aStory();
    expect((await addTo(acme.admin, { ...input(teamId, receiver), name: "Renamed" })).id).toBe(chatId);
    const one = await chatsOf(acme.admin, teamId);
    expect(one).toEqual([
      {
        id: chatId,
        name: "Renamed",
        format: "SLACK",
        host: new URL(receiver.url).host,
        status: "ACTIVE",
        reason: null,
        team: { id: teamId },
      },
    ]);
    expect(await acme.admin.run("{ notificationPreferences { destinations { id } } }")).toEqual({
      notificationPreferences: { destinations: [] },
    });
    expect(
      await acme.admin.refusal("mutation ($id: ID!) { removeNotificationDestination(input: { id: $id }) { id } }", {
        id: chatId,
      }),
    ).toBe("NOT_FOUND");
    for (const rows of [
      await owner`select * from audit.notification_destinations where tenant_id = ${acme.id}`,
      await owner`select before, after from audit.entries where tenant_id = ${acme.id}`,
      await owner`select payload from events.log where tenant_id = ${acme.id}`,
    ])
      expect(JSON.stringify(rows)).not.toContain("s3cr3t");
  });

  test("must have a URL that can be called, and that the team has only once", async () => {
    const { acme, teamId, receiver, chatId } = await aStory();
    const second = await addTo(acme.admin, { teamId, name: "B", chat: { format: "SLACK", url: `${receiver.url}/b` } });
    const inside = "http://10.0.0.1/s3cr3t";
    for (const [mutation, given] of [
      [add, { teamId, name: "N", chat: { format: "SLACK", url: inside } }],
      [update, { id: chatId, url: inside }],
    ] as const) {
      const refused = JSON.stringify(await acme.admin.refused(mutation, { input: given }));
      expect(refused).toContain("URL_FORBIDDEN");
      expect(refused).not.toContain("s3cr3t");
    }
    expect(await acme.admin.refusal(add, { input: { ...input(teamId, receiver), name: " " } })).toBe("BAD_USER_INPUT");
    expect(await acme.admin.refusal(update, { input: { id: second.id, url: `${receiver.url}/hooks/s3cr3t` } })).toBe("BAD_USER_INPUT");
  });

  test("gets a test message at once, and is disabled if it no longer exists", { tags: "slow" }, async () => {
    const { acme, chatId, receiver } = await aStory();
    expect(await acme.admin.run(testOne, { input: { id: chatId } })).toEqual({
      testTeamNotificationDestination: { isAccepted: true, error: null, destination: { status: "ACTIVE", reason: null } },
    });
    expect(receiver.requests.map(textOf)).toEqual(["This is a test\nFrom Acme on Weft\nhttps://app.example"]);
    receiver.answer = (_request, response) => void response.writeHead(500).end("broken");
    expect(await acme.admin.run(testOne, { input: { id: chatId } })).toMatchObject({
      testTeamNotificationDestination: {
        isAccepted: false,
        error: expect.stringContaining("500") as string,
        destination: { status: "ACTIVE" },
      },
    });
    receiver.answer = (_request, response) => void response.writeHead(410).end("gone");
    const reason = "The server answered 410: gone";
    expect(await acme.admin.run(testOne, { input: { id: chatId } })).toEqual({
      testTeamNotificationDestination: { isAccepted: false, error: reason, destination: { status: "DISABLED", reason } },
    });
  });

  test("must be removed before its team is deleted", async () => {
    const { acme, teamId, chatId, receiver } = await aStory();
    const refused = await acme.admin.refused(deleteTeam, { input: { id: teamId } });
    expect(refused.extensions).toMatchObject({ code: "CONFLICT", dependents: { chats: 1 } });
    await acme.admin.run(remove, { input: { id: chatId } });
    await acme.admin.run(deleteTeam, { input: { id: teamId } });
    expect(await acme.admin.refusal(add, { input: input(teamId, receiver) })).toBe("NOT_FOUND");
    expect(await acme.admin.refusal(list, { teamId })).toBe("NOT_FOUND");
  });
});
