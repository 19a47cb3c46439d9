import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { PrivacyRequestFilter, PrivacyRequestKind, PrivacyRequestStatus } from "../gql/graphql";
import { parseValue, type FilterField } from "../requests/filters/filter-field";
import { rangeOf } from "../requests/filters/ranges";
import { privacyFilterKeys, type PrivacySearch } from "./privacy-search";

export const kinds: Readonly<Record<PrivacyRequestKind, MessageDescriptor>> = {
  EXPORT: msg`Export of data`,
  ANONYMISE: msg`Anonymization`,
  ERASE: msg`Erasure`,
};

export const statuses: Readonly<Record<PrivacyRequestStatus, MessageDescriptor>> = {
  REQUESTED: msg`Waits for a decision`,
  APPROVED: msg`Under way`,
  COMPLETED: msg`Done`,
  DECLINED: msg`Declined`,
  WITHDRAWN: msg`Withdrawn`,
  FAILED: msg`Failed`,
};

interface PrivacyFilterField extends FilterField {
  readonly toFilter: (values: readonly string[], now: Date) => PrivacyRequestFilter;
}

/** The conditions that requests can be filtered by, by their names in the address. */
export const privacyFields = {
  kind: { title: msg`Kind`, kind: "choice", choices: kinds, toFilter: (values) => ({ kind: { in: values as PrivacyRequestKind[] } }) },
  status: {
    title: msg`Status`,
    kind: "choice",
    choices: statuses,
    toFilter: (values) => ({ status: { in: values as PrivacyRequestStatus[] } }),
  },
  created: { title: msg`Created`, kind: "dates", toFilter: ([value = ""], now) => ({ createdAt: rangeOf(value, now) }) },
} as const satisfies Record<(typeof privacyFilterKeys)[number], PrivacyFilterField>;

/** Returns the filter of the API for the filters of the address. Null if there are none. */
export function privacyFilter(search: PrivacySearch, now: Date): PrivacyRequestFilter | null {
  const all: PrivacyRequestFilter[] = [];
  for (const key of privacyFilterKeys) {
    const { isNegated, values } = parseValue(search[key] ?? "");
    if (values.length === 0) continue;
    const field: PrivacyFilterField = privacyFields[key];
    const filter = field.toFilter(values, now);
    all.push(isNegated ? { not: filter } : filter);
  }
  return all.length === 0 ? null : { and: all };
}
