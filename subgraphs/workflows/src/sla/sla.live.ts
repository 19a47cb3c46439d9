import { standings } from "@weft/engine";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { getInstance } from "../instances/instance.service.js";
import { findSlaClock } from "./sla-clock.store.js";
import { SlaClock, toSlaClock } from "./sla-clock.type.js";

export enum SlaChange {
  WARNING = "WARNING",
  BREACHED = "BREACHED",
  PAUSED = "PAUSED",
  RESUMED = "RESUMED",
  CHANGED = "CHANGED",
  MET = "MET",
  MISSED = "MISSED",
}
registerEnumType(SlaChange, {
  name: "SlaChange",
  description: "Changes of an SLA clock.",
  valuesConfig: {
    WARNING: { description: "A warning was reached." },
    BREACHED: { description: "The target was reached." },
    PAUSED: { description: "The clock was paused." },
    RESUMED: { description: "The clock was resumed." },
    CHANGED: { description: "Another target or calendar applies." },
    MET: { description: "The clock stopped before its target." },
    MISSED: { description: "The clock stopped after its target." },
  },
});

@ArgsType()
export class SlaChangedArgs {
  @Field(() => ID, { nullable: true, description: "Only clocks of this instance." })
  instanceId?: string | null;

  @Field(() => String, { nullable: true, description: "Only clocks of instances of this definition." })
  definitionKey?: string | null;
}

@ObjectType({ description: "A change of an SLA clock. The change is as of the event; the clock is its current state." })
@Allow(inherit)
export class SlaChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => SlaChange, { description: "Kind of change." })
  change!: SlaChange;

  @Field(() => SlaClock, { description: "The clock." })
  clock!: SlaClock;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

async function changed(ctx: Context, { instanceId }: SlaChangedArgs, event: EventEnvelope | null): Promise<SlaChanged | null> {
  if (event === null) {
    const id = decodeIdOrNull("instance", instanceId, "instanceId") ?? null;
    if (id !== null) await ctx.read((tx) => getInstance(tx, ctx, id, "sla.read"));
    return null;
  }
  const clockId = event.payload["clockId"] as string;
  const [clock] = await ctx.read(async (tx) => {
    const row = await findSlaClock(tx, ctx.viewer, { id: clockId, permission: "sla.read" });
    return row ? standings(tx, [row]) : [];
  });
  if (!clock) return null;
  const change = event.type.slice("sla.".length).toUpperCase() as SlaChange;
  return { cursor: cursorOf(ctx, event), change, clock: toSlaClock(clock), occurredAt: event.occurredAt };
}

export const SlaChangedLive = liveField({
  name: "slaChanged",
  type: () => SlaChanged,
  args: SlaChangedArgs,
  rule: can("sla.read"),
  description:
    "SLA clocks of the instances that you can see, when they reach a warning or their target, and when they are paused, resumed, changed, or stopped. Errors: NOT_FOUND (the instance), BAD_USER_INPUT.",
  resolve: changed,
});

export const slaChangedModule: SubgraphModule = { resolvers: { deadlines: [SlaChangedLive] } };
