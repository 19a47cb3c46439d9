import { rowTokens } from "@weft/shared/ids";

/** Tokens of the links with which a recipient of an email turns its kinds off. They refer to the message, and do not expire. */
export const unsubscribeTokens = rowTokens({ prefix: "wnu_", label: "weft notification unsubscribe 1" });
