import { Trans } from "@lingui/react/macro";

/** Stands where a list or a text is being loaded. */
export const Placeholders = ({ count = 3 }: { readonly count?: number }) => (
  <div role="status" className="placeholders">
    <span className="hidden">
      <Trans>Loading…</Trans>
    </span>
    {Array.from({ length: count }, (_, index) => (
      <div key={index} className="placeholder" />
    ))}
  </div>
);
