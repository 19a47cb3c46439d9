import type { Tx } from "@weft/shared";

/** Thrown if a call that is decided outside of any transaction would need one. */
export class NeedsTransaction extends Error {}

/** Stands in for a transaction that is needed only for something that is not cached: the key that seals a person's values. */
export const noTransaction = new Proxy(
  {},
  {
    get: () => {
      throw new NeedsTransaction("There is no transaction here.");
    },
  },
) as Tx;
