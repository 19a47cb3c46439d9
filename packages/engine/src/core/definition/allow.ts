import type { Allow } from "../model/machine.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { PERMISSION, readFlag, readObject, readRoles, readTexts, type Reading } from "../document/reader.js";

const KEYS = ["owner", "assignee", "candidate", "roles", "permissions", "notSameAs", "any", "all"];
const PEOPLE = ["owner", "assignee"] as const;
const MAX_ALLOW_DEPTH = 4;
const MAX_BLOCKS = 10;

/** Reads the `allow` block of a transition. Null: everybody who can fire transitions in this tenant. */
export function readAllow(reading: Reading, value: unknown, path: Path, depth = 1): Allow | null {
  if (value === undefined) return null;
  const { problems, options } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  if (Object.keys(source).length === 0)
    problems.add(path, "BAD_VALUE", "The block allows nobody. Omit `allow` if everybody can fire the transition.");
  if (depth > MAX_ALLOW_DEPTH) {
    problems.add(path, "TOO_LARGE", `Blocks of \`allow\` are nested more than ${MAX_ALLOW_DEPTH} levels deep.`);
    return null;
  }
  return {
    owner: readFlag(problems, source, "owner", path),
    assignee: readFlag(problems, source, "assignee", path),
    candidate: readFlag(problems, source, "candidate", path),
    roles: readRoles(reading, source, path),
    permissions: readTexts(problems, source, "permissions", path, (permission, where) => {
      if (!PERMISSION.test(permission)) {
        problems.add(where, "UNKNOWN_PERMISSION", `${quote(permission)} is not a valid permission. Permissions look like request.approve.`);
      } else if (options.knownPermissions && !options.knownPermissions.includes(permission)) {
        problems.add(
          where,
          "UNKNOWN_PERMISSION",
          `There is no permission ${quote(permission)}.${didYouMean(permission, options.knownPermissions)}`,
        );
      }
    }),
    notSameAs: readTexts(problems, source, "notSameAs", path, (who, where) => {
      if (PEOPLE.some((one) => one === who)) return;
      if (who.includes(".")) reading.stepReferences.push({ name: who, path: where });
      else
        problems.add(
          where,
          "BAD_VALUE",
          `notSameAs must be owner, assignee or a step such as draft.submit, not ${quote(who)}.${didYouMean(who, PEOPLE)}`,
        );
    }),
    any: readBlocks(reading, source["any"], [...path, "any"], depth),
    all: readBlocks(reading, source["all"], [...path, "all"], depth),
  };
}

function readBlocks(reading: Reading, value: unknown, path: Path, depth: number): readonly Allow[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_BLOCKS) {
    reading.problems.add(path, "WRONG_TYPE", `Expected a list of 1 to ${MAX_BLOCKS} blocks such as - { roles: [operations] }.`);
    return [];
  }
  return value.flatMap((block, index) => readAllow(reading, block, [...path, index], depth + 1) ?? []);
}
