import type { Tx } from "@weft/platform/db";

/** Thrown if a call that is decided outside of any transaction would need one. */
export class NeedsTransaction extends Error {}

/** Returns what stands in for a transaction. What is remembered for a transaction is remembered for it, and whatever uses it throws `NeedsTransaction`. */
export const withoutTransaction = (): Tx =>
  new Proxy(
    {},
    {
      get: () => {
        throw new NeedsTransaction("There is no transaction here.");
      },
    },
  ) as Tx;

/** Stands in for a transaction that is needed only for something that is not cached: the key that seals a person's values. */
export const noTransaction = withoutTransaction();
