import type { RequestListener } from "node:http";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, userWithKey } from "@weft/testkit";
import { type OwnPostgres, startOwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
let server: HttpServer;
let base: string;
let shop: OwnPostgres;
let shopSql: postgres.Sql;

/** What the server answers below a path. */
const answers = new Map<string, RequestListener>();
const requests = new Map<string, number>();

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    const path = (request.url ?? "").slice(1);
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const answer = answers.get(path);
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  base = server.url;
  shop = await startOwnPostgres({});
  shopSql = postgres(shop.url, { max: 1, onnotice: () => undefined });
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: `127.0.0.1,127.0.0.1:${shop.port}` } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
}, 120_000);

afterAll(async () => {
  await owner.end();
  await weft.stop();
  await shopSql.end();
  await shop.remove();
  await server.close();
});

const fields = `id name trigger configuration intervalSeconds eventType condition payload subject status startedAt nextPollAt lastPolledAt lastSucceededAt
  failuresInRow lastError lastErrorAt publishedCount ignoredCount failedCount version integration { id key } actsAs { id } createdBy { id }`;
const create = `mutation ($input: CreateIntegrationTriggerInput!) { createIntegrationTrigger(input: $input) { trigger { ${fields} } } }`;
const update = `mutation ($input: UpdateIntegrationTriggerInput!) { updateIntegrationTrigger(input: $input) { trigger { ${fields} } } }`;
const remove = "mutation ($input: VersionedIdInput!) { deleteIntegrationTrigger(input: $input) { id } }";
const pollNow = `mutation ($input: IdInput!) { pollIntegrationTrigger(input: $input) { trigger { ${fields} } } }`;
const one = `query ($id: ID!) { integrationTrigger(id: $id) { ${fields} } }`;
const ofIntegration = "query ($id: ID!) { integration(id: $id) { health failuresInRow lastError triggers { id name } } }";
const createIntegration = "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }";
const updateIntegration = "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { integration { id } } }";
const removeIntegration = "mutation ($input: VersionedIdInput!) { deleteIntegration(input: $input) { id } }";
const declare = "mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }";
const published = `{ events(filter: { type: { eq: "custom.order.placed" } }, orderBy: { field: ID, direction: ASC }, first: 100) {
  edges { node { payload correlationId actor { id } } } } }`;

const orderPlaced = {
  name: "custom.order.placed",
  description: "An order of the shop was placed.",
  payloadSchema: { type: "object", properties: { id: { type: "integer" }, title: { type: "string" } }, required: ["id"] },
};

interface Trigger extends Record<string, unknown> {
  readonly id: string;
  readonly version: number;
}
interface Event {
  readonly payload: Record<string, unknown>;
  readonly correlationId: string;
  readonly actor: { readonly id: string };
}

let number = 0;

/** A list of a service, with an integration that reads it. */
class Shop {
  readonly path = `orders-${++number}`;
  items: object[] = [];
  integrationId = "";

  private constructor(
    readonly tenant: TestTenant,
    readonly admin: TestUser,
  ) {}

  static async open({ isDeclared = true } = {}): Promise<Shop> {
    const tenant = await weft.tenant();
    const opened = new Shop(tenant, tenant.admin);
    opened.answers();
    if (isDeclared) await opened.admin.run(declare, { input: orderPlaced });
    const input = { key: "shop", name: "Shop", connector: "HTTP", configuration: { baseUrl: base }, credentials: { type: "NONE" } };
    const created = await opened.admin.run<{ createIntegration: { integration: { id: string } } }>(createIntegration, { input });
    opened.integrationId = created.createIntegration.integration.id;
    return opened;
  }

  /** Lets the service answer with its items. */
  answers(): void {
    answers.set(this.path, (_request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ orders: this.items })),
    );
  }

  input(more: object = {}): object {
    return {
      integrationId: this.integrationId,
      name: "Orders",
      trigger: "newItems",
      configuration: { path: this.path, items: "/orders" },
      intervalSeconds: 3600,
      eventType: "custom.order.placed",
      ...more,
    };
  }

  async trigger(more: object = {}, who = this.admin): Promise<Trigger> {
    const created = await who.run<{ createIntegrationTrigger: { trigger: Trigger } }>(create, { input: this.input(more) });
    return created.createIntegrationTrigger.trigger;
  }

  async read(id: string): Promise<Trigger> {
    return (await this.admin.run<{ integrationTrigger: Trigger }>(one, { id })).integrationTrigger;
  }

  /** A trigger whose first poll has succeeded. */
  async started(more: object = {}): Promise<Trigger> {
    const { id } = await this.trigger(more);
    await weft.weft.worker.idle();
    return this.read(id);
  }

  async poll(id: string): Promise<Trigger> {
    await this.admin.run(pollNow, { input: { id } });
    await weft.weft.worker.idle();
    return this.read(id);
  }

  async change(id: string, more: object, who = this.admin): Promise<Trigger> {
    const { updateIntegrationTrigger } = await who.run<{ updateIntegrationTrigger: { trigger: Trigger } }>(update, {
      input: { id, ...more },
    });
    return updateIntegrationTrigger.trigger;
  }

  async events(): Promise<Event[]> {
    await weft.weft.worker.idle();
    return (await this.admin.run<{ events: { edges: { node: Event }[] } }>(published)).events.edges.map(({ node }) => node);
  }

  async payloads(): Promise<object[]> {
    return (await this.events()).map(({ payload }) => payload);
  }

  async problems(more: object): Promise<unknown> {
    return (await this.admin.refused(create, { input: this.input(more) })).extensions?.["problems"];
  }
}

describe("a trigger", () => {
  test("publishes nothing that exists at the first poll, and each new item once", { tags: "slow" }, async () => {
    const shopOf = await Shop.open();
    shopOf.items = [{ id: 1, title: "Desk" }];
    const { id, startedAt, lastSucceededAt, publishedCount } = await shopOf.started();
    expect(startedAt).toBe(lastSucceededAt);
    expect([publishedCount, await shopOf.events()]).toEqual([0, []]);
    shopOf.items.push({ id: 2, title: "Chair" }, { id: 3, title: "Lamp" });
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 2, ignoredCount: 0, failedCount: 0, failuresInRow: 0, lastError: null });
    await shopOf.poll(id);
    expect(await shopOf.events()).toMatchObject([
      { payload: { id: 2, title: "Chair" }, correlationId: id, actor: { id: shopOf.admin.id } },
      { payload: { id: 3, title: "Lamp" }, correlationId: id, actor: { id: shopOf.admin.id } },
    ]);
  });

  test("publishes what exists if it starts from the beginning", { tags: "slow" }, async () => {
    const shopOf = await Shop.open();
    shopOf.items = [{ id: 1 }, { id: 2 }];
    const { id } = await shopOf.started({ isFromBeginning: true });
    expect(await shopOf.payloads()).toEqual([{ id: 1 }, { id: 2 }]);
    await shopOf.change(id, { isFromBeginning: true });
    await weft.weft.worker.idle();
    expect(await shopOf.payloads()).toEqual([{ id: 1 }, { id: 2 }, { id: 1 }, { id: 2 }]);
    await shopOf.poll(id);
    expect((await shopOf.payloads()).length).toBe(4);
  });

  test("publishes new rows of a PostgreSQL database", { tags: "slow" }, async () => {
    const shopOf = await Shop.open();
    await shopSql`create table orders (id bigint primary key, title text)`;
    await shopSql`insert into orders values (1, 'Desk')`;
    const { username, password } = new URL(shop.url);
    const created = await shopOf.admin.run<{ createIntegration: { integration: { id: string } } }>(createIntegration, {
      input: {
        key: "warehouse",
        name: "Warehouse",
        connector: "POSTGRESQL",
        configuration: { host: "127.0.0.1", port: shop.port, database: "postgres", security: "NONE" },
        credentials: { user: username, password: decodeURIComponent(password) },
      },
    });
    const { id } = await shopOf.started({
      integrationId: created.createIntegration.integration.id,
      trigger: "newRows",
      configuration: { sql: "select id, title from orders", cursorColumn: "id" },
    });
    await shopSql`insert into orders select n, 'Chair' from generate_series(2, 120) n`;
    // At most 100 at a time; the rest follows.
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 100 });
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 119 });
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 119 });
    const [first, last] = [(await shopOf.payloads()).at(0), (await shopOf.payloads()).at(99)];
    expect([first, last]).toEqual([
      { id: 2, title: "Chair" },
      { id: 101, title: "Chair" },
    ]);
  });

  test("maps items to payloads, and ignores those for which the condition does not hold", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started({ condition: "body.total > 100", payload: { id: "body.id", title: "body.name" } });
    shopOf.items = [
      { id: 1, name: "Pen", total: 2 },
      { id: 2, name: "Desk", total: 200 },
    ];
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 1, ignoredCount: 1, failedCount: 0 });
    expect(await shopOf.payloads()).toEqual([{ id: 2, title: "Desk" }]);
  });

  test("counts an item that does not fit the type, and publishes the others", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    shopOf.items = [{ id: 1 }, { id: "two" }, { id: 3, title: "a\u0000b" }, { id: 4 }];
    const { lastError, ...shown } = await shopOf.poll(id);
    expect(shown).toMatchObject({ publishedCount: 2, failedCount: 2, failuresInRow: 0 });
    expect(lastError).toContain('The item "two" was not published. The payload does not fit the type custom.order.placed. payload.id:');
    expect(await shopOf.payloads()).toEqual([{ id: 1 }, { id: 4 }]);
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 2, failedCount: 2 });
    const [row] = await owner<{ last_error: string; cursor: string }[]>`
      select last_error, cursor from events.integration_triggers where tenant_id = ${shopOf.tenant.id}`;
    // Encrypted: both can contain values of the other system.
    expect(row?.last_error).not.toContain("two");
    expect(row?.cursor).not.toContain("seen");
  });

  test("waits longer after each failure of the system, which is shown, and loses nothing", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    shopOf.items = [{ id: 1 }];
    answers.set(shopOf.path, (_request, response) => response.writeHead(503).end("overloaded"));
    const waits: number[] = [];
    for (let failures = 1; failures <= 3; failures++) {
      const { nextPollAt, lastErrorAt, ...shown } = await shopOf.poll(id);
      expect(shown).toMatchObject({ failuresInRow: failures, lastError: "The server answered 503: overloaded" });
      waits.push(Math.round((Date.parse(String(nextPollAt)) - Date.parse(String(lastErrorAt))) / 1_000));
    }
    expect(waits).toEqual([60, 120, 240]);
    expect(await shopOf.admin.run(ofIntegration, { id: shopOf.integrationId })).toMatchObject({
      integration: { health: "UNHEALTHY", failuresInRow: 3 },
    });
    await owner`update events.integration_triggers set failures_in_row = 60 where tenant_id = ${shopOf.tenant.id}`;
    const late = await shopOf.poll(id);
    expect(Date.parse(String(late["nextPollAt"])) - Date.parse(String(late["lastErrorAt"]))).toBe(3_600_000);
    shopOf.answers();
    expect(await shopOf.poll(id)).toMatchObject({ failuresInRow: 0, publishedCount: 1 });
    expect(await shopOf.admin.run(ofIntegration, { id: shopOf.integrationId })).toMatchObject({
      integration: { health: "HEALTHY", failuresInRow: 0 },
    });
    expect(await shopOf.payloads()).toEqual([{ id: 1 }]);
  });

  test("is not polled while its integration is blocked after repeated failures", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    answers.set(shopOf.path, (_request, response) => response.writeHead(503).end());
    for (let failures = 1; failures <= 5; failures++) await shopOf.poll(id);
    const asked = requests.get(shopOf.path);
    await shopOf.poll(id);
    expect(requests.get(shopOf.path)).toBe(asked);
  });

  test("drops the result of a poll that another worker has taken over", { tags: "slow" }, async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    shopOf.items = [{ id: 1 }];
    const held: (() => void)[] = [];
    answers.set(shopOf.path, (_request, response) => {
      held.push(() => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ orders: [{ id: 1 }] })));
    });
    await shopOf.admin.run(pollNow, { input: { id } });
    await until(() => held.length === 1, { what: "the first worker polls" });
    // As if the first worker had died: its lease ends.
    await owner`update events.integration_triggers set next_poll_at = now() where tenant_id = ${shopOf.tenant.id}`;
    await until(() => held.length === 2, { what: "another worker has taken the poll over" });
    held[1]?.();
    await until(async () => (await shopOf.read(id))["publishedCount"] === 1, { what: "its item is published" });
    held[0]?.();
    expect(await shopOf.payloads()).toEqual([{ id: 1 }]);
    expect(await shopOf.read(id)).toMatchObject({ publishedCount: 1 });
  });

  test("loses and doubles nothing if the transaction with the events and the cursor fails", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    shopOf.items = [{ id: 1 }];
    await owner.unsafe(`
      create function events.refuse_cursor() returns trigger language plpgsql as $$ begin raise exception 'the commit is lost'; end $$;
      create trigger refuse_cursor before update on events.integration_triggers for each row
        when (new.tenant_id = '${shopOf.tenant.id}' and new.claim_token is null and new.last_succeeded_at <> old.last_succeeded_at)
        execute function events.refuse_cursor()`);
    await shopOf.poll(id);
    expect(await shopOf.payloads()).toEqual([]);
    await owner.unsafe("drop function events.refuse_cursor cascade");
    await owner`update events.integration_triggers set next_poll_at = now() where tenant_id = ${shopOf.tenant.id}`;
    expect(await shopOf.poll(id)).toMatchObject({ publishedCount: 1 });
    expect(await shopOf.payloads()).toEqual([{ id: 1 }]);
  });

  test("keeps its items while events cannot be published, because the type is gone or the user may not", async () => {
    const shopOf = await Shop.open();
    const developer = await shopOf.tenant.user("admin");
    const { id } = await shopOf.trigger({}, developer);
    await weft.weft.worker.idle();
    shopOf.items = [{ id: 1 }];
    await owner`update events.custom_types set deleted_at = now() where tenant_id = ${shopOf.tenant.id}`;
    expect(await shopOf.poll(id)).toMatchObject({
      failuresInRow: 1,
      lastError: 'There is no declared type "custom.order.placed". Declare it again, or choose another type.',
    });
    await shopOf.admin.run(declare, { input: orderPlaced });
    await shopOf.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: developer.id });
    expect(await shopOf.poll(id)).toMatchObject({ failuresInRow: 2, lastError: expect.stringContaining("is not active") as unknown });
    expect(await shopOf.change(id, { name: "Taken over" })).toMatchObject({
      actsAs: { id: shopOf.admin.id },
      createdBy: { id: developer.id },
    });
    await weft.weft.worker.idle();
    expect(await shopOf.payloads()).toEqual([{ id: 1 }]);
  });
});

describe("polls stop", () => {
  test.each([
    ["the trigger is paused", "update events.integration_triggers set status = 'PAUSED' where tenant_id = $1", "ACTIVE"],
    ["the integration is paused", "update events.integrations set status = 'PAUSED' where tenant_id = $1", "ACTIVE"],
    ["the tenant is suspended", "update identity.tenants set status = 'SUSPENDED' where tenant_id = $1", "SUSPENDED"],
  ])("when %s, and the result of one that runs is dropped", async (_, stop) => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    const held: (() => void)[] = [];
    answers.set(shopOf.path, (_request, response) => {
      held.push(() => response.writeHead(200, { "content-type": "application/json" }).end('{"orders":[{"id":1}]}'));
    });
    await shopOf.admin.run(pollNow, { input: { id } });
    await until(() => held.length === 1, { what: "a poll runs" });
    await owner.unsafe(stop, [shopOf.tenant.id]);
    held[0]?.();
    await weft.weft.worker.idle();
    await owner`update events.integration_triggers set next_poll_at = now() where tenant_id = ${shopOf.tenant.id}`;
    await weft.weft.worker.idle();
    expect(held.length).toBe(1);
    expect(await owner`select from events.log where tenant_id = ${shopOf.tenant.id} and type = 'custom.published'`).toHaveLength(0);
    // Afterwards it continues where it was.
    await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${shopOf.tenant.id}`;
    await owner`update events.integrations set status = 'ACTIVE' where tenant_id = ${shopOf.tenant.id}`;
    await owner`update events.integration_triggers set status = 'ACTIVE' where tenant_id = ${shopOf.tenant.id}`;
    shopOf.items = [{ id: 1 }];
    shopOf.answers();
    await weft.weft.worker.idle();
    expect(await owner`select from events.log where tenant_id = ${shopOf.tenant.id} and type = 'custom.published'`).toHaveLength(1);
  });

  test("when the integration is deleted, with its triggers", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    await shopOf.admin.run(removeIntegration, { input: { id: shopOf.integrationId } });
    expect(await shopOf.admin.refusal(one, { id })).toBe("NOT_FOUND");
  });

  test("when the trigger is deleted", async () => {
    const shopOf = await Shop.open();
    const { id, version } = await shopOf.started();
    expect(await shopOf.admin.refusal(remove, { input: { id, expectedVersion: version + 1 } })).toBe("CONFLICT");
    expect(await shopOf.admin.run(remove, { input: { id } })).toEqual({ deleteIntegrationTrigger: { id: id } });
    expect(await shopOf.admin.run(ofIntegration, { id: shopOf.integrationId })).toMatchObject({ integration: { triggers: [] } });
  });
});

describe("a change", () => {
  test("of the configuration starts again, without what exists", async () => {
    const shopOf = await Shop.open();
    const { id, version } = await shopOf.started();
    shopOf.items = [{ id: 1 }];
    const configuration = { path: shopOf.path, items: "/orders", query: { page: 1 } };
    answers.set(`${shopOf.path}?page=1`, (request, response) => answers.get(shopOf.path)?.(request, response));
    expect(await shopOf.change(id, { configuration, expectedVersion: version })).toMatchObject({ startedAt: null, version: version + 1 });
    await weft.weft.worker.idle();
    expect(await shopOf.payloads()).toEqual([]);
    shopOf.items.push({ id: 2 });
    await shopOf.poll(id);
    expect(await shopOf.payloads()).toEqual([{ id: 2 }]);
    expect(await shopOf.admin.refusal(update, { input: { id, name: "Late", expectedVersion: version } })).toBe("CONFLICT");
  });

  test("of the configuration of the integration starts again, too", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    shopOf.items = [{ id: 1 }];
    await shopOf.admin.run(updateIntegration, {
      input: { id: shopOf.integrationId, configuration: { baseUrl: base, headers: { "x-account": "2" } } },
    });
    await weft.weft.worker.idle();
    expect(await shopOf.payloads()).toEqual([]);
    shopOf.items.push({ id: 2 });
    await shopOf.poll(id);
    expect(await shopOf.payloads()).toEqual([{ id: 2 }]);
  });

  test("of the integration makes the triggers publish in the name of who changed it, who must be allowed to publish", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    const permissions = ["integration.read", "integration.manage"].map((permission) => ({ permission, scope: "TENANT" }));
    await shopOf.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "integrator", name: "I", permissions },
    });
    const [integrator, other] = [await shopOf.tenant.user("requester", { roles: ["integrator"] }), await shopOf.tenant.user("admin")];
    const input = { id: shopOf.integrationId, credentials: { type: "BEARER", token: "another" } };
    expect(await integrator.refusal(updateIntegration, { input })).toBe("FORBIDDEN");
    await integrator.run(updateIntegration, { input: { id: shopOf.integrationId, name: "Renamed" } });
    expect(await shopOf.read(id)).toMatchObject({ actsAs: { id: shopOf.admin.id } });
    await other.run(updateIntegration, { input });
    expect(await shopOf.read(id)).toMatchObject({ actsAs: { id: other.id } });
  });

  test("of the integration is refused to an API key, with whose rights the triggers would not publish", async () => {
    const shopOf = await Shop.open();
    await shopOf.started();
    const program = await userWithKey(shopOf.admin, ["integration.read", "integration.manage", "event.publish"]);
    const input = { id: shopOf.integrationId, credentials: { type: "BEARER", token: "another" } };
    expect((await program.refused(updateIntegration, { input })).message).toContain("all rights of their user");
    await program.run(updateIntegration, { input: { id: shopOf.integrationId, name: "Renamed" } });
  });

  test("of the status keeps the user in whose name events are published", async () => {
    const shopOf = await Shop.open();
    const other = await shopOf.tenant.user("admin");
    const { id } = await shopOf.started();
    expect(await shopOf.change(id, { status: "PAUSED" }, other)).toMatchObject({
      status: "PAUSED",
      nextPollAt: null,
      actsAs: { id: shopOf.admin.id },
    });
    expect(await shopOf.admin.refusal(pollNow, { input: { id } })).toBe("CONFLICT");
    expect(await shopOf.change(id, { status: "ACTIVE", intervalSeconds: 60 }, other)).toMatchObject({ actsAs: { id: other.id } });
  });

  test("is audited, without secrets", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    await shopOf.change(id, { name: "Renamed" });
    const audited = JSON.stringify(await shopOf.admin.run("{ auditEntries(first: 10) { edges { node { action before after } } } }"));
    for (const action of ["integrationTrigger.create", "integrationTrigger.update"]) expect(audited).toContain(action);
    const [row] = await owner<{ cursor: string }[]>`select cursor from events.integration_triggers where tenant_id = ${shopOf.tenant.id}`;
    expect(audited).not.toContain(row?.cursor ?? "none");
  });
});

test("credentials that cannot be decrypted fail the polls of their integration, and delay no others", async () => {
  const [broken, sound] = [await Shop.open(), await Shop.open()];
  const [{ id }, { id: soundId }] = [await broken.started(), await sound.started()];
  await owner`update events.integrations set credentials = reverse(credentials) where tenant_id = ${broken.tenant.id}`;
  sound.items.push({ id: 1 });
  await broken.admin.run(pollNow, { input: { id } });
  await sound.poll(soundId);
  expect(await sound.payloads()).toEqual([{ id: 1 }]);
  expect(await broken.read(id)).toMatchObject({ failuresInRow: 1, lastError: expect.stringContaining("cannot be decrypted") as string });
});

describe("invalid input", () => {
  test("is refused with the path of each field", async () => {
    const shopOf = await Shop.open();
    expect(await shopOf.problems({ configuration: { path: 1, items: "orders" } })).toMatchObject([
      { path: "input.configuration.path" },
      { path: "input.configuration.items" },
    ]);
    expect(await shopOf.problems({ intervalSeconds: 59, payload: { id: "nothing" }, eventType: "custom.order.place" })).toMatchObject([
      { path: "input.intervalSeconds" },
      { path: "input.payload.id" },
      { path: "input.eventType", message: expect.stringContaining("custom.order.placed") as unknown },
    ]);
    expect(await shopOf.problems({ intervalSeconds: 86_401 })).toMatchObject([{ path: "input.intervalSeconds" }]);
    expect(await shopOf.problems({ name: " ", condition: "x".repeat(2_001) })).toMatchObject([
      { path: "input.name" },
      { path: "input.condition" },
    ]);
    expect(await shopOf.problems({ trigger: "newRows" })).toEqual([
      expect.objectContaining({ path: "input.trigger", message: 'The integration has no trigger "newRows". Its triggers: newItems.' }),
    ]);
  });

  test("is refused when a trigger is changed, too", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    const refused = await shopOf.admin.refused(update, { input: { id, configuration: { items: "orders" }, intervalSeconds: 1 } });
    expect(refused.extensions?.["problems"]).toMatchObject([{ path: "input.configuration.items" }, { path: "input.intervalSeconds" }]);
  });

  test("cannot exceed 20 triggers of an integration", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.trigger();
    await shopOf.change(id, { status: "PAUSED" });
    await owner.unsafe(
      `insert into events.integration_triggers (tenant_id, id, integration_id, name, trigger, configuration, interval_seconds, event_type, status, user_id, created_by)
       select tenant_id, gen_random_uuid(), integration_id, name, trigger, configuration, interval_seconds, event_type, status, user_id, created_by
         from events.integration_triggers, generate_series(1, 19) where tenant_id = $1`,
      [shopOf.tenant.id],
    );
    expect(await shopOf.admin.refusal(create, { input: shopOf.input() })).toBe("LIMIT_EXCEEDED");
  });
});

describe("access", () => {
  test("requires the permissions of integrations, and that of the events that are published", async () => {
    const shopOf = await Shop.open();
    const { id } = await shopOf.started();
    const requester = await shopOf.tenant.user("requester");
    expect(await requester.refusal(one, { id })).toBe("FORBIDDEN");
    expect(await requester.refusal(create, { input: shopOf.input() })).toBe("FORBIDDEN");
    const permissions = ["integration.read", "integration.manage"].map((key) => ({ permission: key, scope: "TENANT" }));
    await shopOf.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "connector", name: "Connector", permissions },
    });
    const connector = await shopOf.tenant.user("connector");
    expect(await connector.refusal(create, { input: shopOf.input() })).toBe("FORBIDDEN");
    expect(await connector.refusal(update, { input: { id, condition: "true" } })).toBe("FORBIDDEN");
    expect(await shopOf.change(id, { status: "PAUSED" }, connector)).toMatchObject({ status: "PAUSED" });
  });

  test("is limited to the tenant", async () => {
    const [mine, theirs] = [await Shop.open(), await Shop.open()];
    const { id } = await mine.started();
    const other = theirs.admin;
    expect(await other.refusal(one, { id })).toBe("NOT_FOUND");
    expect(await other.refusal(update, { input: { id, name: "Theirs" } })).toBe("NOT_FOUND");
    expect(await other.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await other.refusal(pollNow, { input: { id } })).toBe("NOT_FOUND");
    expect(await other.refusal(create, { input: { ...theirs.input(), integrationId: mine.integrationId } })).toBe("NOT_FOUND");
    mine.items = [{ id: 1 }];
    await mine.poll(id);
    expect(await theirs.payloads()).toEqual([]);
  });

  test("shows the triggers of each connector with their schemas", async () => {
    const shopOf = await Shop.open();
    const { connectors } = await shopOf.admin.run<{
      connectors: { key: string; triggers: { key: string; configurationSchema: object }[] }[];
    }>("{ connectors { key triggers { key description configurationSchema itemSchema } } }");
    const keys = Object.fromEntries(connectors.map(({ key, triggers }) => [key, triggers.map((one) => one.key)]));
    expect(keys).toMatchObject({ HTTP: ["newItems"], POSTGRESQL: ["newRows"], SMTP: [] });
    expect(connectors[0]?.triggers[0]?.configurationSchema).toMatchObject({ properties: { items: { type: "string" } } });
  });

  test("costs the same number of statements for many integrations as for one", async () => {
    const shopOf = await Shop.open();
    await shopOf.started();
    const list = "{ integrations(first: 50) { edges { node { id triggers { id lastError integration { key } } } } } }";
    const count = () => weft.statementCount(() => shopOf.admin.run(list));
    const before = await count();
    const input = { key: "second", name: "Second", connector: "HTTP", configuration: { baseUrl: base }, credentials: { type: "NONE" } };
    const second = await shopOf.admin.run<{ createIntegration: { integration: { id: string } } }>(createIntegration, { input });
    await shopOf.started({ integrationId: second.createIntegration.integration.id });
    await shopOf.started({ integrationId: second.createIntegration.integration.id });
    expect(await count()).toBe(before);
  });
});
