import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { dayText } from "../formats/days";
import type { VendorDocumentStatus } from "../gql/graphql";
import type { VendorDocuments } from "./vendor-operations";

const titles = { SUBMITTED: msg`Waits for its review`, ACCEPTED: msg`Accepted`, REJECTED: msg`Rejected` } as const;
const stages = { SUBMITTED: "confirm", ACCEPTED: "done", REJECTED: "bad" } as const;

export function DocumentStatus({ status, isExpired }: { readonly status: VendorDocumentStatus; readonly isExpired: boolean }) {
  const { i18n, t } = useLingui();
  return (
    <span className="pill" data-stage={isExpired ? "bad" : stages[status]}>
      {isExpired ? t`Expired` : i18n._(titles[status])}
    </span>
  );
}

type MissingDocument = NonNullable<NonNullable<NonNullable<VendorDocuments["me"]>["vendor"]>["missingDocuments"]>[number];

/** A required document, and why the vendor does not have it. */
export function Missing({ missing: { kind, reason, expiredAt, document } }: { readonly missing: MissingDocument }) {
  const { i18n } = useLingui();
  const name = document?.title ?? kind;
  const since = expiredAt === null ? "" : dayText(expiredAt, i18n.locale);
  switch (reason) {
    case "EXPIRED":
      return (
        <Trans>
          {name}: expired on {since}.
        </Trans>
      );
    case "NOT_REVIEWED":
      return <Trans>{name}: waits for its review.</Trans>;
    case "REJECTED":
      return <Trans>{name}: was rejected. Hand in another one.</Trans>;
    case "MISSING":
      return <Trans>{name}: is missing.</Trans>;
  }
}
