import { dueDeliveries } from "@weft/audit";
import { dueAssetDates, dueOffers, duePlans } from "@weft/requests";
import type { Services } from "@weft/platform/services";
import { dueContracts, dueDocuments, dueMilestones, dueObligations } from "@weft/vendors";
import { type DueSource, dueSources } from "@weft/workflows";

/** Time between two searches for work that is announced when it is created, or that nobody expects to the second. */
const RARE_MS = 5_000;
export const rarely = <Source extends object>(source: Source): Source & { readonly searchMs: number } => ({ ...source, searchMs: RARE_MS });

/** Returns the sources of work that becomes due at a time of the tenant's clock, in the order in which they act at the same time. */
export const dueSourcesOf = (services: Omit<Services, "keys">): readonly DueSource[] => [
  ...dueSources(services),
  duePlans(services),
  dueContracts(services),
  ...[dueAssetDates(services), dueDocuments(services), dueObligations(services), dueOffers(services), dueMilestones(services)].map(rarely),
  dueDeliveries(services),
];
