import {
  compileMapping,
  compilePayloadSchema,
  isMapped,
  mappedPayload,
  mappedSubject,
  payloadProblems,
  type CompiledMapping,
  type MappedMessage,
} from "@weft/engine";
import {
  appendEvents,
  encodeId,
  hasPermission,
  inboundBodyOf,
  inboundFields,
  parseAnyId,
  quote,
  viewerOfUser,
  type Databases,
  type EventConsumer,
  type EventEnvelope,
  type InboundContent,
  type PersonKeyring,
  type TenantSecrets,
  type Tx,
  type Viewer,
  type WriteMeta,
} from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { ObserveAttempt } from "../../queues/attempt.js";
import { findCustomType, type CustomTypeRow } from "../types/event-type.store.js";
import { subjects } from "../publish-event.service.js";
import { isVisible } from "../subject.store.js";
import { findInboundWork, writeInboundResult, type InboundWork } from "./inbound-message.store.js";
import { INBOUND_CONSUMER, type InboundWebhookRow } from "./inbound-webhook.store.js";

/** Dependencies of the consumer of messages. */
export interface InboundServices {
  readonly databases: Pick<Databases, "auth">;
  readonly keyring: PersonKeyring;
  readonly secrets: TenantSecrets;
  readonly onAttempt?: ObserveAttempt;
}

const MAX_ERROR_CHARS = 2_000;
const MAX_SHOWN_PROBLEMS = 5;
const MAX_CACHED = 1_000;

const mappings = new LRUCache<string, CompiledMapping>({ max: MAX_CACHED });
const schemas = new LRUCache<string, ReturnType<typeof compilePayloadSchema>>({ max: MAX_CACHED });

/**
 * Turns messages of inbound webhooks into custom events. The event, the message's status and the cursor are in one transaction: each message becomes at
 * most one event, whatever crashes. A message that cannot become one fails, and does not delay the others.
 */
export const inboundConsumer = (services: InboundServices): EventConsumer => ({
  name: INBOUND_CONSUMER,
  types: ["inbound.received"],
  optInTypes: ["inboundWebhook.created"],
  handle: async (tx, event) => {
    const work = await findInboundWork(tx, String(event.payload["messageId"]));
    if (!work) return;
    const { tenantId, id } = work.message;
    const startedAt = performance.now();
    const result = await publish(tx, services, { work, event });
    const [error = null] =
      result.kind === "FAILED"
        ? await services.secrets.seal(tx, tenantId, [{ field: inboundFields.error(id), value: result.error.slice(0, MAX_ERROR_CHARS) }])
        : [];
    await writeInboundResult(tx, id, { status: result.kind, error, eventId: result.kind === "PUBLISHED" ? result.eventId : null });
    services.onAttempt?.({
      channel: "INBOUND",
      result: result.kind === "FAILED" ? "failed" : "succeeded",
      seconds: (performance.now() - startedAt) / 1_000,
    });
  },
});

type Result =
  | { readonly kind: "PUBLISHED"; readonly eventId: string }
  | { readonly kind: "IGNORED" }
  | { readonly kind: "FAILED"; readonly error: string };

const failed = (error: string): Result => ({ kind: "FAILED", error });

interface Handled {
  readonly work: InboundWork;
  readonly event: EventEnvelope;
}

async function publish(tx: Tx, services: InboundServices, { work, event }: Handled): Promise<Result> {
  const { webhook, message } = work;
  const { tenantId, userId } = webhook;
  const viewer = await viewerOfUser(services.databases.auth, { tenantId, userId, sessionId: webhook.id });
  if (viewer === null)
    return failed("The user in whose name the webhook publishes events is not active. Another user must save the webhook.");
  if (!hasPermission(viewer, "event.publish"))
    return failed("The user in whose name the webhook publishes events does not have the permission event.publish.");
  const shown = await readMessage(tx, services, message);
  const mapping = mappingOf(webhook);
  if (!isMapped(mapping, shown)) return { kind: "IGNORED" };
  const type = await findCustomType(tx, webhook.eventType);
  if (type === null) return failed(`There is no declared type ${quote(webhook.eventType)}. Declare it again, or choose another type.`);
  const payload = mappedPayload(mapping, shown);
  if (payload === null) return failed("The body is not an object. Map its values to a payload.");
  const unfit = problemOf(type, payload);
  if (unfit !== null) return failed(unfit);
  const subject = await subjectOf(tx, viewer, mappedSubject(mapping, shown), webhook.subject);
  if (typeof subject === "string") return failed(subject);
  const [eventId = ""] = await appendEvents(tx, metaOf(services, work, event), [
    {
      type: "custom.published",
      // The versions of other objects are counted by the services that change them.
      ...(subject ?? { subjectId: type.id, subjectVersion: type.version }),
      payload: { name: type.name, version: type.typeVersion, payload: payload as Record<string, never> },
    },
  ]);
  return { kind: "PUBLISHED", eventId };
}

async function readMessage(tx: Tx, { secrets }: InboundServices, message: InboundWork["message"]): Promise<MappedMessage> {
  const { id, tenantId } = message;
  const [text = ""] = await secrets.open(tx, tenantId, [{ field: inboundFields.content(id), value: message.content }]);
  const content = JSON.parse(text) as InboundContent;
  return { body: inboundBodyOf(content), headers: content.headers, receivedAt: new Date(message.receivedAt).toISOString() };
}

/** Returns the compiled mapping. Cached by version. */
function mappingOf(webhook: InboundWebhookRow): CompiledMapping {
  const key = `${webhook.id} ${webhook.version}`;
  const known = mappings.get(key);
  if (known) return known;
  const { mapping } = compileMapping(webhook);
  mappings.set(key, mapping);
  return mapping;
}

/** Returns why the payload does not fit its type, or null. */
function problemOf(type: CustomTypeRow, payload: unknown): string | null {
  const key = `${type.id} ${type.version}`;
  const compiled = schemas.get(key) ?? compilePayloadSchema(type.payloadSchema);
  schemas.set(key, compiled);
  const problems = compiled.ok ? payloadProblems(compiled.schema, payload) : compiled.problems;
  if (problems.length === 0) return null;
  const all = problems.slice(0, MAX_SHOWN_PROBLEMS).map(({ path, message }) => `${path}: ${message}`);
  return `The payload does not fit the type ${type.name}. ${all.join(" ")}`;
}

/** Returns the object that the event is about. Null if it is about its type; text: why it cannot be about the object. */
async function subjectOf(tx: Tx, viewer: Viewer, value: unknown, expression: string | null) {
  if (expression === null) return null;
  if (value === undefined || value === null) return `The subject ${quote(expression)} has no value in this message.`;
  const parsed = parseAnyId(value);
  const type = subjects.find((each) => each === parsed?.type);
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  if (!parsed || !type) return `The subject ${quote(shown)} is not an ID of one of these: ${subjects.join(", ")}.`;
  if (!(await isVisible(tx, viewer, type, parsed.uuid))) return `No ${type} with the ID ${shown} exists.`;
  return { subjectType: type, subjectId: parsed.uuid, subjectVersion: 0 };
}

/** The message's ID takes the place of the request ID. */
const metaOf = ({ keyring }: InboundServices, { webhook, message }: InboundWork, event: EventEnvelope): WriteMeta => ({
  tenantId: webhook.tenantId,
  actorId: webhook.userId,
  onBehalfOf: null,
  requestId: encodeId("inboundMessage", message.id),
  sessionId: null,
  address: null,
  traceId: event.traceId,
  causeId: event.id,
  keyring,
});
