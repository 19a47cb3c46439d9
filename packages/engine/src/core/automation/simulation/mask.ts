import type { StepGraph } from "../../model/automation.js";
import type { JsonObject } from "../../model/json.js";

/** What a simulation shows instead of a secret. */
const MASK = "***";

/** Returns the values with those of secret inputs masked. Nothing that a simulation computes afterwards can contain them. */
export const withoutSecretInputs = (values: JsonObject, secrets: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secrets.has(name) ? MASK : value]));

export const maskedSecrets = ({ secrets }: Pick<StepGraph, "secrets">): JsonObject => maskOf(secrets);

export const maskOf = (names: Iterable<string>): JsonObject => Object.fromEntries([...names].map((name) => [name, MASK]));
