import type { Experimental_DidResolveQueryPlanCallback } from "@apollo/gateway";

type Resolved = Parameters<Experimental_DidResolveQueryPlanCallback>[0];

export type QueryPlan = Resolved["queryPlan"];
export type RequestContext = Resolved["requestContext"];
export type PlannedOperation = Resolved["operationContext"];
export type PlanNode = Exclude<NonNullable<QueryPlan["node"]>, { readonly kind: "Subscription" }>;
export type FetchNode = Extract<PlanNode, { readonly kind: "Fetch" }>;
export type RequiredSelection = NonNullable<FetchNode["requires"]>[number];

/** The plan or the operation needs something that only Apollo's executor can do. */
export class Unsupported extends Error {}
