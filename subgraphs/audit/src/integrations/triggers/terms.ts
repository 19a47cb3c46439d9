/** Reads what a trigger of an integration does from an input, and validates it. */
import type { ConnectorTrigger } from "@weft/connectors";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { mappingProblems, mappingShapeProblems, mappingTerms } from "../../events/mapping/mapping-terms.js";
import type { TriggerRow } from "./trigger.store.js";
import { type UpdateIntegrationTriggerInput, integrationTriggerColumns } from "./trigger.type.js";

const MIN_INTERVAL_SECONDS = 60;
const MAX_INTERVAL_SECONDS = 86_400;

export type Terms = Pick<
  TriggerRow,
  "name" | "configuration" | "intervalSeconds" | "eventType" | "condition" | "payload" | "subject" | "status"
>;

type Given = Omit<UpdateIntegrationTriggerInput, "id" | "expectedVersion" | "isFromBeginning">;

/** Terms of a new trigger before the input is applied. */
export const newTerms = ({ name, intervalSeconds, eventType }: Pick<Terms, "name" | "intervalSeconds" | "eventType">): Terms => ({
  name,
  configuration: {},
  intervalSeconds,
  eventType,
  condition: "",
  payload: null,
  subject: null,
  status: "ACTIVE",
});

/**
 * Applies an input to the terms of a trigger.
 * @param of the trigger of the connector
 * @throws BadUserInput with all problems
 */
export async function readTerms(tx: Tx, of: ConnectorTrigger, before: Terms, given: Given): Promise<Terms> {
  const problems = [...integrationTriggerColumns.textProblems(given), ...mappingShapeProblems(given)];
  if (problems.length > 0) throw new BadUserInput(problems);
  const { name, configuration, intervalSeconds, status } = given;
  const isConfigured = configuration !== undefined && configuration !== null;
  const terms: Terms = {
    ...before,
    ...(typeof name === "string" && { name: name.trim() }),
    ...(isConfigured && { configuration: configuration as Terms["configuration"] }),
    ...(typeof intervalSeconds === "number" && { intervalSeconds }),
    ...(status && { status }),
    ...mappingTerms(before, given),
  };
  const found = [
    ...(isConfigured ? configurationProblems(of, configuration) : []),
    ...intervalProblems(terms.intervalSeconds),
    ...(await mappingProblems(tx, terms, given)),
  ];
  if (found.length > 0) throw new BadUserInput(found);
  return terms;
}

/** The connector calls the configuration of a trigger its input. */
const configurationProblems = (of: ConnectorTrigger, configuration: unknown): Problem[] =>
  of.problemsOf(configuration).map(({ path, message }) => ({ path: path.replace(/^input/, "input.configuration"), message }));

function intervalProblems(seconds: number): Problem[] {
  if (seconds >= MIN_INTERVAL_SECONDS && seconds <= MAX_INTERVAL_SECONDS) return [];
  const message = `Use ${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS} seconds, not ${seconds}.`;
  return [{ path: "input.intervalSeconds", message }];
}
