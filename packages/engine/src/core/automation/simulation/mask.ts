import type { StepGraph } from "../../model/automation.js";
import type { JsonObject } from "../../model/json.js";

/** What a simulation shows instead of a secret. */
const MASK = "***";

/** Returns the inputs with every secret one masked, whether it is given or not. Nothing that a simulation computes can contain them. */
export const withMaskedInputs = (inputs: JsonObject, { secretInputs }: Pick<StepGraph, "secretInputs">): JsonObject => ({
  ...inputs,
  ...Object.fromEntries([...secretInputs].map((name) => [name, MASK])),
});

export const maskedSecrets = ({ secrets }: Pick<StepGraph, "secrets">): JsonObject => maskOf(secrets);

export const maskOf = (names: Iterable<string>): JsonObject => Object.fromEntries([...names].map((name) => [name, MASK]));
