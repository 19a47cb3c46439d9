/** A switch of a part of Weft that operators can turn off, for everybody or for some tenants, while Weft runs. */
export interface DeclaredFlag {
  readonly default: boolean;
  /** What is switched, as a noun phrase. */
  readonly description: string;
}

/** All feature flags, by the keys with which providers know them. */
export const declaredFlags = {
  "rest-api": { default: true, description: "The REST API at /api/v1. Its description, and operations over GraphQL, are not affected." },
  "live-subscriptions": {
    default: true,
    description:
      "New subscriptions to live updates. Running subscriptions, and queries and mutations on the same connection, are not affected.",
  },
  "api-variants": { default: true, description: "The variants of the API in WEFT_API_VARIANTS. The vendor portal is not affected." },
} as const satisfies Readonly<Record<string, DeclaredFlag>>;

export type FlagKey = keyof typeof declaredFlags;

export const flagKeys = Object.keys(declaredFlags) as readonly FlagKey[];

export const isFlagKey = (text: string): text is FlagKey => Object.hasOwn(declaredFlags, text);
