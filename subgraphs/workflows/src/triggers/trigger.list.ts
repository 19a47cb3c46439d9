import { triggers as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, flagField, textField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { eq } from "drizzle-orm";
import { countTriggers, selectTriggerPage, type TriggerRow } from "./trigger.store.js";
import { TriggerAction, toTrigger, type Trigger } from "./trigger.type.js";

const { triggers } = tables;

export const TriggerFilter = filterInput("TriggerFilter", {
  name: textField(triggers.name),
  eventType: textField(triggers.eventType),
  action: enumField("TriggerAction", TriggerAction, triggers.action),
  definitionKey: textField(triggers.definitionKey),
  isActive: flagField(eq(triggers.isActive, true)),
});

export const TriggerOrder = orderByInput("TriggerOrder", {
  CREATED_AT: { column: triggers.createdAt, valueOf: (row: TriggerRow) => row.createdAt },
  NAME: { column: triggers.name, valueOf: (row: TriggerRow) => row.name },
  EVENT_TYPE: { column: triggers.eventType, valueOf: (row: TriggerRow) => row.eventType },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the tenant's triggers, newest first by default. */
export function listTriggers(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Trigger>> {
  const where = TriggerFilter.toSql(filter);
  return keysetPage<TriggerRow, Trigger>(ctx, {
    args: page,
    list: "triggers",
    orderBy: TriggerOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: triggers.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTriggerPage(tx, where, slice)),
    count: () => ctx.read((tx) => countTriggers(tx, where)),
    toNode: toTrigger,
  });
}
