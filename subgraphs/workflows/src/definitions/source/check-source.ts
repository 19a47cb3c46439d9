/**
 * Source: checks, exports and compares the text of definitions, within the budget of an operation. This folder never changes the status of a version.
 */
import { compiledTextSteps, type CompiledText, type Machine, type Problem, type Translation } from "@weft/engine";
import { customerPermissions } from "@weft/shared/viewer";
import type { Computing } from "@weft/platform/computing";
import type { Tx } from "@weft/platform/db";
import { selectCustomPermissionNames, selectExistingIds, selectRoleKeys } from "./named-in-source.store.js";
import type { DefinitionFormat } from "../definition.type.js";

/** `machine` is null if and only if there are problems. */
export type CheckedDefinition = {
  readonly problems: readonly Problem[];
  readonly document: unknown;
  readonly machine: Machine | null;
  /** What a text in the short form was turned into. Null: it is in Weft's own format. */
  readonly translation: Translation | null;
};

interface Text {
  readonly source: string;
  readonly format?: DefinitionFormat | null | undefined;
}

/**
 * Returns all problems of a source, with lines. Roles, permissions, users and teams that the tenant does not have are problems too.
 * @param isKept whether the source is about to be written
 */
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
  // Compiled again to report names that the tenant does not have with their lines.
  return toChecked(await computing.runAll(compiledTextSteps(source, format ?? "auto", { roles, permissions, ids: existing })));
}

const toChecked = ({ result, document, translation }: CompiledText): CheckedDefinition =>
  result.ok
    ? { problems: [], document, translation, machine: result.machine }
    : { problems: result.problems, document, translation, machine: null };

const idsIn = ({ tasks }: Machine): string[] => [...tasks.values()].flatMap(({ candidates }) => [...candidates.users, ...candidates.teams]);
