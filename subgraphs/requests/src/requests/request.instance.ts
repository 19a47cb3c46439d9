import { requests as tables, workflows } from "@weft/drizzle";
import { and, eq } from "drizzle-orm";

const { requests } = tables;
const { instanceHeads } = workflows;

/** Joins a request with its instance. */
export const isItsInstance = and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId));
