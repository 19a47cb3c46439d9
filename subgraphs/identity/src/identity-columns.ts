import { column } from "@weft/api/columns";

/** Idempotency key, with a description of what a repeated call does: `...identityColumns.idempotencyKey("returns the same team")`. */
export const idempotencyKey = (effect: string) => ({
  idempotencyKey: column.text(`Idempotency key. Repeating the call with the same key and input ${effect}.`, {
    shown: false,
    updated: false,
    nullable: true,
    converted: true,
  }),
});

/** Version number that updates compare. */
export const version = column.shownOnly({
  version: column.int("Version number, incremented on every change. Pass it as `expectedVersion` to detect conflicts."),
});
