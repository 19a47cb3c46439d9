import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";

/** What is shown in place of a page that has failed because of a mistake of ours. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="message" role="alert">
        <Failure error={error} />
      </main>
    );
  }
}

/** The same within the frame: the navigation stays, and another page can be opened. */
export const PageFailed = ({ error }: { readonly error: unknown }) => (
  <div className="message" role="alert">
    <Failure error={error} />
  </div>
);

const Failure = ({ error }: { readonly error: unknown }) => (
  <>
    <h2>
      <Trans>Something went wrong on this page.</Trans>
    </h2>
    {error instanceof Error && <p>{error.message}</p>}
    <Button onClick={() => location.reload()}>
      <Trans>Load the page again</Trans>
    </Button>
  </>
);
