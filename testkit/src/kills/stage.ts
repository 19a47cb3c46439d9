import type { TestUser } from "../test-user.js";
import type { KilledSteps } from "./killed-steps.js";

/** The staff of the organization. */
export interface Staff {
  readonly admin: TestUser;
  readonly operations: TestUser;
  readonly manager: TestUser;
  readonly requester: TestUser;
}

/** A demo organization on a server that is killed. */
export interface Stage {
  readonly steps: KilledSteps;
  readonly url: string;
  /** Data directory of the server, which contains its mails. */
  readonly dataDir: string;
  readonly staff: Staff;
}

interface Transition {
  readonly transition: string;
  readonly input?: object;
  /** Actions of the audit entries. */
  readonly audit: readonly string[];
}

/** Fires a transition of an instance as one step. */
export const fire = (
  steps: KilledSteps,
  who: TestUser,
  { audit, ...input }: Transition & { readonly instanceId: string },
): Promise<unknown> => steps.mutate(who, "fireTransition", { input, returns: "instance { id state version }", audit });

/** Completes a task as one step. */
export const completeTask = (
  steps: KilledSteps,
  who: TestUser,
  { audit, ...input }: Transition & { readonly id: string },
): Promise<unknown> =>
  steps.mutate(who, "completeTask", { input, returns: "task { id status version } instance { state version }", audit });
