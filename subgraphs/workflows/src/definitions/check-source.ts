import { compiledTextSteps, type CompiledText, type Machine, type Problem } from "@weft/engine";
import { customerPermissions, type Computing, type Tx } from "@weft/shared";
import { selectCustomPermissionNames, selectExistingIds, selectRoleKeys } from "./named-in-source.store.js";
import type { DefinitionFormat } from "./definition.type.js";

/** `machine` is null exactly when there are problems. */
export type CheckedDefinition = {
  readonly problems: readonly Problem[];
  readonly document: unknown;
  readonly machine: Machine | null;
};

interface Text {
  readonly source: string;
  readonly format?: DefinitionFormat | null | undefined;
}

/** Every problem of a text, with lines. The tenant is known here: a role, permission, user or team that it does not have is a problem too. @param isKept it is about to be written */
export async function checkSource(
  tx: Tx,
  computing: Computing,
  { source, format }: Text,
  { isKept = false }: { readonly isKept?: boolean } = {},
): Promise<CheckedDefinition> {
  const roles = await selectRoleKeys(tx);
  const permissions = [...customerPermissions, ...(await selectCustomPermissionNames(tx))];
  const checked = await computing.runAll(compiledTextSteps(source, format ?? "auto", { roles, permissions }));
  const ids = checked.result.ok ? idsIn(checked.result.machine) : [];
  if (ids.length === 0) return toChecked(checked);
  const existing = await selectExistingIds(tx, ids, { isKept });
  // Once more, so that what the tenant does not have is named with its line.
  return toChecked(await computing.runAll(compiledTextSteps(source, format ?? "auto", { roles, permissions, ids: existing })));
}

const toChecked = ({ result, document }: CompiledText): CheckedDefinition =>
  result.ok ? { problems: [], document, machine: result.machine } : { problems: result.problems, document, machine: null };

const idsIn = ({ tasks }: Machine): string[] => [...tasks.values()].flatMap(({ candidates }) => [...candidates.users, ...candidates.teams]);
