import type { FlagKey, Flags } from "@weft/platform/flags";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";

/** Operators have turned a part of Weft off. */
class SwitchedOff extends ServiceUnavailable {
  override get logLevel() {
    return "info" as const;
  }
}

/** @throws ServiceUnavailable if the flag is off for the viewer's tenant */
export async function assertOn(flags: Pick<Flags, "isOn">, key: FlagKey, viewer: Viewer | null): Promise<void> {
  if (!(await flags.isOn(key, viewer))) throw new SwitchedOff(key, new Error(`The feature flag ${key} is off.`));
}

/** Returns an executor that executes only while a flag is on. @throws ServiceUnavailable while it is off */
export const switchedBy = (executor: Executor, key: FlagKey, flags: Pick<Flags, "isOn">): Executor =>
  executorOver(executor, async (operation, context) => {
    await assertOn(flags, key, context.viewer);
    return executor.execute(operation, context);
  });
