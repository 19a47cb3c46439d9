import { DefinitionInvalid, TransitionRejected, withTrace, type Problem, type Tx } from "@weft/shared";
import { definitionIncident } from "../core/incident.js";

/** A stored definition gives no machine: nothing that runs on it can go on, everything else can. */
export class DefinitionUnreadable extends TransitionRejected {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    // What is wrong with it, the incident says to those who may read it.
    super([
      {
        code: "definition",
        message: "The definition that it runs on cannot be read any more. It waits until somebody resolves its incident.",
      },
    ]);
    this.problems = problems;
  }
}

/** Runs what needs the machine of an instance that is to move. When there is none, the instance keeps an incident, though the move is undone. */
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

/** `orInvalid` for what is made in steps. */
export function* orInvalidSteps<T>(steps: Generator<void, T, void>): Generator<void, T, void> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof DefinitionUnreadable ? new DefinitionInvalid(error.problems) : error;
  }
}

/** The machine of a definition from which nothing was started yet. @throws DefinitionInvalid */
export function orInvalid<T>(need: () => T): T {
  try {
    return need();
  } catch (error) {
    throw error instanceof DefinitionUnreadable ? new DefinitionInvalid(error.problems) : error;
  }
}
