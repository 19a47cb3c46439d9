import { workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import { tablesOf, withColumns } from "@weft/platform/db";
import { type AnyColumn, eq, type SQL } from "drizzle-orm";

const { instanceHeads } = workflows;

/**
 * Tables from which a list or a count of requests is read. Each request has one instance, which has one request, so conditions on one of them are
 * answered by that one alone. See docs/explanation/decisions/0023-requests-are-listed-from-instances.md.
 */
export type RequestSource = "requests" | "instances" | "both";

export type Conditions = readonly (SQL | undefined)[];

/** Columns of a request that its instance has too, under these names. They change only together, when a conversion replaces the instance. */
const sameOnInstance: ReadonlyMap<string, AnyColumn> = new Map<string, AnyColumn>([
  ["requests.tenant_id", instanceHeads.tenantId],
  ["requests.id", instanceHeads.subjectId],
  ["requests.instance_id", instanceHeads.id],
  ["requests.created_at", instanceHeads.createdAt],
]);

/** Restricts instances to those of requests. Their indexes have the same condition. */
export const isOfRequest: SQL = eq(instanceHeads.subjectType, "request");

/** Returns a condition or an order on the columns of instances, where instances have the same. */
export function onInstance(part: SQL): SQL;
export function onInstance(part: SQL | undefined): SQL | undefined;
export function onInstance(part: SQL | undefined): SQL | undefined {
  return part && withColumns(part, sameOnInstance);
}

/** Returns the tables that suffice for these conditions and orders. For a vendor's users, the policies of both tables decide what they see. */
export function sourceOf(viewer: Viewer, parts: Conditions): RequestSource {
  if (isOfVendor(viewer)) return "both";
  if (!tablesOf(...parts).has("instance_heads")) return "requests";
  const left = tablesOf(...parts.map((part) => onInstance(part)));
  return left.has("requests") || left.has("request_types") ? "both" : "instances";
}
