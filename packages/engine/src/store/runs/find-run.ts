import { visibleInstances } from "@weft/platform/rights";
import { automation, workflows } from "@weft/drizzle";
import { NotFound, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import { and, eq } from "drizzle-orm";
import type { ViewerActor } from "../model/actor.js";
import type { RunRow } from "./runs.store.js";

const { runs } = automation;
const { instances } = workflows;

/** Which run somebody acts on. */
export type RunRequest = {
  /** UUID of the run. */
  readonly id: string;
  /** Its instance must be visible to the actor under the permission of the operation. */
  readonly actor: ViewerActor;
};

/** Returns the run, not locked. @throws NotFound if the actor cannot reach its instance with the permission */
export async function getRun(tx: Tx, { id, actor }: RunRequest, permission: Permission): Promise<RunRow> {
  const [found] = await named(
    "getRun",
    tx
      .select({ run: runs })
      .from(runs)
      .innerJoin(instances, and(eq(instances.tenantId, runs.tenantId), eq(instances.id, runs.instanceId)))
      .where(and(eq(runs.id, id), visibleInstances(actor.viewer, permission, instances))),
  );
  if (!found) throw new NotFound("Run", encodeId("run", id));
  return found.run;
}

/** A rejection with one reason, about the status of a run. */
export const runRejected = (message: string): TransitionRejected => new TransitionRejected([{ code: "status", message }]);
