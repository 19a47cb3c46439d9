import { BadUserInput, quote } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import type { AccessibleType } from "@weft/platform/access";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { getDeclaredType } from "./types/event-type.service.js";
import { assertPayload } from "./types/payload.js";
import type { PublishEventInput, PublishEventPayload } from "./event.input.js";
import { isVisible } from "./subject.store.js";

/** Types of objects that a custom event can be about. */
export const subjects: readonly AccessibleType[] = ["request", "instance", "task", "project", "building", "asset", "vendor", "contract"];

interface Subject {
  readonly type: AccessibleType;
  readonly uuid: string;
}

/** Publishes a custom event. @throws BadUserInput, Conflict (idempotency key) */
export async function publishEvent(ctx: Context, input: PublishEventInput): Promise<PublishEventPayload> {
  const subject = readSubject(input.subjectId);
  const id = await ctx.inTenant((tx) =>
    createOnce(tx, ctx.meta, { mutation: "publishEvent", input }, async () => {
      const type = await getDeclaredType(tx, input.type);
      await assertPayload(ctx, type, input.payload);
      if (subject && !(await isVisible(tx, ctx.viewer, subject.type, subject.uuid)))
        throw refused("subjectId", `No ${subject.type} with the ID ${encodeId(subject.type, subject.uuid)} exists.`);
      const [eventId = ""] = await appendEvents(tx, ctx.meta, [
        {
          type: "custom.published",
          // The versions of other objects are counted by the services that change them.
          ...(subject ? { subjectType: subject.type, subjectId: subject.uuid, subjectVersion: 0 } : aboutType(type)),
          payload: { name: type.name, version: type.typeVersion, payload: input.payload as Record<string, never> },
        },
      ]);
      return { id: eventId };
    }),
  );
  return { eventId: encodeId("event", id) };
}

const aboutType = ({ id, version }: { readonly id: string; readonly version: number }) => ({ subjectId: id, subjectVersion: version });

function readSubject(given: string | null | undefined): Subject | null {
  if (typeof given !== "string") return null;
  const parsed = parseAnyId(given);
  const type = subjects.find((each) => each === parsed?.type);
  if (parsed && type) return { type, uuid: parsed.uuid };
  throw refused("subjectId", `${quote(given)} is not the ID of an object that a custom event can be about: ${subjects.join(", ")}.`);
}

const refused = (field: string, message: string): BadUserInput => new BadUserInput([{ path: `input.${field}`, message }]);
