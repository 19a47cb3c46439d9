import { msg } from "@lingui/core/macro";
import type { AuditedEntity, AuditEntryFilter } from "../gql/graphql";
import { parseValue, type FilterField } from "../requests/filters/filter-field";
import { rangeOf } from "../requests/filters/ranges";
import { auditFilterKeys, type AuditFilterKey, type AuditSearch } from "./audit-search";
import { objectTypes } from "./object-types";

/** Whom `me` means, and when it is. */
interface FilterContext {
  readonly viewerId: string;
  readonly now: Date;
}

interface AuditFilterField extends FilterField {
  readonly toFilter: (values: readonly string[], context: FilterContext) => AuditEntryFilter;
}

/** A whole action: `request.create`. Anything else is a part of one. */
const isAction = /^[a-z]\w*\.\w+$/i;

/** The conditions that the trail can be filtered by, by their names in the address. */
export const auditFields = {
  actor: {
    title: msg`Actor`,
    kind: "people",
    permission: "user.read",
    toFilter: (values, { viewerId }) => ({ actorId: { in: values.map((value) => (value === "me" ? viewerId : value)) } }),
  },
  action: {
    title: msg`Action`,
    kind: "text",
    toFilter: (values) => ({ or: values.map((value) => ({ action: isAction.test(value) ? { eq: value } : { contains: value } })) }),
  },
  type: {
    title: msg`Type of object`,
    kind: "choice",
    choices: objectTypes,
    toFilter: (values) => ({ entityType: { in: values as AuditedEntity[] } }),
  },
  object: { title: msg`Object`, kind: "objects", toFilter: (values) => ({ entityId: { in: [...values] } }) },
  key: { title: msg`API key`, kind: "text", isOfLinks: true, toFilter: (values) => ({ apiKeyId: { in: [...values] } }) },
  at: { title: msg`Time`, kind: "dates", toFilter: ([value = ""], { now }) => ({ at: rangeOf(value, now) }) },
} as const satisfies Record<AuditFilterKey, AuditFilterField>;

/** Returns the filter of the API for the filters of the address. Null if there are none. */
export function auditFilter(search: AuditSearch, context: FilterContext): AuditEntryFilter | null {
  const all: AuditEntryFilter[] = [];
  for (const key of auditFilterKeys) {
    const { isNegated, values } = parseValue(search[key] ?? "");
    if (values.length === 0) continue;
    const field: AuditFilterField = auditFields[key];
    const filter = field.toFilter(values, context);
    all.push(isNegated ? { not: filter } : filter);
  }
  return all.length === 0 ? null : { and: all };
}
