import "reflect-metadata";
import type { GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { Arg, Args, Ctx, Info, Query, Resolver, Subscription } from "type-graphql";
import type { Context } from "../context/context.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { CatalogPermission } from "@weft/shared/viewer";
import { readSealedEntries } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { readEvents } from "@weft/platform/events";
import { Allow } from "../rules/allow.js";
import { GatewayOnly } from "../rules/gateway-only.js";
import type { CheckedRule } from "../rules/rule.js";
import { VendorPortal } from "../rules/vendor-portal.js";
import { ViewerIndependent } from "../rules/viewer-independent.js";
import type { ResolverClass } from "../subgraph/type-graphql-schema.js";
import { eventCursors } from "./event-cursors.js";
import { liveFields } from "./live-fields.js";
import type { LiveField, LiveFieldName, LiveLog } from "./live-fields.js";

export interface LiveFieldOptions<Arguments extends object, Payload extends object> {
  readonly name: LiveFieldName;
  /** Object type of the payload. */
  readonly type: () => abstract new (...args: never[]) => Payload;
  /** An @ArgsType class, without `after` and `at`. */
  readonly args?: new () => Arguments;
  readonly rule: CheckedRule;
  /** The permissions of `@ViewerIndependent`, if it does not depend on the user whether there is a payload. */
  readonly viewerIndependent?: readonly [CatalogPermission, ...CatalogPermission[]];
  /** Whether the subscription is part of the vendor portal. */
  readonly vendorPortal?: true;
  readonly description: string;
  /**
   * Returns the payload of the query without the argument `at`: for fields that show the present, which clients can query. If omitted, the query then
   * returns null, and only the gateway can call it. Fields with signals answer subscriptions with it, too: `cursor` is then that of the payload.
   */
  readonly present?: (ctx: Context, args: Arguments, cursor: string | null) => Promise<Payload>;
  /**
   * Returns the payload for an event as the viewer sees it now, or null if it is not for this viewer. Called without an event at the start of a
   * subscription: it then only checks the arguments (NOT_FOUND for an ID of another tenant) and returns null.
   * @param schema of the subgraph
   */
  readonly resolve: (ctx: Context, args: Arguments, event: EventEnvelope | null, schema: GraphQLSchema) => Promise<Payload | null>;
}

const afterDescriptions: Readonly<Record<LiveLog, string>> = {
  events:
    "Cursor to start after: `liveCursor` of the query that loaded the data, or `cursor` of the last payload. Events since then are delivered first.",
  auditTrail:
    "Cursor to start after: `liveCursor` of the newest sealed entry that you have, or `cursor` of the last payload. Entries since then are delivered first.",
};

/**
 * Declares a subscription together with the query that mirrors it: same name, type and rule. The gateway runs the live part: for each matching event,
 * it executes the subscriber's selection as the query, with `at` instead of `after`.
 * @returns a resolver class for `defineSubgraph`
 */
export function liveField<Arguments extends object = object, Payload extends object = object>(
  options: LiveFieldOptions<Arguments, Payload>,
): ResolverClass {
  const { name, rule, description } = options;
  const type = () => options.type() as never;

  @Resolver()
  class LiveResolver {
    @Query(type, {
      name,
      nullable: true,
      description: options.present
        ? description
        : `Payload that the subscription of this name delivers for an event. Null if there is none. ${description}`,
    })
    @Allow(rule)
    mirror(
      @Arg("at", () => String, {
        nullable: true,
        description: options.present
          ? "Cursor of an event, used by subscriptions. Omit it."
          : "Cursor of an event. If omitted, only the arguments are checked.",
      })
      at: string | null | undefined,
      @Ctx() ctx: Context,
      @Info() { schema }: GraphQLResolveInfo,
      args: Arguments,
    ): Promise<Payload | null> {
      const given = args ?? ({} as Arguments);
      // The gateway checks the rights of a subscription with null, which must cost little.
      if (at === undefined && options.present) return options.present(ctx, given, null);
      return answer(options, ctx, { at: at ?? null, args: given, schema });
    }

    @Subscription(type, { name, description, topics: name })
    @Allow(rule)
    subscription(
      @Arg("after", () => String, {
        nullable: true,
        description: afterDescriptions[logOf(name)],
      })
      _after: string | null | undefined,
      _args: Arguments,
    ): never {
      throw new Error(`${name}: the gateway serves subscriptions.`);
    }
  }
  if (options.args) {
    const args = options.args;
    Args(() => args as never)(LiveResolver.prototype, "mirror", 3);
    Args(() => args as never)(LiveResolver.prototype, "subscription", 1);
  }
  if (options.viewerIndependent) ViewerIndependent(...options.viewerIndependent)(LiveResolver.prototype, "mirror", {});
  if (!options.present) GatewayOnly()(LiveResolver.prototype, "mirror", {});
  if (options.vendorPortal) VendorPortal()(LiveResolver.prototype, "subscription", {});
  return LiveResolver;
}

async function answer<Arguments extends object, Payload extends object>(
  { name, resolve, present }: LiveFieldOptions<Arguments, Payload>,
  ctx: Context,
  { at, args, schema }: { readonly at: string | null; readonly args: Arguments; readonly schema: GraphQLSchema },
): Promise<Payload | null> {
  if (at === null) {
    await resolve(ctx, args, null, schema);
    return null;
  }
  const field: LiveField = liveFields[name];
  const log = logOf(name);
  const position = eventCursors(ctx.services.keys, log).decode(ctx.viewer.tenantId, at, "at");
  if (field.signals && present) return present(ctx, args, at);
  // If row-level security hides the event, the query returns the next one.
  const event = await ctx.read((tx) => nextOf[log](tx, position - 1));
  const concerns =
    event?.position === position &&
    (log !== "events" || (field.eventTypes as readonly string[]).includes(event.type)) &&
    (field.isFor?.(event, ctx.viewer.userId) ?? true) &&
    field.matches(event, args as Record<string, unknown>);
  return concerns ? resolve(ctx, args, event, schema) : null;
}

/** Reads the first item of a log after a position. */
const nextOf: Readonly<Record<LiveLog, (tx: Tx, position: number) => Promise<EventEnvelope | undefined>>> = {
  events: async (tx, afterPosition) => (await readEvents(tx, { afterPosition, limit: 1 }))[0],
  auditTrail: async (tx, afterSequence) => (await readSealedEntries(tx, { afterSequence, limit: 1 }))[0],
};

const logOf = (name: LiveFieldName): LiveLog => {
  const field: LiveField = liveFields[name];
  return field.log ?? "events";
};

/**
 * Returns the cursor of an event, for the payload's field `cursor`.
 * @param log of the event
 */
export const cursorOf = (ctx: Context, event: Pick<EventEnvelope, "tenantId" | "position">, log: LiveLog = "events"): string =>
  eventCursors(ctx.services.keys, log).encode(event.tenantId, event.position);
