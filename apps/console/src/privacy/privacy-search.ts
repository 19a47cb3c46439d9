/** Names of the filters in the address. */
export const privacyFilterKeys = ["kind", "status", "created"] as const;

type PrivacyFilterKey = (typeof privacyFilterKeys)[number];

/** Which privacy requests and legal holds the page shows, as in the address. */
export type PrivacySearch = {
  readonly [name in PrivacyFilterKey]?: string;
} & {
  /** Whether holds that have ended are shown, too. */
  readonly holds?: "all";
};

export function validatePrivacySearch(search: Record<string, unknown>): PrivacySearch {
  const kept = privacyFilterKeys.map((key) => [key, search[key]] as const);
  return {
    ...(Object.fromEntries(kept.filter(([, value]) => typeof value === "string" && value !== "")) as PrivacySearch),
    ...(search["holds"] === "all" && { holds: "all" }),
  };
}
