/** Reads the expressions by which messages become events from an input, and validates them. */
import { compileMapping } from "@weft/engine";
import { Forbidden, type Problem, quote } from "@weft/shared/errors";
import { suggestionFor, textProblems } from "@weft/shared/texts";
import { hasPermission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findCustomType, selectCustomTypes } from "../types/event-type.store.js";
import type { MappingRow } from "./mapped-event.js";

const MAX_EXPRESSION_CHARS = 2_000;

export type MappingTerms = Pick<MappingRow, "eventType" | "condition" | "subject"> & { readonly payload: Record<string, unknown> | null };

/** The expressions of an input. Omitted ones stay unchanged. */
export interface GivenMapping {
  readonly eventType?: string | null;
  readonly condition?: string | null;
  readonly payload?: unknown;
  readonly subject?: string | null;
}

/** Returns what is wrong with the form of an input. Without these problems, `mappingTerms` can read it. */
export function mappingShapeProblems({ eventType, condition, subject, payload }: GivenMapping): Problem[] {
  const isObject = typeof payload === "object" && !Array.isArray(payload);
  return [
    ...textProblems("input.eventType", eventType, { max: 100 }),
    ...textProblems("input.condition", condition, { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true }),
    ...textProblems("input.subject", subject, { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true }),
    ...(payload === undefined || isObject
      ? []
      : [
          {
            path: "input.payload",
            message: 'Expected an object with an expression for each property, for example { title: "body.title" }.',
          },
        ]),
  ];
}

/** Applies an input to the expressions before. */
export function mappingTerms(before: MappingTerms, given: GivenMapping): MappingTerms {
  const expression = (value: string | null | undefined, old: string | null): string | null =>
    value === undefined ? old : value === null || value.trim() === "" ? null : value.trim();
  return {
    eventType: typeof given.eventType === "string" ? given.eventType : before.eventType,
    condition: expression(given.condition, before.condition) ?? "",
    payload: given.payload === undefined ? before.payload : (given.payload as MappingTerms["payload"]),
    subject: expression(given.subject, before.subject),
  };
}

/** Returns what is wrong with the expressions, and with the type if the input gives one. */
export async function mappingProblems(tx: Tx, terms: MappingTerms, given: GivenMapping): Promise<Problem[]> {
  return [
    ...compileMapping(terms).problems.map(({ path, message }) => ({ path: `input.${path}`, message })),
    ...(typeof given.eventType === "string" ? await typeProblems(tx, terms.eventType) : []),
  ];
}

async function typeProblems(tx: Tx, name: string): Promise<Problem[]> {
  if ((await findCustomType(tx, name)) !== null) return [];
  const hint = suggestionFor(
    name,
    (await selectCustomTypes(tx)).map((type) => type.name),
  );
  return [{ path: "input.eventType", message: `There is no declared type ${quote(name)}. Declare it with declareEventType.${hint}` }];
}

/** Events are published in the name of the user who saves the webhook or the trigger. It is checked again for each message. @throws Forbidden */
export function assertMayPublish({ viewer }: Context, noun: "webhook" | "trigger"): void {
  if (!hasPermission(viewer, "event.publish"))
    throw new Forbidden(`The ${noun} would publish events in your name, and you do not have the permission event.publish.`);
}
