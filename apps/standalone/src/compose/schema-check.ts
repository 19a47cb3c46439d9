import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Acceptance, parseAcceptances } from "./acceptances.js";
import { type BaseSchema, baseSchemas } from "./base-schemas.js";
import { type Criticality, type SchemaChange, schemaChanges } from "./schema-changes.js";

/** File with the accepted breaking changes. A release empties it, because the changes are then part of the release. */
export const acceptedFile = "schema.accepted.json";

/** A change of the API, compared with a schema that clients may already use. */
export interface ComparedChange extends SchemaChange {
  /** The schema that it was compared with: `the release v1.2.0`. */
  readonly comparedWith: string;
  /** Why clients have to change, if the change is in the list of accepted ones. */
  readonly acceptedBecause?: string | undefined;
}

/** Whether a change needs no decision: it breaks nothing, its deprecation is over, or it was accepted. */
export const isAllowed = ({ criticality, allowedBecause, acceptedBecause }: ComparedChange): boolean =>
  criticality !== "BREAKING" || allowedBecause !== undefined || acceptedBecause !== undefined;

/** Returns the committed schema, and those that clients may already use. */
export async function comparedSchemas(root: string): Promise<BaseSchema[]> {
  const committed = await readFile(join(root, "schema.graphql"), "utf8").catch(() => undefined);
  return [...(committed === undefined ? [] : [{ what: "the committed schema", sdl: committed }]), ...(await baseSchemas(root))];
}

/** Returns the changes that were accepted. @throws Error that describes what is wrong with the file */
export async function readAcceptances(root: string): Promise<readonly Acceptance[]> {
  return parseAcceptances(await readFile(join(root, acceptedFile), "utf8").catch(() => "[]"), acceptedFile);
}

interface Comparing {
  readonly apiSchema: string;
  readonly bases: readonly BaseSchema[];
  readonly accepted: readonly Acceptance[];
  /** `2027-06-30`. */
  readonly today: string;
}

/**
 * Returns what has changed since the other schemas, the breaking changes first. A change since several of them is listed once: as not allowed if one of them
 * has no deprecation that is over.
 */
export async function comparedChanges({ apiSchema, bases, accepted, today }: Comparing): Promise<ComparedChange[]> {
  const reasons = new Map(accepted.flatMap(({ reason, changes }) => changes.map((change) => [change, reason] as const)));
  const found = new Map<string, ComparedChange>();
  for (const { what, sdl } of bases) {
    if (sdl === apiSchema) continue;
    for (const change of await schemaChanges(sdl, apiSchema, today)) {
      const compared = { ...change, comparedWith: what, acceptedBecause: reasons.get(change.message) };
      const known = found.get(change.message);
      if (!known || (isAllowed(known) && !isAllowed(compared))) found.set(change.message, compared);
    }
  }
  return [...found.values()].toSorted((a, b) => order.indexOf(a.criticality) - order.indexOf(b.criticality));
}

const order: readonly Criticality[] = ["BREAKING", "DANGEROUS", "SAFE"];

/** Returns the lines that describe a change: its criticality and path, what it is, and what to do about it. */
export function describedChange(change: ComparedChange): string[] {
  const { criticality, path, message, comparedWith, allowedBecause, acceptedBecause, advice } = change;
  const heading = `${criticality.toLowerCase().padEnd(9)}  ${path}`;
  if (criticality === "SAFE") return [`${heading}: ${message}`];
  const why =
    acceptedBecause !== undefined ? `Accepted: ${acceptedBecause}` : allowedBecause !== undefined ? `Allowed: ${allowedBecause}` : advice;
  return [heading, `  ${message} (compared with ${comparedWith})`, ...(why === undefined ? [] : [`  ${why}`])];
}

export interface SchemaCheckOptions {
  readonly root: string;
  readonly apiSchema: string;
  /** Schema to compare with instead of the committed one and the base of the branch. */
  readonly against?: BaseSchema | undefined;
  /** Whether dangerous changes fail the check, too. */
  readonly failsOnDangerous: boolean;
  readonly today: string;
  readonly say: (line: string) => void;
}

/** `pnpm schema:check`: says what has changed in the API. @returns whether nothing needs a decision */
export async function checkSchema({ root, apiSchema, against, failsOnDangerous, today, say }: SchemaCheckOptions): Promise<boolean> {
  const bases = against ? [against] : await comparedSchemas(root);
  const changes = await comparedChanges({ apiSchema, bases, accepted: await readAcceptances(root), today });
  for (const change of changes) for (const line of describedChange(change)) say(line);
  const open = changes.filter((change) => !isAllowed(change));
  const of = (criticality: Criticality): number => changes.filter((change) => change.criticality === criticality).length;
  say(`${of("BREAKING")} breaking changes, of which ${open.length} are not allowed; ${of("DANGEROUS")} dangerous; ${of("SAFE")} safe.`);
  if (open.length > 0) say(howToAccept);
  return open.length === 0 && !(failsOnDangerous && of("DANGEROUS") > 0);
}

/** What to do about breaking changes that are not allowed. */
export const howToAccept =
  "Keep the old elements, add new ones, and deprecate the old ones with a date. If clients have to change earlier, accept the changes by name: " +
  '`npx --yes pnpm compose --accept "why clients have to change" Type.field …`. Without names, all are accepted.';
