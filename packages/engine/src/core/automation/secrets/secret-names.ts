/** Names of secrets, and what the work of steps reads of them. */
import type { StepGraph, ValueTemplate, Work } from "../../model/automation.js";
import { AUTOMATION_NAME } from "../names.js";
import { pathsOfTemplate } from "../template.js";

/** Shorter values occur in texts by chance, so they could not be removed from outputs. */
export const MIN_SECRET_CHARS = 8;
export const MAX_SECRET_CHARS = 32_768;

/** Whether steps can read a secret of this name. */
export const isSecretName = (name: string): boolean => AUTOMATION_NAME.test(name);

/** Names of the secrets of the tenant, and of the secret inputs of the run, that a work reads. */
export type SecretsRead = { readonly secrets: ReadonlySet<string>; readonly inputs: ReadonlySet<string> };

/** Returns what the work reads. Expressions can read secrets only by their names; this is checked when the definition is saved. */
export function secretsReadBy({ root, secretInputs }: Pick<StepGraph, "root" | "secretInputs">, work: Work): SecretsRead {
  const secrets = new Set<string>();
  const inputs = new Set<string>();
  for (const [first, name] of pathsOfTemplate(work.with)) {
    if (name === undefined) continue;
    if (first === "secrets") secrets.add(name);
    else if (first === root && secretInputs.has(name)) inputs.add(name);
  }
  return { secrets, inputs };
}

/**
 * Returns the names of the members of a member of `with` that read secret inputs. Null: what reads them is not a member with a name, so nobody knows
 * where their values get to.
 */
export function membersWithSecrets(
  graph: Pick<StepGraph, "root" | "secretInputs">,
  work: Work,
  member: string,
): ReadonlySet<string> | null {
  const template = work.with.kind === "object" ? work.with.members.find(([name]) => name === member)?.[1] : undefined;
  if (!template) return new Set();
  const isSecret = (one: ValueTemplate): boolean => {
    const { secrets, inputs } = secretsReadBy(graph, { ...work, with: one });
    return secrets.size + inputs.size > 0;
  };
  if (template.kind !== "object") return isSecret(template) ? null : new Set();
  return new Set(template.members.flatMap(([name, one]) => (isSecret(one) ? [name] : [])));
}
