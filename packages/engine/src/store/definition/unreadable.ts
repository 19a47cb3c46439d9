import { DefinitionInvalid, type Problem, TransitionRejected } from "@weft/shared/errors";
import { type Tx, withTrace } from "@weft/platform/db";
import { definitionIncident } from "../../core/model/incident.js";

/** A stored definition cannot be compiled: instances that run on it cannot continue; all others can. */
export class DefinitionUnreadable extends TransitionRejected {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    // The incident says what is wrong with it, to those who can read it.
    super([
      {
        code: "definition",
        message: "The definition of the instance can no longer be read. The instance waits until its incident is resolved.",
      },
    ]);
    this.problems = problems;
  }
}

/**
 * Runs a function that needs the machine of the instance to change. If there is none, the instance gets an incident, although the change is rolled
 * back.
 */
export async function orIncident<T>(
  need: () => Promise<T>,
  stop: (tx: Tx, incident: ReturnType<typeof definitionIncident>) => Promise<void>,
): Promise<T> {
  try {
    return await need();
  } catch (error) {
    if (!(error instanceof DefinitionUnreadable)) throw error;
    const { problems } = error;
    throw withTrace(error, (tx) => stop(tx, definitionIncident(problems)));
  }
}

/** `orInvalid` for results that are computed in steps. */
export function* orInvalidSteps<T>(steps: Generator<void, T, void>): Generator<void, T, void> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof DefinitionUnreadable ? new DefinitionInvalid(error.problems) : error;
  }
}

/** Returns the machine of a definition from which nothing has been started yet. @throws DefinitionInvalid */
export function orInvalid<T>(need: () => T): T {
  try {
    return need();
  } catch (error) {
    throw error instanceof DefinitionUnreadable ? new DefinitionInvalid(error.problems) : error;
  }
}
