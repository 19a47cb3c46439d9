import { Trans } from "@lingui/react/macro";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { Message } from "../frame/messages";

/** As high as the head of a request, so that nothing moves when it comes. */
export const Loading = () => (
  <div className="request">
    <div className="request-main" role="status">
      <span className="hidden">
        <Trans>Loading…</Trans>
      </span>
      <div className="placeholder" />
      <div className="placeholder high" />
      <div className="placeholder high" />
    </div>
    <div className="request-side">
      <div className="placeholder high" />
    </div>
  </div>
);

export const NoRequest = () => <Message title={<Trans>There is no such request, or you cannot see it.</Trans>} />;

export const Failed = ({ error }: { readonly error: WeftError | null }) => (
  <Message title={<Trans>The request could not be loaded.</Trans>}>
    <ErrorMessage error={error} />
  </Message>
);
