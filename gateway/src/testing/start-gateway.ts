import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { generateKeys, type Keys, loadConfig, type SettingName } from "@weft/platform/config";
import { openDatabases } from "@weft/platform/db";
import { createLogger } from "@weft/platform/logging";
import { personKeyring } from "@weft/platform/privacy";
import { inProcessPubSub, type PubSub } from "@weft/platform/pubsub";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";
import { importJWK, SignJWT } from "jose";
import { postgres } from "@weft/pg-driver";
import { composeSupergraph } from "../federation/federation.js";
import { createGateway } from "../gateway.js";
import type { Gateway, GatewayOptions } from "../gateway.js";
import { people, requests } from "./subgraphs.js";

/** A gateway over the two small subgraphs, with its own database. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly url: string;
  readonly keys: Keys;
  readonly pubsub: PubSub;
  readonly services: Services;
  /** As the owner of the database, bypassing all rules. */
  readonly sql: postgres.Sql;
  person(given?: { permissions?: Record<string, string>; tenantId?: string }): Promise<TestPerson>;
  /** Writes an event as if the relay had numbered it. Publishes it unless told otherwise. */
  emit(tenantId: string, options?: { type?: EventEnvelope["type"]; subjectId?: string; isPublished?: boolean }): Promise<EventEnvelope>;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Runs an operation. Returns the body of the response. */
  run(query: string, options?: { token?: string; variables?: Record<string, unknown> }): Promise<TestAnswer>;
  stop(): Promise<void>;
}

export interface TestAnswer {
  readonly data?: Record<string, never> | null;
  readonly errors?: readonly { message: string; path?: readonly (string | number)[]; extensions?: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

export interface TestPerson {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
  /** Creates a token with modified claims or header members. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** The parts of a cloned database that this function needs. */
interface Database {
  readonly ownerUrl: string;
  readonly socketUrls: { readonly appUrl: string; readonly authUrl: string };
  drop(): Promise<void>;
}

export async function startTestGateway(
  database: Database,
  options: {
    settings?: Partial<Record<SettingName, string | number>>;
    gateway?: (services: Services) => Promise<Partial<GatewayOptions>> | Partial<GatewayOptions>;
  } = {},
): Promise<TestGateway> {
  const keys = generateKeys();
  const { appUrl, authUrl } = database.socketUrls;
  const urls = { DATABASE_URL: appUrl, DATABASE_AUTH_URL: authUrl, DATABASE_POOL_SIZE: 4, DATABASE_AUTH_POOL_SIZE: 2 };
  const unlimited = { LIMIT_REFUSALS_PER_SECOND: 1_000_000, LIMIT_RATE_USER: "none", LIMIT_RATE_API_KEY: "none" };
  const config = loadConfig({}, { PORT: 0, LOG_LEVEL: "silent", ...unlimited, ...urls, ...options.settings });
  const databases = await openDatabases(config.database);
  const sql = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined });
  const pubsub = inProcessPubSub();
  const log = createLogger(config);
  const services: Services = {
    config,
    keys,
    log,
    databases,
    pubsub,
    keyring: personKeyring(oneMasterKey(keys.masterKey)),
    secrets: tenantSecrets(oneMasterKey(keys.masterKey)),
  };
  const subgraphs = [people(), requests()];
  const gateway = await createGateway({
    ...services,
    supergraphSdl: composeSupergraph(subgraphs),
    subgraphs: subgraphs.map((subgraph) => ({ kind: "inProcess", name: subgraph.name, subgraph, services })),
    explorer: { operations: [{ name: "hello", group: "Tests", source: "# </script><script>alert(1)</script>\n{ greeting }" }] },
    ...(await options.gateway?.(services)),
  });
  await gateway.listen();
  const { url } = gateway;
  const privateKey = await importJWK(keys.access.privateJwk, "EdDSA");

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  return {
    gateway,
    url,
    keys,
    pubsub,
    services,
    sql,
    post,
    run: async (query, { token, variables = {} } = {}) =>
      (await (await post({ query, variables }, token === undefined ? {} : { authorization: `Bearer ${token}` })).json()) as TestAnswer,
    person: async ({ permissions = {}, tenantId = newId() } = {}) => {
      const [userId, sessionId, roleId] = [newId(), newId(), newId()];
      const name = `u${userId.slice(-12)}`;
      await sql.begin(async (tx) => {
        await tx`insert into identity.tenants (tenant_id, slug, name) values (${tenantId}, ${`t-${tenantId}`}, 'Test') on conflict do nothing`;
        await tx`insert into identity.users (tenant_id, id, email, username, name) values (${tenantId}, ${userId}, ${`${name}@example.com`}, ${name}, 'Ada')`;
        await tx`insert into identity.roles (tenant_id, id, key, name) values (${tenantId}, ${roleId}, ${`r-${name}`}, 'Role')`;
        await tx`insert into identity.role_ancestors (tenant_id, role_id, ancestor_id) values (${tenantId}, ${roleId}, ${roleId})`;
        await tx`insert into identity.user_roles (tenant_id, user_id, role_id) values (${tenantId}, ${userId}, ${roleId})`;
        for (const [permission, scope] of Object.entries(permissions)) {
          await tx`insert into identity.role_permissions (tenant_id, role_id, permission, scope) values (${tenantId}, ${roleId}, ${permission}, ${scope})`;
        }
        await tx`insert into identity.sessions (tenant_id, id, user_id, expires_at) values (${tenantId}, ${sessionId}, ${userId}, now() + interval '1 hour')`;
      });
      const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> => {
        const now = Math.floor(Date.now() / 1_000);
        return new SignJWT({
          sub: userId,
          tid: tenantId,
          sid: sessionId,
          iss: "weft",
          aud: "weft-api",
          iat: now,
          exp: now + 900,
          ...claims,
        })
          .setProtectedHeader({ alg: "EdDSA", kid: keys.access.kid, typ: "at+jwt", ...header })
          .sign(privateKey);
      };
      return { tenantId, userId, sessionId, token: await sign(), sign };
    },
    emit: async (tenantId, { type = "request.created", subjectId = newId(), isPublished = true } = {}) => {
      const subjectType = type.split(".")[0] ?? "";
      const id = newId();
      const occurredAt = new Date().toISOString();
      const position = await sql.begin(async (tx) => {
        await tx`insert into events.log (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
          values (${tenantId}, ${id}, ${type}, 1, ${subjectType}, ${subjectId}, 1, '{}', '{}', ${newId()}, 'test-request', ${occurredAt})`;
        const [head] = await tx<{ position: string }[]>`insert into events.position_heads (tenant_id, position) values (${tenantId}, 1)
          on conflict (tenant_id) do update set position = position_heads.position + 1 returning position`;
        await tx`insert into events.positions (tenant_id, position, event_id) values (${tenantId}, ${head?.position ?? 0}, ${id})`;
        return Number(head?.position);
      });
      const event: EventEnvelope = {
        id,
        tenantId,
        position,
        occurredAt,
        type,
        typeVersion: 1,
        subjectType,
        subjectId,
        subjectVersion: 1,
        related: {},
        payload: {},
        actorId: newId(),
        onBehalfOf: null,
        causeId: null,
        requestId: "test-request",
        traceId: null,
      };
      if (isPublished) await pubsub.publish("events", JSON.stringify(event));
      return event;
    },
    stop: async () => {
      await gateway.drain();
      await pubsub.close();
      await databases.close();
      await sql.end();
      await database.drop();
    },
  };
}
