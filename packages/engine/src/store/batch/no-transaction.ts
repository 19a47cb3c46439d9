import type { Tx } from "@weft/shared";

/** Thrown where a move that is decided upon outside of any transaction would need one. */
export class NeedsTransaction extends Error {}

/** Stands where a transaction is only needed for what is not at hand: the key under which a person's values are sealed. */
export const noTransaction = new Proxy(
  {},
  {
    get: () => {
      throw new NeedsTransaction("There is no transaction here.");
    },
  },
) as Tx;
