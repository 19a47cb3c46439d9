/** Turns messages of other systems into custom events: those that inbound webhooks receive, and items that triggers of integrations poll. */
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
import { quote } from "@weft/shared/errors";
import { parseAnyId } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import type { Databases, Tx } from "@weft/platform/db";
import type { AnyNewEvent } from "@weft/platform/events";
import { viewerOfUser } from "@weft/platform/rights";
import { LRUCache } from "lru-cache";
import { subjects } from "../publish-event.service.js";
import { isVisible } from "../subject.store.js";
import { findCustomType, type CustomTypeRow } from "../types/event-type.store.js";

const MAX_SHOWN_PROBLEMS = 5;
const MAX_CACHED = 1_000;

const mappings = new LRUCache<string, CompiledMapping>({ max: MAX_CACHED });
const schemas = new LRUCache<string, ReturnType<typeof compilePayloadSchema>>({ max: MAX_CACHED });

/** The row that says how messages become events. */
export interface MappingRow {
  readonly tenantId: string;
  readonly id: string;
  /** Incremented when an expression changes. */
  readonly version: number;
  /** The user in whose name the events are published. */
  readonly userId: string;
  readonly eventType: string;
  readonly condition: string;
  readonly payload: unknown;
  readonly subject: string | null;
}

/** `FAILED`: the message cannot become an event. */
export type Mapped =
  | { readonly kind: "EVENT"; readonly event: AnyNewEvent }
  | { readonly kind: "IGNORED" }
  | { readonly kind: "FAILED"; readonly error: string };

const failed = (error: string): Mapped => ({ kind: "FAILED", error });

/** Returns the current rights of the user in whose name events are published. Text: why none can be. @param noun of the row, for the text */
export async function publisherOf(
  { auth }: Pick<Databases, "auth">,
  { tenantId, id, userId }: Pick<MappingRow, "tenantId" | "id" | "userId">,
  noun: "webhook" | "trigger",
): Promise<Viewer | string> {
  const viewer = await viewerOfUser(auth, { tenantId, userId, sessionId: id });
  if (viewer === null) return `The user in whose name the ${noun} publishes events is not active. Another user must save the ${noun}.`;
  if (!hasPermission(viewer, "event.publish"))
    return `The user in whose name the ${noun} publishes events does not have the permission event.publish.`;
  return viewer;
}

/** Returns the declared type of the events. Null if it was deleted. */
export const typeOfEvents = (tx: Tx, { eventType }: Pick<MappingRow, "eventType">): Promise<CustomTypeRow | null> =>
  findCustomType(tx, eventType);

/** Returns why events of the type of that name cannot be published. */
export const undeclaredType = (name: string): string =>
  `There is no declared type ${quote(name)}. Declare it again, or choose another type.`;

export interface Mapping {
  readonly row: MappingRow;
  /** The declared type of the events. Null if it was deleted. */
  readonly type: CustomTypeRow | null;
  /** The user in whose name the events are published. The object that an event is about must be visible to them. */
  readonly publisher: Viewer;
}

/** Returns what becomes of a message. */
export async function mappedEvent(tx: Tx, { row, type, publisher }: Mapping, message: MappedMessage): Promise<Mapped> {
  const mapping = mappingOf(row);
  if (!isMapped(mapping, message)) return { kind: "IGNORED" };
  if (type === null) return failed(undeclaredType(row.eventType));
  const payload = mappedPayload(mapping, message);
  if (payload === null) return failed("The body is not an object. Map its values to a payload.");
  const unfit = problemOf(type, payload);
  if (unfit !== null) return failed(unfit);
  const subject = await subjectOf(tx, publisher, mappedSubject(mapping, message), row.subject);
  if (typeof subject === "string") return failed(subject);
  const event: AnyNewEvent = {
    type: "custom.published",
    // The versions of other objects are counted by the services that change them.
    ...(subject ?? { subjectId: type.id, subjectVersion: type.version }),
    payload: { name: type.name, version: type.typeVersion, payload: payload as Record<string, never> },
  };
  return { kind: "EVENT", event };
}

/** Returns the compiled mapping. Cached by version. */
function mappingOf(row: MappingRow): CompiledMapping {
  const key = `${row.id} ${row.version}`;
  const known = mappings.get(key);
  if (known) return known;
  const { mapping } = compileMapping(row);
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
