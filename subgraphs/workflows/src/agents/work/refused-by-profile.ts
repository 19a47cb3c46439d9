import { recordViolation } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { asTenant } from "@weft/platform/db";
import { metaOfWork } from "@weft/platform/events";
import type { StepContext } from "../../automation/performers/performer.js";
import { findRunOfWork } from "./calls.store.js";
import type { Ended } from "./piece-of-work.js";

/** Records that the security profile of the run does not allow what an agent is about to do. Returns the end of its work. */
export async function refusedByProfile(context: StepContext, rule: "secrets" | "stepTypes", what: string): Promise<Ended> {
  const { services, tenantId, runId, step, profile } = context;
  const meta = metaOfWork("runs", tenantId, services.keyring);
  const violation = { rule, step, profile: profile.key } as const;
  await asTenant(services.databases.app, { tenantId }, "write", async (tx) =>
    recordViolation(tx, meta, { ...(await findRunOfWork(tx, runId)), violation }),
  );
  const message = `Step ${quote(step)}: the security profile ${quote(profile.key)} does not allow ${what}.`;
  return { kind: "failed", code: "PROFILE_VIOLATION", message, isFinal: true };
}
