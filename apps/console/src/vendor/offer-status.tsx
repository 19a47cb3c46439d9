import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import type { VendorOfferStatus } from "../gql/graphql";

const titles = {
  OPEN: msg`Open`,
  ACCEPTED: msg`Accepted`,
  DECLINED: msg`Declined`,
  EXPIRED: msg`Expired`,
  WITHDRAWN: msg`Withdrawn`,
} as const;

export function OfferStatus({ status }: { readonly status: VendorOfferStatus }) {
  const { i18n } = useLingui();
  return (
    <span className="pill" data-stage={status === "ACCEPTED" ? "done" : "ended"}>
      {i18n._(titles[status])}
    </span>
  );
}
