import { compile, parseDefinition, uuidOfId, type CompileOptions, type Machine, type Problem } from "@weft/engine";
import { customerPermissions, type Tx } from "@weft/shared";
import { selectCustomPermissionNames, selectExistingIds, selectRoleKeys } from "./named-in-source.store.js";
import { DefinitionFormat } from "./definition.type.js";

/** `machine` is null exactly when there are problems. */
export type CheckedDefinition = {
  readonly problems: readonly Problem[];
  readonly document: unknown;
  readonly machine: Machine | null;
  readonly locate: CompileOptions["locate"];
};

const formats = { [DefinitionFormat.YAML]: "yaml", [DefinitionFormat.JSON]: "json" } as const;

/** Every problem of a text, with lines. The tenant is known here: a role, permission, user or team that it does not have is a problem too. */
export async function checkSource(tx: Tx, source: string, format: DefinitionFormat | null | undefined): Promise<CheckedDefinition> {
  const { document, problems, locate } = parseDefinition(source, format ? formats[format] : "auto");
  if (problems.length > 0) return { problems, document: undefined, machine: null, locate };
  const knownRoles = await selectRoleKeys(tx);
  const knownPermissions = [...customerPermissions, ...(await selectCustomPermissionNames(tx))];
  const options: CompileOptions = { locate, knownRoles, knownPermissions, readId: uuidOfId };
  const result = compile(document, options);
  if (!result.ok) return { problems: result.problems, document, machine: null, locate };
  const ids = idsIn(result.machine);
  if (ids.length === 0) return { problems: [], document, machine: result.machine, locate };
  const existing = new Set(await selectExistingIds(tx, ids));
  // Once more, so that what the tenant does not have is named with its line.
  const readId = (kind: "user" | "team", id: string) => {
    const uuid = uuidOfId(kind, id);
    return uuid !== null && existing.has(uuid) ? uuid : null;
  };
  const again = compile(document, { ...options, readId });
  return again.ok
    ? { problems: [], document, machine: again.machine, locate }
    : { problems: again.problems, document, machine: null, locate };
}

const idsIn = ({ tasks }: Machine): string[] => [...tasks.values()].flatMap(({ candidates }) => [...candidates.users, ...candidates.teams]);
